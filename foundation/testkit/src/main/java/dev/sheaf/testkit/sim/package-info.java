/**
 * A deterministic simulator: many machines in one thread, all chance from one seed. In: production
 * code, a seed, a {@link dev.sheaf.testkit.sim.Faults plan of faults}. Out: the same run for the
 * same seed, or {@link dev.sheaf.testkit.sim.SimulationFailure} with the last events.
 *
 * <p>{@link dev.sheaf.testkit.sim.Simulation} is the queue of events and the clock; a {@link
 * dev.sheaf.testkit.sim.Machine} has a clock of its own, threads, and dies; {@link
 * dev.sheaf.testkit.sim.Network}, {@link dev.sheaf.testkit.sim.Disk}, {@link
 * dev.sheaf.testkit.sim.SimulatedCoordination} and {@link
 * dev.sheaf.testkit.sim.SimulatedObjectStore} are what machines touch, with their faults.
 *
 * <p>Production code that blocks its thread runs as it is: {@link
 * dev.sheaf.testkit.sim.WeavingLoader} loads it with its calls of locks, waits, sleeps and clocks
 * led to {@link dev.sheaf.testkit.sim.Blocking}, where a simulated thread hands control back to the
 * event queue. Of all threads exactly one runs at any time.
 */
@NullMarked
package dev.sheaf.testkit.sim;

import org.jspecify.annotations.NullMarked;
