package dev.sheaf.system.sim;

import dev.sheaf.testkit.sim.Machine;

/** A machine that owns the shard's log at times. */
interface Owner {
  Machine machine();

  /** Does nothing if it runs. */
  void start();

  void crash();

  /** Asks it to give up what it owns, in good order. */
  void release();
}
