package dev.sheaf.rpc.guard;

/** Makes the guard of a target; the caller keeps it for as long as it talks to the target. */
@FunctionalInterface
public interface CallGuards {
  /**
   * @param target names the guard in messages and metrics
   */
  CallGuard forTarget(String target);

  /** Without any guard. */
  CallGuards NONE = target -> CallGuard.OPEN;
}
