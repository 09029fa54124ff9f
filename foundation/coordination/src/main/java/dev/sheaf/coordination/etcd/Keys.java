package dev.sheaf.coordination.etcd;

import dev.sheaf.coordination.Coordination.Entry;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import java.nio.charset.StandardCharsets;

/**
 * Where things are in etcd. Keys and values are UTF-8.
 *
 * <pre>
 * &lt;namespace&gt;/facts/&lt;key&gt;                  as the caller of the port wrote it; on the caller's lease if it named one
 * &lt;namespace&gt;/receipts/&lt;lease&gt;/&lt;slot&gt;     on that lease: number of the last commit through this slot, "-" = fenced
 * </pre>
 *
 * The lease of a receipt is in hexadecimal and belongs to one process; see {@link Receipts}.
 */
record Keys(String namespace) {

  ByteSequence fact(String key) {
    return bytes(factsPrefix() + key);
  }

  /** The first key after all facts whose key begins with the prefix. */
  ByteSequence endOfFacts(String prefix) {
    byte[] end = (factsPrefix() + prefix).getBytes(StandardCharsets.UTF_8);
    // No byte of UTF-8 is 0xFF, so there is no carry.
    end[end.length - 1]++;
    return ByteSequence.from(end);
  }

  ByteSequence receipt(long leaseId, int slot) {
    return bytes(namespace + "/receipts/" + Long.toHexString(leaseId) + "/" + slot);
  }

  /** The caller's key of a fact. */
  String keyOf(KeyValue fact) {
    return text(fact.getKey()).substring(factsPrefix().length());
  }

  Entry entry(KeyValue fact) {
    return new Entry(keyOf(fact), text(fact.getValue()), fact.getModRevision());
  }

  private String factsPrefix() {
    return namespace + "/facts/";
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  static String text(ByteSequence bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** The smallest key above this one. */
  static ByteSequence after(ByteSequence key) {
    byte[] bytes = key.getBytes();
    return ByteSequence.from(java.util.Arrays.copyOf(bytes, bytes.length + 1));
  }
}
