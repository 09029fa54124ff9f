package dev.sheaf.bench.bookkeeper;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.bookkeeper.client.api.BookKeeper;
import org.apache.bookkeeper.client.api.DigestType;
import org.apache.bookkeeper.client.api.WriteHandle;
import org.apache.bookkeeper.conf.ClientConfiguration;

/**
 * Appends to one ledger of an ensemble of three bookies; each entry goes to all of them, two make it
 * durable. The benchmark, which has other libraries, sees no more of it than its interfaces.
 */
public final class LedgerWriter implements Function<byte[], CompletableFuture<?>>, AutoCloseable {
  private final BookKeeper client;
  private final WriteHandle ledger;

  /**
   * @param zooKeeperPort on loopback
   */
  public LedgerWriter(int zooKeeperPort) throws Exception {
    var configuration = new ClientConfiguration();
    configuration.setMetadataServiceUri("zk+hierarchical://127.0.0.1:" + zooKeeperPort + "/ledgers");
    configuration.setZkTimeout(20_000);
    // By default a client is held to 5,000 requests a second.
    configuration.setThrottleValue(0);
    client = BookKeeper.newBuilder(configuration).build();
    try {
      ledger =
          client
              .newCreateLedgerOp()
              .withEnsembleSize(3)
              .withWriteQuorumSize(3)
              .withAckQuorumSize(2)
              .withDigestType(DigestType.CRC32C)
              .withPassword(new byte[0])
              .withCustomMetadata(Map.of())
              .execute()
              .get();
    } catch (Exception e) {
      client.close();
      throw e;
    }
  }

  @Override
  public CompletableFuture<?> apply(byte[] entry) {
    return ledger.appendAsync(ByteBuffer.wrap(entry));
  }

  @Override
  public void close() throws Exception {
    ledger.close();
    client.close();
  }
}
