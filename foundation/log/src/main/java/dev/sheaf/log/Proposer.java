package dev.sheaf.log;

import dev.sheaf.log.Follower.Stage;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The owner's part in one log, for one term. Not thread-safe.
 *
 * <ol>
 *   <li>{@link #start} asks all acceptors for their vote. The majority's most advanced voter, by
 *       {@link LogPosition}, is the donor: its log becomes the leader's, and the leader's term
 *       begins where it ends.
 *   <li>Each acceptor that answers is made to follow: cut at the common point, then fed, from the
 *       window in memory or from a donor's disk.
 *   <li>A position is committed once a majority has it fsynced and follows this leader; nothing is
 *       committed by counting before the majority has reached the term's start (Raft, figure 8).
 * </ol>
 *
 * <p>Every method returns the effects to carry out, in order. Replies may come late, twice or out
 * of order. A greater term anywhere fences the proposer for good. A new proposer needs a new term,
 * also in the same process.
 */
public final class Proposer {

  /**
   * @param batchBytes target size of one append request; a larger record travels alone
   * @param pendingBytes bytes of uncommitted log held in memory before proposals are refused
   * @param cacheBytes bytes of the log's end kept for acceptors that are behind
   */
  public record Limits(int batchBytes, long pendingBytes, long cacheBytes) {
    public static final Limits DEFAULT = new Limits(1 << 20, 64L << 20, 4L << 20);
  }

  private final Term term;
  private final long candidate;
  private final Configuration configuration;
  private final Limits limits;
  private final Map<NodeId, Follower> followers = new TreeMap<>();
  private final List<ProposerEffect> effects = new ArrayList<>();

  /** Known when the election is decided. */
  private @Nullable TermHistory history;

  private Lsn termStart = Lsn.ZERO;
  private RecordWindow window = new RecordWindow(Lsn.ZERO);
  private Lsn logStart = Lsn.ZERO;
  private Lsn commit = Lsn.ZERO;
  private boolean recovered;
  private boolean fenced;

  /**
   * @param term granted to this proposer alone
   * @param candidate a number that no other proposer has, not even this one's predecessor in the
   *     same process
   */
  public Proposer(Term term, long candidate, Configuration configuration, Limits limits) {
    if (term.compareTo(Term.NONE) <= 0) {
      throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "not a granted term: " + term);
    }
    this.term = term;
    this.candidate = candidate;
    this.configuration = configuration;
    this.limits = limits;
    configuration.all().forEach(node -> followers.put(node, new Follower(node)));
  }

  // ---- what the shell reports

  /** Begins the election. */
  public List<ProposerEffect> start() {
    followers.values().forEach(this::ask);
    return drain();
  }

  /** An acceptor answered. */
  public List<ProposerEffect> received(NodeId from, Reply reply) {
    Follower follower = followers.get(from);
    if (fenced || follower == null) {
      return List.of();
    }
    switch (reply) {
      case Reply.Refused refused -> {
        fenced = true;
        effects.add(new ProposerEffect.Fenced(refused.promised()));
      }
      case Reply.Standing standing -> onStanding(follower, standing);
      case Reply.Synced synced -> onSynced(follower, synced);
    }
    return drain();
  }

  /** A request to an acceptor got no answer: it may or may not have been processed. */
  public List<ProposerEffect> failed(NodeId node) {
    Follower follower = followers.get(node);
    if (!fenced && follower != null && follower.stage() != Stage.AWAY) {
      leave(follower);
    }
    return drain();
  }

  /** Time has passed since {@link ProposerEffect.RetryLater}. */
  public List<ProposerEffect> retry(NodeId node) {
    Follower follower = followers.get(node);
    if (!fenced && follower != null && follower.stage() == Stage.AWAY) {
      ask(follower);
    }
    return drain();
  }

  /** A donor delivered whole frames for a follower. */
  public List<ProposerEffect> fetched(NodeId reader, Lsn begin, byte[] frames) {
    Follower follower = followers.get(reader);
    if (!fenced && follower != null && follower.isFollowing()) {
      follower.release();
      follower.failedDonors.clear();
      if (follower.flush().equals(begin) && frames.length > 0) {
        append(follower, frames);
      } else {
        advance(follower);
      }
    }
    return drain();
  }

  /** A donor could not deliver: another one is tried after a while. */
  public List<ProposerEffect> fetchFailed(NodeId donor, NodeId reader) {
    Follower follower = followers.get(reader);
    if (!fenced && follower != null && follower.isFollowing()) {
      follower.failedDonors.add(donor);
      leave(follower);
    }
    return drain();
  }

  // ---- what the owner asks for

  /**
   * A record's place in the log, and the effects of proposing it.
   *
   * @param end the position after the record: it is durable once this is committed
   */
  public record Proposal(Lsn end, List<ProposerEffect> effects) {}

  /**
   * Proposes a record at the log's end.
   *
   * @throws SheafException 55000 before the election is won or after fencing, 53400 too many bytes
   *     wait for their commit, 54000 the record is too large; nothing was proposed then
   */
  public Proposal propose(byte[] payload) {
    if (fenced || !recovered) {
      throw new SheafException(
          ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, "not the log's leader in term " + term);
    }
    byte[] frame = RecordFrame.encode(window.end(), payload);
    long pending = window.end().value() - commit.value();
    if (pending > 0 && pending + frame.length > limits.pendingBytes) {
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              pending + " bytes of log wait for a majority of the safekeepers")
          .withHint("Try again later; check that the safekeepers are up if this lasts.");
    }
    window.add(frame);
    followers.values().forEach(this::advance);
    return new Proposal(window.end(), drain());
  }

  /** Lets the acceptors forget what lies below a published position. */
  public List<ProposerEffect> forget(Lsn published) {
    Lsn below = published.isBefore(commit) ? published : commit;
    if (!fenced && logStart.isBefore(below)) {
      logStart = below;
      followers.values().forEach(this::advance);
    }
    return drain();
  }

  /** Everything below is forgotten or may be at any time. */
  public Lsn logStart() {
    return logStart;
  }

  public Lsn end() {
    return window.end();
  }

  public Lsn commit() {
    return commit;
  }

  /** Whether the election is won, the earlier terms' log is safe, and no greater term was seen. */
  public boolean isLeader() {
    return recovered && !fenced;
  }

  /** Acceptors that hold the record at a position, best first. */
  public List<NodeId> holders(Lsn position) {
    return followers.values().stream()
        .filter(each -> each.holds(position))
        .sorted(Comparator.comparing(Follower::flush).reversed())
        .map(each -> each.node)
        .toList();
  }

  // ---- election

  private void ask(Follower follower) {
    follower.enter(Stage.ASKED);
    send(follower, new Request.Vote(term, candidate, configuration));
  }

  private void onStanding(Follower follower, Reply.Standing standing) {
    if (!standing.promised().equals(term) || standing.candidate() != candidate) {
      // It has not heard of this term: it restarted without it, or this reply is an old one.
      ask(follower);
      return;
    }
    switch (follower.stage()) {
      case ASKED, AWAY -> {
        logStart = max(logStart, standing.start());
        follower.vote(standing);
        if (history != null) {
          sync(follower, standing, history);
        } else if (configuration.isQuorum(node -> voteOf(node) != null)) {
          win();
        }
      }
      // It found another common point, or this is an old reply: ask again, but not in a tight loop.
      case SYNCING -> leave(follower);
      case VOTED, FOLLOWING -> {}
    }
  }

  private Reply.@Nullable Standing voteOf(NodeId node) {
    Follower follower = followers.get(node);
    return follower != null && follower.stage() == Stage.VOTED ? follower.standing() : null;
  }

  /** The donor is the most advanced voter: whatever was committed, it holds. */
  private void win() {
    List<Reply.Standing> votes = new ArrayList<>();
    for (NodeId node : followers.keySet()) {
      Reply.Standing vote = voteOf(node);
      if (vote != null) {
        votes.add(vote);
      }
    }
    Reply.Standing donor =
        votes.stream().max(Comparator.comparing(Reply.Standing::position)).orElseThrow();
    termStart = donor.flush();
    commit = logStart;
    window = new RecordWindow(termStart);
    TermHistory leading = donor.history().extend(term, termStart);
    history = leading;
    for (Follower follower : followers.values()) {
      Reply.Standing vote = voteOf(follower.node);
      if (vote != null) {
        sync(follower, vote, leading);
      }
    }
  }

  private void sync(Follower follower, Reply.Standing standing, TermHistory leading) {
    Optional<Lsn> common = leading.commonPoint(window.end(), standing.history(), standing.flush());
    Lsn at = common.isPresent() ? max(common.get(), logStart) : logStart;
    follower.enter(Stage.SYNCING);
    send(follower, new Request.Elected(term, candidate, configuration, at, logStart, leading));
  }

  // ---- replication

  private void onSynced(Follower follower, Reply.Synced synced) {
    if (!synced.term().equals(term) || history == null) {
      return;
    }
    if (end().isBefore(synced.flush())) {
      leave(follower); // no follower can be ahead of its leader: do not believe it
      return;
    }
    follower.synced(synced);
    advanceCommit();
    followers.values().forEach(this::advance);
  }

  private void advanceCommit() {
    if (!configuration.isQuorum(node -> isPastStart(followers.get(node)))) {
      return;
    }
    Lsn reached = configuration.quorumPosition(this::countedFlush);
    if (commit.isBefore(reached) || !recovered) {
      recovered = true;
      commit = max(commit, reached);
      effects.add(new ProposerEffect.Committed(commit));
      window.trim(commit, limits.cacheBytes);
    }
  }

  /** Before the term's start a position says nothing: a later leader could still cut it off. */
  private Lsn countedFlush(NodeId node) {
    Follower follower = followers.get(node);
    return follower != null && isPastStart(follower) ? follower.flush() : Lsn.ZERO;
  }

  private boolean isPastStart(@Nullable Follower follower) {
    return follower != null && follower.hasFollowed() && termStart.compareTo(follower.flush()) <= 0;
  }

  /** Gives a follower that waits its next request. */
  private void advance(Follower follower) {
    if (!follower.isFollowing() || follower.isBusy()) {
      return;
    }
    if (follower.start().isBefore(logStart)) {
      follower.occupy();
      send(
          follower,
          new Request.Forget(term, candidate, configuration.generation(), commit, logStart));
    } else if (follower.flush().isBefore(window.begin())) {
      fetch(follower);
    } else if (follower.flush().isBefore(window.end())) {
      append(follower, window.read(follower.flush(), limits.batchBytes));
    }
  }

  private void append(Follower follower, byte[] frames) {
    follower.occupy();
    send(
        follower,
        new Request.Append(
            term, candidate, configuration.generation(), follower.flush(), frames, commit));
  }

  private void fetch(Follower follower) {
    Optional<NodeId> donor =
        holders(follower.flush()).stream()
            .filter(node -> !follower.failedDonors.contains(node))
            .findFirst();
    if (donor.isPresent()) {
      follower.occupy();
      effects.add(
          new ProposerEffect.Fetch(donor.get(), follower.node, follower.flush(), window.begin()));
    } else if (!follower.failedDonors.isEmpty()) {
      follower.failedDonors.clear();
      leave(follower);
    }
    // Without any holder yet, the next follower that syncs brings this one forward.
  }

  private void leave(Follower follower) {
    follower.enter(Stage.AWAY);
    effects.add(new ProposerEffect.RetryLater(follower.node));
  }

  private void send(Follower follower, Request request) {
    effects.add(new ProposerEffect.Send(follower.node, request));
  }

  private List<ProposerEffect> drain() {
    List<ProposerEffect> drained = List.copyOf(effects);
    effects.clear();
    return drained;
  }

  private static Lsn max(Lsn a, Lsn b) {
    return a.isBefore(b) ? b : a;
  }
}
