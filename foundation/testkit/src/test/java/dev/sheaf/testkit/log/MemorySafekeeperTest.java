package dev.sheaf.testkit.log;

import dev.sheaf.rpc.log.SafekeeperService;

final class MemorySafekeeperTest extends SafekeeperContract {
  private final MemorySafekeeper safekeeper = new MemorySafekeeper();

  @Override
  protected SafekeeperService service() {
    return safekeeper;
  }
}
