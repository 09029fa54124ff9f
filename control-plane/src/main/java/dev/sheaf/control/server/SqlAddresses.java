package dev.sheaf.control.server;

import java.util.Optional;

/** Where SQL clients can connect now. Thread-safe. */
@FunctionalInterface
public interface SqlAddresses {
  /** Empty while no compute is there. */
  Optional<SqlAddress> now();
}
