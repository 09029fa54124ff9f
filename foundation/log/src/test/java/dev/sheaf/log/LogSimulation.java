package dev.sheaf.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One random life of a replicated log, all of it drawn from one seed: messages are delivered in any
 * order, late, twice or never; acceptors lose what they had not synced, and some their whole disk;
 * proposers die and compete; members come, go and are taken back. The invariants are checked
 * whenever a proposer says that something is committed.
 */
final class LogSimulation {
  private static final Proposer.Limits SMALL = new Proposer.Limits(60, 400, 80);
  private static final int NODES = 6;

  private final Random random;

  /** In coordination: changed by compare-and-swap only. */
  private Configuration stored;

  /** Everything that was ever stored: whoever is slow acts on what it read long ago. */
  private final List<Configuration> chain = new ArrayList<>();

  private final Map<NodeId, SimulatedAcceptor> acceptors = new TreeMap<>();
  private final List<Runnable> network = new ArrayList<>();
  private final List<Owner> owners = new ArrayList<>();

  /** Every record that was ever said to be committed. */
  private final TreeMap<Lsn, byte[]> committed = new TreeMap<>();

  /** What the leader of each term proposed, by the record's start. */
  private final Map<Term, TreeMap<Lsn, byte[]>> proposed = new HashMap<>();

  private final Map<Term, Long> leaders = new HashMap<>();
  private Lsn forgotten = Lsn.ZERO;
  private long lastTerm;
  private long lastCandidate;
  private int lastRecord;
  private boolean healed;

  LogSimulation(long seed) {
    random = new Random(seed);
    for (int i = 0; i < NODES; i++) {
      NodeId node = new NodeId("n" + i);
      acceptors.put(node, new SimulatedAcceptor(node));
    }
    int count = List.of(1, 3, 3, 3, 5).get(random.nextInt(5));
    List<Member> members = new ArrayList<>(members(0, count));
    if (count > 1 && random.nextInt(4) == 0) {
      members.set(0, new Member(members.getFirst().node(), Member.NOT_ADMITTED));
    }
    boolean joint = count == 3 && random.nextInt(4) == 0;
    store(new Configuration(1, members, joint ? members(1, 3) : List.of()));
  }

  private void store(Configuration next) {
    stored = next;
    chain.add(next);
  }

  private List<Member> members(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(i -> acceptors.get(new NodeId("n" + i)).member())
        .toList();
  }

  private List<NodeId> anyNodes() {
    List<NodeId> nodes = new ArrayList<>(acceptors.keySet());
    Collections.shuffle(nodes, random);
    return List.copyOf(nodes.subList(0, List.of(1, 3, 3, 3, 5).get(random.nextInt(5))));
  }

  /** Records committed in all. */
  int committedCount() {
    return committed.size();
  }

  /** A proposer with the shell around it. */
  private final class Owner {
    final Term term;
    final Proposer proposer;
    final List<NodeId> away = new ArrayList<>();
    final List<ProposerEffect.StoreConfiguration> storing = new ArrayList<>();

    private TermHistory history = TermHistory.EMPTY;
    private Lsn checked = Lsn.ZERO;

    Owner(Term term, Configuration read) {
      this.term = term;
      this.candidate = ++lastCandidate;
      this.proposer = new Proposer(term, candidate, read, SMALL);
      carryOut(proposer.start());
    }

    final long candidate;

    void propose() {
      byte[] payload = (term + ":" + ++lastRecord + "x".repeat(random.nextInt(40))).getBytes(UTF_8);
      Lsn start = proposer.end();
      try {
        Proposer.Proposal proposal = proposer.propose(payload);
        proposed.computeIfAbsent(term, t -> new TreeMap<>()).put(start, payload);
        carryOut(proposal.effects());
      } catch (SheafException refused) {
        assertThat(refused.sqlState()).isEqualTo("53400");
      }
    }

