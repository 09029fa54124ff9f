package dev.sheaf.rpc.cluster;

import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.SheafException;
import java.util.Optional;

/**
 * The facts of a shard in the coordination store. Words of a value are separated by one blank.
 *
 * <pre>
 * shards/&lt;database&gt;/&lt;number&gt;/&lt;fact&gt;
 * </pre>
 *
 * <table>
 * <caption>Facts</caption>
 * <tr><th>fact</th><th>value</th><th>lasts</th><th>written by</th></tr>
 * <tr><td>assigned</td><td>node</td><td>permanent</td>
 *     <td>placement: which page server should own it</td></tr>
 * <tr><td>grant</td><td>term node lease</td><td>permanent</td>
 *     <td>the page server that took it in that term</td></tr>
 * <tr><td>holder</td><td>node lease [serving]</td><td>on the page server's lease</td>
 *     <td>the page server that has it; {@code serving} once requests are answered</td></tr>
 * <tr><td>safekeepers</td><td>the log's membership</td><td>permanent</td>
 *     <td>at the shard's creation, then by changes of the membership</td></tr>
 * <tr><td>doomed</td><td>"1"</td><td>permanent</td>
 *     <td>control plane: the assigned page server is to delete all that is stored of it, and at last
 *     these facts, in one transaction</td></tr>
 * </table>
 */
public final class ShardKeys {
  /** Of all facts of all shards. */
  public static final String PREFIX = "shards/";

  static final String ASSIGNED = "assigned";
  static final String GRANT = "grant";
  static final String HOLDER = "holder";
  static final String DOOMED = "doomed";
  static final String SERVING = "serving";

  private ShardKeys() {}

  /** Of all facts of one shard. */
  public static String prefix(ShardId shard) {
    return PREFIX + shard + "/";
  }

  public static String assigned(ShardId shard) {
    return prefix(shard) + ASSIGNED;
  }

  public static String grant(ShardId shard) {
    return prefix(shard) + GRANT;
  }

  public static String holder(ShardId shard) {
    return prefix(shard) + HOLDER;
  }

  public static String safekeepers(ShardId shard) {
    return prefix(shard) + "safekeepers";
  }

  public static String doomed(ShardId shard) {
    return prefix(shard) + DOOMED;
  }

  /**
   * A holder's value.
   *
   * @param serving whether requests are answered
   */
  public static String holderValue(String node, long leaseId, boolean serving) {
    return node + " " + leaseId + (serving ? " " + SERVING : "");
  }

  /** The shard that a key is about; empty if it is none of these keys. */
  static Optional<ShardId> shardOf(String key) {
    int fact = key.lastIndexOf('/');
    int number = fact < 0 ? -1 : key.lastIndexOf('/', fact - 1);
    if (!key.startsWith(PREFIX) || number <= PREFIX.length()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ShardId(
              new DatabaseId(key.substring(PREFIX.length(), number)),
              Integer.parseInt(key.substring(number + 1, fact))));
    } catch (SheafException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
