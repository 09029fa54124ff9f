package dev.sheaf.system.sim;

import dev.sheaf.testkit.sim.Machine;
import dev.sheaf.testkit.sim.Simulation;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Breaks things every now and then, and mends them a little later, while chaos lasts. */
final class Nemesis {
  private final World world;
  private final Simulation simulation;
  private final Random random;
  private final boolean turnsClocks;

  /** How often each blow fell: one that never does is a fault of the test. */
  private final Map<String, Integer> blows = new TreeMap<>();

  Nemesis(World world) {
    this(world, true);
  }

  /**
   * @param turnsClocks whether wall clocks go wrong
   */
  Nemesis(World world, boolean turnsClocks) {
    this.world = world;
    this.turnsClocks = turnsClocks;
    this.simulation = world.simulation;
    this.random = simulation.random();
  }

  Map<String, Integer> blows() {
    return blows;
  }

  void begin() {
    long mean = (long) (world.faults.nemesisMillis() * 1e6);
    long next = (long) (-Math.log(1 - random.nextDouble()) * mean);
    if (simulation.nanos() + next < World.CHAOS_NANOS) {
      simulation.after(
          next,
          "nemesis",
          () -> {
            strike();
            begin();
          });
    }
  }

  private void strike() {
    switch (random.nextInt(13)) {
      case 0, 1 -> crashSafekeeper();
      case 2, 3 -> crashOwner();
      case 4, 5 -> cutOneWay();
      case 6 -> isolate();
      case 7 -> pause();
      case 8 -> turnTheClock();
      case 9 -> cutFromCoordination();
      case 10 -> stores();
      case 11 -> loseAllPower();
      default -> move();
    }
  }

  private void happened(String what) {
    blows.merge(what, 1, Integer::sum);
    simulation.note("", "nemesis: " + what);
  }

  /** The event also happens if chaos is over by then; it must not undo the healing. */
  private void later(double fromMillis, double toMillis, String what, Runnable mend) {
    simulation.after(simulation.betweenMillis(fromMillis, toMillis), what, mend);
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private void crashSafekeeper() {
    SafekeeperNode node = any(world.safekeepers);
    boolean power = random.nextBoolean();
    happened(power ? "safekeeper loses power" : "safekeeper dies");
    node.crash(power);
    later(20, 2_500, node.id + " starts", node::start);
  }

  private void loseAllPower() {
    happened("all safekeepers lose power");
    for (SafekeeperNode node : world.safekeepers) {
      node.crash(true);
      later(20, 1_500, node.id + " starts", node::start);
    }
  }

  private void crashOwner() {
    Owner node = any(world.owners);
    happened("owner dies");
    node.crash();
    later(20, 2_500, node.machine() + " starts", node::start);
  }

  private void cutOneWay() {
    happened("one-way cut");
    Machine from = any(world.machines());
    Machine to = any(world.machines());
    world.network.cut(from, to);
    later(100, 4_000, "cut mended", () -> world.network.heal(from, to));
  }

  private void isolate() {
    happened("isolation");
    Machine alone = any(world.machines());
    boolean fromCoordination = random.nextBoolean();
    List<Machine> others = world.machines();
    others.forEach(other -> {
      world.network.cut(alone, other);
      world.network.cut(other, alone);
    });
    world.coordination.setReachable(alone, !fromCoordination);
    later(
        100,
        6_000,
        "isolation mended",
        () -> {
          others.forEach(other -> {
            world.network.heal(alone, other);
            world.network.heal(other, alone);
          });
          world.coordination.setReachable(alone, true);
        });
  }

  private void pause() {
    happened("pause");
    Machine machine = any(world.machines());
    machine.pause(simulation.betweenMillis(100, 3 * PageServerNode.LEASE_MILLIS));
  }

  private void turnTheClock() {
    if (!turnsClocks) {
      return;
    }
    happened("clock jump");
    Machine machine = any(world.owners).machine();
    machine.setWallOffset(any(List.of(0L, -3_600_000L, 3_600_000L, -400L, 400L, -30_000L)));
  }

  private void cutFromCoordination() {
    happened("coordination away");
    Machine machine = any(world.owners).machine();
    world.coordination.setReachable(machine, false);
    later(200, 6_000, "coordination back", () -> world.coordination.setReachable(machine, true));
  }

  private void stores() {
    if (random.nextBoolean()) {
      happened("object store down");
      world.objects.setDown(true);
      later(200, 4_000, "object store up", () -> world.objects.setDown(false));
    } else {
      happened("disk full");
      SafekeeperNode node = any(world.safekeepers);
      node.disk.setFull(true);
      later(200, 3_000, "disk has room", () -> node.disk.setFull(false));
    }
  }

  private void move() {
    happened("shard released");
    any(world.owners).release();
  }
}
