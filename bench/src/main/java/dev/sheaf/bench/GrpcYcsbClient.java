package dev.sheaf.bench;

import java.util.ArrayList;
import java.util.List;

/** YCSB by Flight SQL's messages over plain gRPC. */
final class GrpcYcsbClient implements YcsbClient {
  private final GrpcSqlClient client;
  private final GrpcSqlClient.Statement select;
  private final GrpcSqlClient.Statement scan;
  private final GrpcSqlClient.Statement insert;
  private final List<GrpcSqlClient.Statement> updates = new ArrayList<>();

  GrpcYcsbClient(GrpcSqlClient client) throws Exception {
    this.client = client;
    this.select = client.prepare(SELECT);
    this.scan = client.prepare(SCAN);
    this.insert = client.prepare(YcsbClient.insert());
    for (int f = 0; f < FIELDS; f++) {
      updates.add(client.prepare(YcsbClient.update(f)));
    }
  }

  @Override
  public long read(long key) throws Exception {
    return select.query(key);
  }

  @Override
  public long scan(long from, long rows) throws Exception {
    return scan.query(from, rows);
  }

  @Override
  public long update(int field, String value, long key) throws Exception {
    return updates.get(field).update(value, key);
  }

  @Override
  public long insert(long key, String[] values) throws Exception {
    var parameters = new Object[1 + values.length];
    parameters[0] = key;
    System.arraycopy(values, 0, parameters, 1, values.length);
    return insert.update(parameters);
  }

  @Override
  public void close() throws Exception {
    client.close();
  }
}
