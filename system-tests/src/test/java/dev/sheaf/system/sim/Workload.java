package dev.sheaf.system.sim;

import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardService.Write;
import java.util.List;
import java.util.Random;

/** What clients do with the shard, and how to tell from their answers that it was done right. */
interface Workload {

  /** Rows that are there before any client comes. */
  List<Write> initial();

  /**
   * One step of one client: a transaction or a read. Throws {@link SheafException} if the shard
   * could not be reached.
   */
  void step(Session session, Random random);

  /** When all is quiet and healed. */
  void check(Session session);
}
