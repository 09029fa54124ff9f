package dev.sheaf.compute.storage;

import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Makes ids of transactions (RFC 9562, version 7): the millisecond of the snapshot, then 74 random
 * bits. The time is the oracle's and not this machine's, so the shard's owner can tell whether the
 * transaction began after the oldest outcome that it remembers. Thread-safe if the generator is.
 */
public final class TransactionIds {
  private final RandomGenerator random;

  public TransactionIds(RandomGenerator random) {
    this.random = random;
  }

  public TransactionId begunAt(Timestamp snapshot) {
    long high = snapshot.millis() << 16 | 0x7000 | random.nextLong() & 0xfff;
    long low = random.nextLong() >>> 2 | 1L << 63;
    return new TransactionId(new UUID(high, low));
  }
}
