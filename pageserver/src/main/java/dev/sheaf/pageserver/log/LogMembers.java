package dev.sheaf.pageserver.log;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.Coordination.Entry;
import dev.sheaf.log.Configuration;
import dev.sheaf.log.Member;
import dev.sheaf.log.NodeId;
import dev.sheaf.protocol.Deadline;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.log.SafekeeperDirectory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who the members of each shard's log are, kept in coordination and changed by compare-and-swap.
 * Thread-safe; the methods block.
 *
 * <pre>
 * key    shards/&lt;database&gt;/&lt;number&gt;/safekeepers     permanent
 * value  "&lt;generation&gt; &lt;members&gt;"                   settled
 *        "&lt;generation&gt; &lt;members&gt; &lt;new members&gt;"     joint: a change is under way
 *
 * members   &lt;node&gt;:&lt;incarnation&gt; by commas; the incarnation in hexadecimal, 0 = not admitted yet
 * </pre>
 *
 * The first owner of a log writes generation 1; from then on only owners write it, each time one
 * more than before, but for {@link #abandonChange}.
 */
public final class LogMembers {
  private static final String KEY = "safekeepers";

  /** So long a safekeeper that does not answer is waited for before a new log begins without it. */
  private static final long GRACE_NANOS = 500_000_000;

  private final Coordination coordination;
  private final SafekeeperDirectory directory;
  private final Function<ShardId, List<NodeId>> choice;
  private final LongSupplier nanoTime;

  /**
   * @param choice the safekeepers that a new log shall have: an odd number, none twice; one stands
   *     alone, three survive the loss of one
   * @param nanoTime monotonic clock that deadlines refer to
   */
  public LogMembers(
      Coordination coordination,
      SafekeeperDirectory directory,
      Function<ShardId, List<NodeId>> choice,
      LongSupplier nanoTime) {
    this.coordination = coordination;
    this.directory = directory;
    this.choice = choice;
    this.nanoTime = nanoTime;
  }

  /** The stored configuration; empty if the log was never opened. */
  public Optional<Configuration> find(ShardId shard) {
    return coordination.get(key(shard)).map(entry -> decode(shard, entry));
  }

  /**
   * The stored configuration. If there is none the log is new: the chosen safekeepers become its
   * members. Those that do not say which journal they have are named but not admitted: they count
   * for nothing until the log's owner has brought them to a full copy.
   *
   * @throws SheafException 57P03 no majority of the chosen ones answers before the deadline
   */
  Configuration findOrCreate(ShardId shard, Deadline deadline) {
    Optional<Configuration> found = find(shard);
    if (found.isPresent()) {
      return found.get();
    }
    Configuration first = Configuration.of(1, identify(choice.apply(shard), deadline));
    if (!first.isQuorum(Member::isAdmitted)) {
      throw new SheafException(
              ErrorCode.CANNOT_CONNECT_NOW,
              "no majority of the safekeepers %s answers for the new log of %s"
                  .formatted(first.nodes(), shard))
          .withHint("Check that they are up and can be reached, then try again.");
    }
    commit(new Condition(key(shard), 0), shard, first);
    return find(shard).orElseThrow(() -> gone(shard));
  }

  private List<Member> identify(List<NodeId> nodes, Deadline deadline) {
    List<CompletableFuture<Long>> answers = new ArrayList<>();
    for (NodeId node : nodes) {
      answers.add(
          SafekeeperCalls.attempt(() -> directory.of(node).incarnation(deadline))
              .exceptionally(unreachable -> Member.NOT_ADMITTED));
    }
    CompletableFuture<Void> all =
        CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new));
    await(all, Math.min(GRACE_NANOS, deadline.remainingNanos(nanoTime.getAsLong())));
    if (answers.stream().filter(LogMembers::isKnown).count() <= nodes.size() / 2) {
      await(all, deadline.remainingNanos(nanoTime.getAsLong()));
    }
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      members.add(new Member(nodes.get(i), answers.get(i).getNow(Member.NOT_ADMITTED)));
    }
    return members;
  }

  private static boolean isKnown(CompletableFuture<Long> answer) {
    return answer.getNow(Member.NOT_ADMITTED) != Member.NOT_ADMITTED;
  }

  private static void await(CompletableFuture<Void> all, long nanos) {
    try {
      all.get(nanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // Whoever has answered by now counts.
    } catch (ExecutionException e) {
      throw new SheafException(ErrorCode.INTERNAL_ERROR, "asking the safekeepers failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SheafException(ErrorCode.QUERY_CANCELED, "interrupted while opening the log");
    }
  }

  /**
   * Puts {@code next} in the place of {@code now}.
   *
   * @return what is stored afterwards for certain: {@code next}, or else what somebody put there
   * @throws SheafException 58030 it could not be found out; 55000 there is no such log any more
   */
  Configuration replace(ShardId shard, Configuration now, Configuration next) {
    Entry entry = coordination.get(key(shard)).orElseThrow(() -> gone(shard));
    if (decode(shard, entry).equals(now)) {
      commit(new Condition(entry.key(), entry.modRevision()), shard, next);
    }
    return find(shard).orElseThrow(() -> gone(shard));
  }

  /**
   * Takes back a change of members that cannot come to its end because too few of the new members
   * are there. Safe at any time; the log's owner notices at its next step, or is replaced by one
   * that knows.
   *
   * @return the configuration that is stored afterwards
   */
  public Configuration abandonChange(ShardId shard) {
    Configuration now = find(shard).orElseThrow(() -> gone(shard));
    return now.isJoint() ? replace(shard, now, now.abandoned()) : now;
  }

  /** What an unknown outcome was is seen by reading back. */
  private void commit(Condition unchanged, ShardId shard, Configuration next) {
    try {
      coordination.commit(List.of(unchanged), List.of(Change.put(key(shard), encode(next))));
    } catch (SheafException e) {
      if (e.code() != ErrorCode.STATEMENT_COMPLETION_UNKNOWN) {
        throw e;
      }
    }
  }

  static String key(ShardId shard) {
    return "shards/" + shard + "/" + KEY;
  }

  static String encode(Configuration configuration) {
    return Stream.of(configuration.members(), configuration.newMembers())
        .filter(members -> !members.isEmpty())
        .map(members -> members.stream().map(Member::toString).collect(Collectors.joining(",")))
        .collect(Collectors.joining(" ", configuration.generation() + " ", ""));
  }

  private static Configuration decode(ShardId shard, Entry entry) {
    try {
      String[] parts = entry.value().split(" ", -1);
      if (parts.length < 2 || parts.length > 3) {
        throw new IllegalArgumentException(parts.length + " parts");
      }
      return new Configuration(
          Long.parseLong(parts[0]),
          members(parts[1]),
          parts.length == 3 ? members(parts[2]) : List.of());
    } catch (IllegalArgumentException | SheafException e) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          "the members of the log of %s cannot be read: %s".formatted(shard, entry.value()),
          e);
    }
  }

  private static List<Member> members(String text) {
    return Stream.of(text.split(",", -1)).map(Member::parse).toList();
  }

  private static SheafException gone(ShardId shard) {
    return new SheafException(
        ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, "there is no log of " + shard);
  }
}
