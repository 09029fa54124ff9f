package dev.sheaf.rpc.shard.grpc;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.proto.shard.CheckAnswer;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import dev.sheaf.rpc.shard.ShardInspection.Finding;
import io.grpc.stub.ServerCallStreamObserver;

/**
 * Sends a check's progress and findings to whoever asked for it. What a slow client has not taken
 * yet waits in memory: progress is left out then, and findings are few by contract.
 */
record CheckSession(ServerCallStreamObserver<CheckAnswer> client) implements CheckListener {
  @Override
  public void progress(Checked soFar) {
    if (client.isCancelled()) {
      throw new SheafException(ErrorCode.QUERY_CANCELED, "whoever asked for the check has gone");
    }
    if (client.isReady()) {
      client.onNext(
          CheckAnswer.newBuilder().setProgress(InspectionMessages.checked(soFar)).build());
    }
  }

  @Override
  public void found(Finding finding) {
    client.onNext(CheckAnswer.newBuilder().setFinding(InspectionMessages.finding(finding)).build());
  }
}
