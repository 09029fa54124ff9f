package dev.sheaf.log;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The members of a log as its leader sees them, and the change of them that is under way. Not
 * thread-safe.
 *
 * <pre>
 *   aim ---> new nodes follow, count for nothing, until their log is close to the leader's
 *       ---> the joint configuration is stored, then followed: both sets decide
 *       ---> the new members are stored, then followed: they decide alone
 * </pre>
 *
 * A step is taken when the configuration before it is <em>in force</em>: a majority (of both sets
 * if joint) follow this leader, have stored that configuration, and hold all that is committed. So
 * no proposer under an older configuration can win any more, nobody else can win this term in
 * either set, and what was committed under the old members is on a majority of the new ones.
 */
final class Membership {

  /** What became of an attempt to store a configuration. */
  enum Outcome {
    /** The stored one was adopted. */
    ADOPTED,
    /** Nothing has changed. */
    UNCHANGED,
    /** Others have changed the members more than once: another owner is there. */
    FOREIGN
  }

  private Configuration configuration;

  /** Who shall be the members; empty if nobody asked for other ones. */
  private List<NodeId> target = List.of();

  /** What is being stored and may be stored already. */
  private @Nullable Configuration storing;

  Membership(Configuration configuration) {
    this.configuration = configuration;
  }

  Configuration configuration() {
    return configuration;
  }

  /** All nodes to be followed: those of the configuration, and those that shall join. */
  Set<NodeId> nodes() {
    Set<NodeId> nodes = new TreeSet<>(configuration.nodes());
    nodes.addAll(target);
    return nodes;
  }

  boolean isAiming() {
    return !target.isEmpty();
  }

  /**
   * Asks for other members.
   *
   * @throws SheafException 55006 another change is under way, 22023 no node or one twice
   */
  void aim(List<NodeId> nodes) {
    List<NodeId> sorted = nodes.stream().distinct().sorted().toList();
    if (sorted.isEmpty() || sorted.size() != nodes.size()) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "these cannot be a log's members: " + nodes);
    }
    if (isAiming() && !target.equals(sorted)) {
      throw new SheafException(
              ErrorCode.OBJECT_IN_USE,
              "the members of the log are being changed to %s, not %s".formatted(target, sorted))
          .withHint("Try again when that is done: members change one at a time.");
    }
    target = sorted;
  }

  /** Takes the wish back; false if it is too late for that. */
  boolean forgetAim() {
    if (storing != null || configuration.isJoint()) {
      return false;
    }
    target = List.of();
    return true;
  }

  /** The wish is fulfilled. */
  void reached() {
    target = List.of();
  }

  boolean isStoring() {
    return storing != null;
  }

  Configuration store(Configuration next) {
    storing = next;
    return next;
  }

  /**
   * Any next link of the chain may be adopted, whoever stored it, but only by who asked for one:
   * only then its own configuration was in force, so that what new members acknowledged before
   * cannot count too early.
   */
  Outcome stored(Configuration now) {
    if (storing == null || now.generation() < configuration.generation()) {
      return Outcome.UNCHANGED; // an old answer
    }
    if (now.generation() == configuration.generation()) {
      storing = null;
      return Outcome.UNCHANGED;
    }
    if (!isNext(now)) {
      return Outcome.FOREIGN;
    }
    if (configuration.isJoint() && now.equals(configuration.abandoned())) {
      target = List.of();
    }
    configuration = now;
    storing = null;
    return Outcome.ADOPTED;
  }

  private boolean isNext(Configuration next) {
    return configuration.isJoint()
        ? next.equals(configuration.completed()) || next.equals(configuration.abandoned())
        : next.isJoint() && next.equals(configuration.joint(next.newMembers()));
  }

  /**
   * The members as they should be; empty while a node that was asked for is not ready. A member
   * that lost its journal, or never was admitted, gets its place back without being asked for.
   */
  Optional<List<Member>> wanted(Followers followers, Predicate<Follower> ready) {
    List<Member> wanted = new ArrayList<>();
    List<NodeId> nodes =
        isAiming() ? target : configuration.members().stream().map(Member::node).toList();
    for (NodeId node : nodes) {
      Member next = memberAt(node, followers.get(node), ready);
      Member before = configuration.member(node);
      if (next != null) {
        wanted.add(next);
      } else if (!isAiming() && before != null) {
        wanted.add(before);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(wanted);
  }

  private @Nullable Member memberAt(
      NodeId node, @Nullable Follower follower, Predicate<Follower> ready) {
    Member before = configuration.member(node);
    if (before != null && before.isAdmitted()) {
      boolean other =
          follower != null && follower.incarnation() != Member.NOT_ADMITTED && !follower.is(before);
      if (!other) {
        return before;
      }
    }
    return follower != null && ready.test(follower)
        ? new Member(node, follower.incarnation())
        : null;
  }
}
