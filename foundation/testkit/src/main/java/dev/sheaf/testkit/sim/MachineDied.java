package dev.sheaf.testkit.sim;

/** Unwinds the threads of a machine that died; whatever they still do has no effect. */
final class MachineDied extends Error {
  private static final long serialVersionUID = 1L;

  MachineDied() {
    super("the machine died", null, false, false);
  }
}