    void forget() {
      List<Lsn> candidates = new ArrayList<>(committed.headMap(proposer.commit()).keySet());
      if (!candidates.isEmpty()) {
        Lsn below = candidates.get(random.nextInt(candidates.size()));
        forgotten = max(forgotten, below);
        carryOut(proposer.forget(below));
      }
    }

    void changeMembers(List<NodeId> nodes) {
      try {
        carryOut(proposer.changeMembers(nodes));
      } catch (SheafException refused) {
        assertThat(refused.sqlState()).isEqualTo("55006");
      }
    }

    void carryOut(List<ProposerEffect> effects) {
      for (ProposerEffect effect : effects) {
        switch (effect) {
          case ProposerEffect.Send send -> send(send);
          case ProposerEffect.Fetch fetch -> post(() -> fetch(fetch));
          case ProposerEffect.RetryLater later -> away.add(later.node());
          case ProposerEffect.Committed(Lsn commit) -> checkCommit(this, commit);
          case ProposerEffect.StoreConfiguration store -> {
            storing.add(store);
            post(() -> store(store));
          }
          case ProposerEffect.MembersChanged(Configuration now) ->
              assertThat(now.isJoint()).isFalse();
          case ProposerEffect.Fenced fenced -> assertThat(proposer.isLeader()).isFalse();
        }
      }
    }

    private void send(ProposerEffect.Send send) {
      SimulatedAcceptor acceptor = acceptors.get(send.to());
      if (send.request() instanceof Request.Elected elected) {
        history = elected.history();
      }
      post(() ->
          acceptor.receive(
              send.request(),
              reply -> post(() -> whileAlive(() -> proposer.received(send.to(), reply)))));
    }

    /** The answer may be lost: then the shell does it again. */
    private void store(ProposerEffect.StoreConfiguration store) {
      if (stored.equals(store.now())) {
        LogSimulation.this.store(store.next());
      }
      Configuration now = stored;
      post(() ->
          whileAlive(() -> {
            storing.remove(store);
            return proposer.stored(now);
          }));
    }

    private void fetch(ProposerEffect.Fetch fetch) {
      SimulatedAcceptor donor = acceptors.get(fetch.donor());
      if (!donor.isReadableBy(term) || fetch.begin().isBefore(donor.durable().start())) {
        whileAlive(() -> proposer.fetchFailed(fetch.donor(), fetch.reader()));
        return;
      }
      byte[] frames = donor.read(fetch.begin(), fetch.end(), 1 + random.nextInt(3));
      post(() -> whileAlive(() -> proposer.fetched(fetch.reader(), fetch.begin(), frames)));
    }

    private void whileAlive(Supplier<List<ProposerEffect>> step) {
      if (owners.contains(this)) {
        carryOut(step.get());
      }
    }

    /** What the owner's log holds according to its history of terms. */
    TreeMap<Lsn, byte[]> content(Lsn from, Lsn to) {
      TreeMap<Lsn, byte[]> content = new TreeMap<>();
      List<TermHistory.Entry> entries = history.entries();
      for (int i = 0; i < entries.size(); i++) {
        Lsn begin = max(from, entries.get(i).start());
        Lsn end = i + 1 < entries.size() ? min(to, entries.get(i + 1).start()) : to;
        TreeMap<Lsn, byte[]> written = proposed.get(entries.get(i).term());
        if (written != null && begin.isBefore(end)) {
          content.putAll(written.subMap(begin, end));
        }
      }
      return content;
    }

    void retrySome() {
      List<NodeId> nodes = List.copyOf(away);
      away.clear();
      nodes.forEach(node -> carryOut(proposer.retry(node)));
      storing.forEach(store -> post(() -> store(store)));
    }

    boolean isIdle() {
      return away.isEmpty() && storing.isEmpty();
    }

    void timeOutSome() {
      carryOut(proposer.failed(anyAcceptor().node));
    }
  }

