package dev.sheaf.testkit.sim;

/** An invariant does not hold, or code under simulation failed in a way that it must not. */
public final class SimulationFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  public SimulationFailure(String message) {
    super(message);
  }

  public SimulationFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
