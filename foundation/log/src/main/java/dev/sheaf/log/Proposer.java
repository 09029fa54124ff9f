package dev.sheaf.log;

import dev.sheaf.log.Follower.Stage;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.List;
import java.util.Optional;
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
 * <p>Only {@linkplain Member members} count: a node of the configuration that answers with another
 * journal's incarnation lost votes and records. It is fed like the others, and its place in the
 * configuration changed to what it is now when it has a full copy.
 *
 * <p>Members change while records are proposed: {@link #changeMembers} makes the new nodes follow,
 * then asks the shell to store a joint configuration, then the final one ({@link
 * ProposerEffect.StoreConfiguration}, answered by {@link #stored}). A leader that starts with a
 * joint configuration completes the change.
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
  private final Membership membership;
  private final Limits limits;
  private final Followers followers = new Followers();
  private final Outbox outbox;
  private final Departures departures;

  /** Known when the election is decided. */
  private @Nullable TermHistory history;

  private Lsn termStart = Lsn.ZERO;
  private RecordWindow window = new RecordWindow(Lsn.ZERO);
  private Lsn logStart = Lsn.ZERO;
  private Lsn commit = Lsn.ZERO;
  private boolean recovered;
  private boolean fenced;

  /** Whether the configuration has come into force, so that who left may forget. */
  private boolean settled;

  /** Whether there is nothing to change: all members are what the configuration says. */
  private boolean unchanging;

  /**
   * @param term granted to this proposer alone
   * @param candidate a number that no other proposer has, not even this one's predecessor in the
   *     same process
   * @param configuration the newest one stored, read after the term was granted
   */
  public Proposer(Term term, long candidate, Configuration configuration, Limits limits) {
    if (term.compareTo(Term.NONE) <= 0) {
      throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "not a granted term: " + term);
    }
    this.term = term;
    this.candidate = candidate;
    this.outbox = new Outbox(term, candidate);
    this.departures = new Departures(followers, outbox);
    this.membership = new Membership(configuration);
    this.limits = limits;
  }

  // ---- what the shell reports

  /** Begins the election. */
  public List<ProposerEffect> start() {
    follow();
    return outbox.drain();
  }

  /** An acceptor answered. */
  public List<ProposerEffect> received(NodeId from, Reply reply) {
    Follower follower = followers.get(from);
    if (fenced || follower == null) {
      return List.of();
    }
    switch (reply) {
      case Reply.Refused refused -> onRefused(follower, refused);
      case Reply.Standing standing -> onStanding(follower, standing);
      case Reply.Synced synced -> onSynced(follower, synced);
    }
    return outbox.drain();
  }

  /** A request to an acceptor got no answer: it may or may not have been processed. */
  public List<ProposerEffect> failed(NodeId node) {
    Follower follower = followers.get(node);
    if (!fenced && follower != null && follower.stage() != Stage.AWAY) {
      giveUp(follower);
    }
    return outbox.drain();
  }

  /** Time has passed since {@link ProposerEffect.RetryLater}. */
  public List<ProposerEffect> retry(NodeId node) {
    Follower follower = followers.get(node);
    if (!fenced && follower != null) {
      if (follower.stage() == Stage.AWAY) {
        ask(follower);
      } else if (follower.isLeaving() && settled) {
        departures.tell(follower, configuration());
      }
    }
    return outbox.drain();
  }

  /** A donor delivered whole frames for a follower. */
  public List<ProposerEffect> fetched(NodeId reader, Lsn begin, byte[] frames) {
    Follower follower = followers.get(reader);
    if (!fenced && follower != null && follower.isFollowing()) {
      follower.release();
      follower.failedDonors.clear();
      if (follower.flush().equals(begin) && frames.length > 0) {
        outbox.append(follower, configuration(), frames, commit);
      } else {
        advance(follower);
      }
    }
    return outbox.drain();
  }

  /** A donor could not deliver: another one is tried after a while. */
  public List<ProposerEffect> fetchFailed(NodeId donor, NodeId reader) {
    Follower follower = followers.get(reader);
    if (!fenced && follower != null && follower.isFollowing()) {
      follower.failedDonors.add(donor);
      leave(follower);
    }
    return outbox.drain();
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
    checkLeads();
    byte[] frame = RecordFrame.encode(window.end(), payload);
    long pending = window.end().value() - commit.value();
    if (pending > 0 && pending + frame.length > limits.pendingBytes) {
      throw new SheafException(
              ErrorCode.CONFIGURATION_LIMIT_EXCEEDED,
              pending + " bytes of log wait for a majority of the safekeepers")
          .withHint("Try again later; check that the safekeepers are up if this lasts.");
    }
    window.add(frame);
    followers.all().forEach(this::advance);
    return new Proposal(window.end(), outbox.drain());
  }

  private void checkLeads() {
    if (!isLeader()) {
      throw new SheafException(
          ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, "not the log's leader in term " + term);
    }
  }

  /** Lets the acceptors forget what lies below a published position. */
  public List<ProposerEffect> forget(Lsn published) {
    Lsn below = published.isBefore(commit) ? published : commit;
    if (!fenced && logStart.isBefore(below)) {
      logStart = below;
      followers.all().forEach(this::advance);
    }
    return outbox.drain();
  }

  /**
   * Makes these nodes the members, each with the journal that it has now. Ends in {@link
   * ProposerEffect.MembersChanged}. Repeating it while it is under way changes nothing.
   *
   * @throws SheafException 55000 not the leader, 55006 another change is under way, 22023 no nodes
   */
  public List<ProposerEffect> changeMembers(List<NodeId> nodes) {
    checkLeads();
    membership.aim(nodes);
    unchanging = false;
    follow();
    advanceChange();
    return outbox.drain();
  }

  /** Forgets a change of members, if no configuration for it may have been stored yet. */
  public List<ProposerEffect> abandonChange() {
    if (!fenced && membership.forgetAim()) {
      followers.keepOnly(membership.nodes());
    }
    return outbox.drain();
  }

  /**
   * Lets a node that is no member, and is not about to be, drop what it may still have of the log.
   * Does nothing unless {@link #isSettled}.
   */
  public List<ProposerEffect> retire(NodeId node) {
    if (!fenced && isSettled() && !membership.nodes().contains(node)) {
      departures.begin(node, configuration());
    }
    return outbox.drain();
  }

  /** Whether the configuration is in force: whoever is no member of it is not needed any more. */
  public boolean isSettled() {
    return settled && isLeader();
  }

  /**
   * Answers {@link ProposerEffect.StoreConfiguration}.
   *
   * @param now what is stored for certain, be it what was asked for or not
   */
  public List<ProposerEffect> stored(Configuration now) {
    if (fenced) {
      return outbox.drain();
    }
    boolean aimed = membership.isAiming();
    switch (membership.stored(now)) {
      case ADOPTED -> {
        settled = false;
        unchanging = false;
        follow();
        if (aimed && !membership.isAiming()) {
          outbox.add(new ProposerEffect.MembersChanged(now)); // taken back
        }
        advanceCommit();
        advanceChange();
        followers.all().forEach(this::advance);
      }
      case UNCHANGED -> advanceChange();
      case FOREIGN -> fence(term);
    }
    return outbox.drain();
  }

  /** The configuration that decides now. */
  public Configuration configuration() {
    return membership.configuration();
  }

  /** How each node of the log stands, in order. */
  public List<NodeStanding> standings() {
    return followers.standings(configuration());
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
    return followers.holders(position);
  }

  // ---- election

  private void follow() {
    followers.follow(membership.nodes(), configuration().generation()).forEach(this::ask);
  }

  private void ask(Follower follower) {
    follower.enter(Stage.ASKED);
    outbox.vote(follower, configuration());
  }

  private void onRefused(Follower follower, Reply.Refused refused) {
    boolean ofOwnChange =
        refused.promised().equals(term)
            && refused.candidate() == candidate
            && refused.generation() <= configuration().generation();
    if (ofOwnChange) {
      giveUp(follower); // the request was older than this leader's own change of members
    } else {
      fence(refused.promised());
    }
  }

  private void fence(Term by) {
    fenced = true;
    outbox.add(new ProposerEffect.Fenced(by));
  }

  private void onStanding(Follower follower, Reply.Standing standing) {
    if (follower.isLeaving()) {
      departures.answered(follower, standing);
      return;
    }
    if (!standing.promised().equals(term) || standing.candidate() != candidate) {
      // It has not heard of this term: it restarted without it, or this reply is an old one.
      ask(follower);
      return;
    }
    switch (follower.stage()) {
      case ASKED, AWAY -> {
        logStart = max(logStart, standing.start());
        commit = max(commit, logStart); // what is forgotten was committed: Forget relies on it
        follower.vote(standing);
        unchanging = false;
        if (history != null) {
          sync(follower, standing, history);
        } else if (followers.haveElected(configuration())) {
          win();
        }
      }
      // It found another common point, or this is an old reply: ask again, but not in a tight loop.
      case SYNCING -> leave(follower);
      case VOTED, FOLLOWING, LEAVING -> {}
    }
  }

  private void win() {
    Reply.Standing donor = followers.donor(configuration());
    termStart = donor.flush();
    commit = logStart;
    window = new RecordWindow(termStart);
    TermHistory leading = donor.history().extend(term, termStart);
    history = leading;
    for (Follower follower : followers.all()) {
      Reply.Standing vote = follower.standing();
      if (vote != null && follower.hasVoted()) {
        sync(follower, vote, leading);
      }
    }
  }

  private void sync(Follower follower, Reply.Standing standing, TermHistory leading) {
    Optional<Lsn> common = leading.commonPoint(window.end(), standing.history(), standing.flush());
    Lsn at = common.isPresent() ? max(common.get(), logStart) : logStart;
    follower.enter(Stage.SYNCING);
    outbox.elected(follower, configuration(), at, logStart, leading);
  }

  // ---- replication

  private void onSynced(Follower follower, Reply.Synced synced) {
    if (!synced.term().equals(term) || history == null || follower.isOutdated(synced)) {
      return;
    }
    if (synced.incarnation() != follower.incarnation() || end().isBefore(synced.flush())) {
      leave(follower); // of another journal, or ahead of its leader: do not believe it
      return;
    }
    follower.synced(synced);
    advanceCommit();
    advanceChange();
    followers.all().forEach(this::advance);
  }

  private void advanceCommit() {
    if (!followers.arePast(termStart, configuration())) {
      return;
    }
    Lsn reached = followers.quorumPosition(termStart, configuration());
    if (commit.isBefore(reached) || !recovered) {
      recovered = true;
      commit = max(commit, reached);
      outbox.add(new ProposerEffect.Committed(commit));
      window.trim(commit, limits.cacheBytes);
    }
  }

  /** Gives a follower that waits its next request. */
  private void advance(Follower follower) {
    if (!follower.isFollowing() || follower.isBusy()) {
      return;
    }
    if (follower.generation() < configuration().generation()) {
      outbox.configure(follower, configuration());
    } else if (follower.start().isBefore(logStart)) {
      outbox.forget(follower, configuration(), commit, logStart);
    } else if (follower.flush().isBefore(window.begin())) {
      fetch(follower);
    } else if (follower.flush().isBefore(window.end())) {
      byte[] frames = window.read(follower.flush(), limits.batchBytes);
      outbox.append(follower, configuration(), frames, commit);
    }
  }

  private void fetch(Follower follower) {
    Optional<NodeId> donor = followers.donorFor(follower);
    if (donor.isPresent()) {
      outbox.fetch(donor.get(), follower, window.begin());
    } else if (!follower.failedDonors.isEmpty()) {
      follower.failedDonors.clear();
      leave(follower);
    }
    // Without any holder yet, the next follower that syncs brings this one forward.
  }

  // ---- change of members

  private void advanceChange() {
    Configuration now = configuration();
    if (unchanging || !isLeader() || membership.isStoring() || !followers.obey(now, commit)) {
      return;
    }
    if (now.isJoint()) {
      store(now.completed());
      return;
    }
    if (!settled) {
      settled = true;
      departures.tellAll(configuration());
    }
    Optional<List<Member>> wanted = membership.wanted(followers, this::isClose);
    if (wanted.isEmpty()) {
      return;
    }
    if (!wanted.get().equals(now.members())) {
      store(now.joint(wanted.get()));
      return;
    }
    if (membership.isAiming()) {
      membership.reached();
      outbox.add(new ProposerEffect.MembersChanged(now));
    }
    unchanging = followers.areAll(now.members());
  }

  /** Whether what it lacks is in memory, so that waiting for it as a member will not take long. */
  private boolean isClose(Follower follower) {
    return follower.isFollowing() && window.begin().compareTo(follower.flush()) <= 0;
  }

  private void store(Configuration next) {
    outbox.add(new ProposerEffect.StoreConfiguration(configuration(), membership.store(next)));
  }

  /** No answer, or one that leads nowhere. */
  private void giveUp(Follower follower) {
    if (follower.isLeaving()) {
      follower.release();
      outbox.retryLater(follower);
    } else {
      leave(follower);
    }
  }

  private void leave(Follower follower) {
    follower.enter(Stage.AWAY);
    outbox.retryLater(follower);
  }

  private static Lsn max(Lsn a, Lsn b) {
    return a.isBefore(b) ? b : a;
  }
}