  private void post(Runnable delivery) {
    network.add(delivery);
    if (!healed && random.nextInt(20) == 0) {
      network.add(delivery);
    }
  }

  void run(int steps) {
    startOwner();
    for (int i = 0; i < steps; i++) {
      step();
    }
    heal();
  }

  private void step() {
    int dice = random.nextInt(1000);
    if (dice < 500) {
      deliverOne();
    } else if (dice < 700) {
      syncOne();
    } else if (dice < 850) {
      owners.stream().filter(each -> each.proposer.isLeader()).toList().forEach(Owner::propose);
    } else if (dice < 900) {
      owners.get(random.nextInt(owners.size())).retrySome();
    } else if (dice < 940) {
      dropOne();
    } else if (dice < 960) {
      owners.get(random.nextInt(owners.size())).timeOutSome();
    } else if (dice < 975) {
      anyAcceptor().crash(random.nextInt(3));
    } else if (dice < 983) {
      owners.get(random.nextInt(owners.size())).forget();
    } else if (dice < 991) {
      changeSomething();
    } else {
      startOwner();
    }
  }

  private void changeSomething() {
    Owner owner = owners.get(random.nextInt(owners.size()));
    switch (random.nextInt(8)) {
      case 0 -> owner.carryOut(owner.proposer.abandonChange());
      case 1 -> store(stored.isJoint() ? stored.abandoned() : stored);
      case 2, 3 -> wipeOne();
      case 4 -> owner.carryOut(owner.proposer.retire(anyAcceptor().node));
      default -> {
        if (owner.proposer.isLeader()) {
          owner.changeMembers(anyNodes());
        }
      }
    }
  }

  /** At most a minority of the members loses the disk before others have taken their places. */
  private void wipeOne() {
    SimulatedAcceptor acceptor = anyAcceptor();
    boolean bearable =
        stored.isQuorum(member -> isIntact(member) && !member.node().equals(acceptor.node));
    if (bearable) {
      acceptor.wipe();
    }
  }

  private boolean isIntact(Member member) {
    return acceptors.get(member.node()).member().equals(member);
  }

  private void startOwner() {
    if (owners.size() == 3) {
      owners.remove(random.nextInt(owners.size()));
    }
    // Now and then a term is granted twice: the second owner must not get anywhere by it.
    boolean again = lastTerm > 0 && random.nextInt(10) == 0;
    Configuration read = random.nextInt(5) > 0 ? stored : chain.get(random.nextInt(chain.size()));
    owners.add(new Owner(new Term(again ? lastTerm : ++lastTerm), read));
  }

  private void syncOne() {
    List<SimulatedAcceptor> busy =
        acceptors.values().stream().filter(SimulatedAcceptor::isBusy).toList();
    if (!busy.isEmpty()) {
      busy.get(random.nextInt(busy.size())).sync(1 + random.nextInt(4));
    }
  }

  private SimulatedAcceptor anyAcceptor() {
    return acceptors.get(new NodeId("n" + random.nextInt(NODES)));
  }

  private void deliverOne() {
    Runnable message = dropOne();
    if (message != null) {
      message.run();
    }
  }

  private @Nullable Runnable dropOne() {
    return network.isEmpty() ? null : network.remove(random.nextInt(network.size()));
  }

  private void checkCommit(Owner owner, Lsn commit) {
    assertThat(leaders.putIfAbsent(owner.term, owner.candidate))
        .as("one leader in term %s", owner.term)
        .isIn(null, owner.candidate);
    TreeMap<Lsn, byte[]> content = owner.content(owner.checked, commit);
    owner.checked = commit;
    // Who lost the disk since has held it.
    assertThat(
            owner
                .proposer
                .configuration()
                .isQuorum(
                    each -> !isIntact(each) || holds(acceptors.get(each.node()), content, commit)))
        .as("a majority has the log up to %s fsynced", commit)
        .isTrue();
    content.forEach(this::commitRecord);
  }

