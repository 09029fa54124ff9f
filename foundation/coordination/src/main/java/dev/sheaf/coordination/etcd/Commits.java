package dev.sheaf.coordination.etcd;

import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Condition;
import dev.sheaf.coordination.etcd.Receipts.Slot;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Conditional transactions, each carried out at most once.
 *
 * <pre>
 * commit   if   the caller's conditions hold and the receipt is as it was left
 *          then the caller's changes; receipt = number of this commit
 *          else read the receipt
 * decide   if   receipt == number of this commit       -&gt; it took place
 *          else receipt = "-"                           -&gt; it did not and never will
 * </pre>
 *
 * When a commit brings no answer it is decided; only if it never took place may it be tried again,
 * until the operation timeout is over (58030). Deciding has as long again; after that the outcome
 * is 40003. Thread-safe.
 */
final class Commits {
  private static final ByteSequence FENCED = Keys.bytes("-");

  private final Connection connection;
  private final Leases leases;
  private final Receipts receipts;
  private final Reads reads;
  private final Keys keys;

  Commits(Connection connection, Leases leases, Receipts receipts, Reads reads) {
    this.connection = connection;
    this.leases = leases;
    this.receipts = receipts;
    this.reads = reads;
    this.keys = connection.keys();
  }

  /** What is known of one try. */
  private sealed interface Outcome {
    record Applied() implements Outcome {}

    record ConditionsFailed() implements Outcome {}

    /** It never took place and never will. */
    record NotRun(Exception cause) implements Outcome {}

    record Unknown(EtcdFailure cause) implements Outcome {}
  }

  boolean commit(List<Condition> conditions, List<Change> changes) {
    checkHeld(changes);
    Patience patience = connection.patience();
    while (true) {
      Slot slot = receipts.take(patience);
      ByteSequence number = slot.nextNumber();
      Outcome outcome = attempt(slot, number, conditions, changes, patience);
      if (outcome instanceof Outcome.Unknown(EtcdFailure cause)) {
        outcome = decide(slot, number, cause);
      }
      switch (outcome) {
        case Outcome.Applied applied -> {
          return true;
        }
        case Outcome.ConditionsFailed failed -> {
          return false;
        }
        case Outcome.NotRun(Exception cause) -> pauseOrFail(patience, cause);
        case Outcome.Unknown(EtcdFailure cause) ->
            throw new SheafException(
                    ErrorCode.STATEMENT_COMPLETION_UNKNOWN,
                    "it is unknown whether a commit to etcd took place: " + cause.getMessage(),
                    cause)
                .withHint("Read back what it should have written.");
      }
    }
  }

  private static void checkHeld(List<Change> changes) {
    for (Change change : changes) {
      if (change.lease() instanceof RenewedLease lease && lease.isEnded()) {
        throw lost(Long.toHexString(lease.id()), null);
      }
    }
  }

  private static SheafException lost(String which, @Nullable Exception cause) {
    return new SheafException(
        ErrorCode.OBJECT_NOT_IN_PREREQUISITE_STATE, "lease " + which + " is lost", cause);
  }

  private static void pauseOrFail(Patience patience, Exception cause) {
    try {
      if (patience.isOver()) {
        throw new SheafException(
                ErrorCode.IO_ERROR, "cannot commit to etcd: " + cause.getMessage(), cause)
            .withHint("Nothing was changed. See whether a majority of etcd runs.");
      }
      patience.pause();
    } catch (EtcdFailure e) {
      throw e.toException("commit");
    }
  }

  private Outcome attempt(
      Slot slot,
      ByteSequence number,
      List<Condition> conditions,
      List<Change> changes,
      Patience patience) {
    try {
      TxnResponse answer =
          connection.call(
              c -> transaction(c, slot, number, conditions, changes), patience.nextTryNanos());
      if (answer.isSucceeded()) {
        slot.writtenAt(answer.getHeader().getRevision());
        receipts.giveBack(slot);
        return new Outcome.Applied();
      }
      return notApplied(slot, number, answer);
    } catch (EtcdFailure e) {
      return switch (e.kind()) {
        case NOT_RUN -> {
          receipts.giveBack(slot);
          yield new Outcome.NotRun(e);
        }
        case LEASE_NOT_FOUND -> leaseNotFound(slot, changes, e, patience);
        case REFUSED -> {
          receipts.giveBack(slot);
          throw e.toException("commit");
        }
        case COMPACTED, INTERRUPTED, UNKNOWN -> new Outcome.Unknown(e);
      };
    }
  }

