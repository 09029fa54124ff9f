package dev.sheaf.compute.storage;

import dev.sheaf.protocol.key.KeyRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transaction's writes as one of its statements sees them: those of earlier statements. Stable
 * while the statement reads, even when later statements write. Thread-safe.
 */
public interface OwnWrites {

  OwnWrites NONE =
      new OwnWrites() {
        @Override
        public List<OwnWrite> in(KeyRange range) {
          return List.of();
        }

        @Override
        public @Nullable OwnWrite find(byte[] key) {
          return null;
        }
      };

  /** The written keys of a range, ascending. */
  List<OwnWrite> in(KeyRange range);

  /** The write of a key, or null when the transaction did not write it. */
  @Nullable OwnWrite find(byte[] key);

  /**
   * @param row row bytes; null = deleted
   */
  record OwnWrite(byte[] key, byte @Nullable [] row) {}
}
