package dev.sheaf.compute.route;

import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Finding;

/** Remembers whether a check has said anything yet. Used by one thread. */
final class HeardOnce implements CheckListener {
  private final CheckListener listener;
  private boolean heard;

  HeardOnce(CheckListener listener) {
    this.listener = listener;
  }

  boolean hasHeard() {
    return heard;
  }

  @Override
  public void progress(Checked soFar) {
    heard = true;
    listener.progress(soFar);
  }

  @Override
  public void found(Finding finding) {
    heard = true;
    listener.found(finding);
  }
}