  private void commitRecord(Lsn lsn, byte[] payload) {
    byte[] before = committed.putIfAbsent(lsn, payload);
    assertThat(before == null ? payload : before)
        .as("two committed records at LSN %s", lsn)
        .isEqualTo(payload);
  }

  /** Whether the records, but for those that may be forgotten, are durable on an acceptor. */
  private boolean holds(SimulatedAcceptor acceptor, TreeMap<Lsn, byte[]> content, Lsn end) {
    Lsn start = acceptor.durable().start();
    return start.compareTo(forgotten) <= 0
        && end.compareTo(acceptor.durable().end()) <= 0
        && content.tailMap(start).entrySet().stream()
            .allMatch(
                each -> Arrays.equals(each.getValue(), acceptor.records().get(each.getKey())));
  }

  /** Everything works again: a new owner must find every committed record, on every acceptor. */
  private void heal() {
    healed = true;
    network.clear();
    owners.clear();
    acceptors.values().forEach(each -> each.crash(0));
    if (!stored.isQuorum(this::isIntact)) {
      // Whoever was to become a member lost the disk while that was being stored.
      store(stored.abandoned());
    }
    Owner last = new Owner(new Term(++lastTerm), stored);
    owners.add(last);
    settle(last);
    assertThat(last.proposer.isLeader()).as("a leader is elected").isTrue();
    last.propose();
    settle(last);
    assertThat(last.proposer.commit()).isEqualTo(last.proposer.end());
    checkMembers(last);
    Configuration before = stored;
    List<NodeId> nodes = anyNodes();
    last.changeMembers(nodes);
    last.propose();
    settle(last);
    assertThat(stored.nodes()).as("members change").containsExactlyInAnyOrderElementsOf(nodes);
    checkMembers(last);
    for (NodeId node : before.nodes()) {
      assertThat(nodes.contains(node) || acceptors.get(node).durable().end().equals(Lsn.ZERO))
          .as("%s is no member any more and has dropped the log", node)
          .isTrue();
    }
  }

  private void checkMembers(Owner last) {
    assertThat(last.proposer.configuration()).isEqualTo(stored);
    assertThat(stored.isJoint()).as("every change is completed").isFalse();
    for (Member member : stored.members()) {
      assertThat(isIntact(member)).as("%s is a member again", member).isTrue();
      SimulatedAcceptor acceptor = acceptors.get(member.node());
      assertThat(acceptor.durable().end())
          .as("%s has caught up", acceptor.node)
          .isEqualTo(last.proposer.end());
      assertThat(holds(acceptor, committed, last.proposer.end()))
          .as("%s has every committed record", acceptor.node)
          .isTrue();
      checkTerms(acceptor);
    }
  }

  private void settle(Owner last) {
    for (int round = 0; round < 20_000; round++) {
      if (network.isEmpty()) {
        if (last.isIdle()) {
          return;
        }
        last.retrySome();
      }
      deliverOne();
      acceptors.values().forEach(SimulatedAcceptor::syncAll);
    }
  }

  private static Lsn max(Lsn a, Lsn b) {
    return a.isBefore(b) ? b : a;
  }

  private static Lsn min(Lsn a, Lsn b) {
    return a.isBefore(b) ? a : b;
  }

  private static void checkTerms(SimulatedAcceptor acceptor) {
    long before = 0;
    for (Map.Entry<Lsn, byte[]> each : acceptor.records().entrySet()) {
      long term = Long.parseLong(new String(each.getValue(), UTF_8).split(":")[0]);
      assertThat(term).as("terms never decrease along a log").isGreaterThanOrEqualTo(before);
      assertThat(acceptor.durable().history().positionAt(each.getKey()).lastTerm())
          .as("the history knows who wrote LSN %s", each.getKey())
          .isEqualTo(new Term(term));
      before = term;
    }
  }
}
