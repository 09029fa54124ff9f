package dev.sheaf.pageserver.shard;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A table key as a hash key. The bytes must not change. */
record LockKey(byte[] bytes, int hash) {
  static LockKey of(byte[] bytes) {
    return new LockKey(bytes, Arrays.hashCode(bytes));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LockKey k && hash == k.hash && Arrays.equals(bytes, k.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
