package dev.sheaf.system.sim;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.testkit.sim.Simulation;
import dev.sheaf.testkit.sim.SimulationFailure;
import java.util.HashSet;
import java.util.Set;

/**
 * Sees every timestamp that a client gets: none comes twice, and each is above all that any client
 * had got before it asked. That is what makes a transaction see all that was acknowledged before.
 */
final class TimeWitness {
  private final Simulation simulation;
  private final Set<Timestamp> given = new HashSet<>();
  private Timestamp newest = Timestamp.ZERO;

  TimeWitness(Simulation simulation) {
    this.simulation = simulation;
  }

  /** To be asked before a call that draws a timestamp. */
  Timestamp newest() {
    return newest;
  }

  /**
   * @param newestBefore the newest timestamp anybody had when the call began
   */
  void given(String what, Timestamp timestamp, Timestamp newestBefore) {
    if (!given.add(timestamp)) {
      throw violated(what + " got timestamp " + timestamp + ", which was given before");
    }
    if (!timestamp.isAfter(newestBefore)) {
      throw violated(
          what + " got timestamp " + timestamp + ", not above " + newestBefore + " given before");
    }
    if (timestamp.isAfter(newest)) {
      newest = timestamp;
    }
  }

  /** A commit whose time was asked for later: it only must not be anybody else's. */
  void found(String what, Timestamp timestamp) {
    if (!given.add(timestamp)) {
      throw violated(what + " has timestamp " + timestamp + ", which was given before");
    }
    if (timestamp.isAfter(newest)) {
      newest = timestamp;
    }
  }

  private SimulationFailure violated(String what) {
    var failure = new SimulationFailure(what);
    simulation.fail(failure);
    return failure;
  }
}