  private CompletableFuture<TxnResponse> transaction(
      Client client,
      Slot slot,
      ByteSequence number,
      List<Condition> conditions,
      List<Change> changes) {
    List<Cmp> comparisons = reads.comparisons(conditions);
    comparisons.add(Reads.unchanged(slot.key(), slot.modRevision()));
    var operations = new ArrayList<Op>();
    for (Change change : changes) {
      operations.add(operation(change));
    }
    operations.add(receipt(slot, number));
    return client
        .getKVClient()
        .txn()
        .If(comparisons.toArray(Cmp[]::new))
        .Then(operations.toArray(Op[]::new))
        .Else(Op.get(slot.key(), GetOption.DEFAULT))
        .commit();
  }

  private Op operation(Change change) {
    ByteSequence key = keys.fact(change.key());
    String value = change.value();
    if (value == null) {
      return Op.delete(key, DeleteOption.DEFAULT);
    }
    var lease = change.lease();
    return Op.put(
        key,
        Keys.bytes(value),
        lease == null ? PutOption.DEFAULT : PutOption.builder().withLeaseId(lease.id()).build());
  }

  private static Op receipt(Slot slot, ByteSequence value) {
    return Op.put(slot.key(), value, PutOption.builder().withLeaseId(slot.lease().id()).build());
  }

  private Outcome notApplied(Slot slot, ByteSequence number, TxnResponse answer) {
    List<KeyValue> found = answer.getGetResponses().getFirst().getKvs();
    long modRevision = found.isEmpty() ? 0 : found.getFirst().getModRevision();
    if (modRevision == slot.modRevision()) {
      receipts.giveBack(slot);
      return new Outcome.ConditionsFailed();
    }
    if (!found.isEmpty() && found.getFirst().getValue().equals(number)) {
      // The request got there twice, and the first was answered to nobody.
      slot.writtenAt(modRevision);
      receipts.giveBack(slot);
      return new Outcome.Applied();
    }
    receipts.giveUp(slot);
    return new Outcome.NotRun(
        new IllegalStateException("the receipt " + Keys.text(slot.key()) + " was taken away"));
  }

  /** The transaction changed nothing; was it the caller's lease that is lost, or ours? */
  private Outcome leaseNotFound(
      Slot slot, List<Change> changes, EtcdFailure failure, Patience patience) {
    if (changes.stream().allMatch(change -> change.lease() == null)) {
      receipts.giveUp(slot);
      return new Outcome.NotRun(failure);
    }
    try {
      if (!leases.exists(slot.lease(), patience)) {
        receipts.giveUp(slot);
        return new Outcome.NotRun(failure);
      }
    } catch (EtcdFailure e) {
      receipts.giveUp(slot);
      return new Outcome.NotRun(e);
    }
    receipts.giveBack(slot);
    for (Change change : changes) {
      if (change.lease() instanceof RenewedLease lease) {
        lease.renewNow();
      }
    }
    throw lost("of a commit", failure);
  }

  /** The slot is not given back: late tries to decide may still write to it. */
  private Outcome decide(Slot slot, ByteSequence number, EtcdFailure unknown) {
    Patience patience = connection.patience();
    try {
      while (true) {
        try {
          TxnResponse answer =
              connection.call(c -> decision(c, slot, number), patience.nextTryNanos());
          return answer.isSucceeded() ? new Outcome.Applied() : new Outcome.NotRun(unknown);
        } catch (EtcdFailure e) {
          boolean again =
              switch (e.kind()) {
                case NOT_RUN, UNKNOWN -> !patience.isOver();
                case LEASE_NOT_FOUND, COMPACTED, REFUSED, INTERRUPTED -> false;
              };
          if (!again) {
            return new Outcome.Unknown(unknown);
          }
          patience.pause();
        }
      }
    } catch (EtcdFailure | SheafException interruptedOrClosed) {
      return new Outcome.Unknown(unknown);
    }
  }

  private static CompletableFuture<TxnResponse> decision(
      Client client, Slot slot, ByteSequence number) {
    return client
        .getKVClient()
        .txn()
        .If(new Cmp(slot.key(), Cmp.Op.EQUAL, CmpTarget.value(number)))
        .Else(receipt(slot, FENCED))
        .commit();
  }
}
