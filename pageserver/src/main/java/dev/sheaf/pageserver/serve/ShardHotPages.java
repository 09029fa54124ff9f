package dev.sheaf.pageserver.serve;

import dev.sheaf.columnar.segment.HotPages;
import dev.sheaf.columnar.segment.WarmUps;
import dev.sheaf.coordination.Coordination;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.grant.Grants;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.pageserver.tree.LiveSegment;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.cluster.ShardKeys;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The list of one shard's hot pages: read when the shard has been opened, written for the next
 * owner. It is a hint: one that is old, damaged or of another owner costs some reads and no more,
 * so owners write it under one key, and who writes last has it. Thread-safe.
 */
final class ShardHotPages implements WarmUps.Job {
  private static final System.Logger LOG = System.getLogger(ShardHotPages.class.getName());

  private final ShardState state;
  private final Grant grant;
  private final Grants grants;
  private final Coordination coordination;
  private final ObjectStore objects;
  private final BooleanSupplier closing;
  private final String key;

  /** Whether anything was read since the last look. */
  private volatile boolean used;

  /** Whether the list of the owner before is done with: until then it is not replaced. */
  private volatile boolean settled;

  private final ReentrantLock saving = new ReentrantLock();

  /** What the stored list says, as far as known. Guarded by {@link #saving}. */
  private @Nullable HotPages stored;

  /**
   * @param closing whether the shard is being closed
   */
  ShardHotPages(
      ShardState state,
      Grant grant,
      Grants grants,
      PageServerPorts ports,
      BooleanSupplier closing) {
    this.state = state;
    this.grant = grant;
    this.grants = grants;
    this.coordination = ports.coordination();
    this.objects = ports.objects();
    this.closing = closing;
    this.key = new ShardObjects(grant.shard()).hotPages();
  }

  /** Pages are about to be read for a request. */
  void used() {
    if (!used) {
      used = true;
    }
  }

  /** Whether the list may have changed since this was last asked. */
  boolean takeUsed() {
    if (!settled || !used) {
      return false;
    }
    used = false;
    return true;
  }

  /** Has the pages fetched that the owner before has listed, when it is this shard's turn. */
  void restore(WarmUps warmUps) {
    if (sizes().isEmpty()) {
      settled = true;
    } else {
      warmUps.begin(this);
    }
  }

  @Override
  public String name() {
    return "shard " + state.shard();
  }

  @Override
  public HotPages list() {
    Optional<Long> size = objects.size(key);
    if (size.isPresent() && size.get() > HotPages.MOST_BYTES) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED, key + " has " + size.get() + " bytes, which no list has");
    }
    Optional<byte[]> bytes = size.flatMap(present -> objects.get(key));
    if (bytes.isEmpty()) {
      LOG.log(System.Logger.Level.DEBUG, "{0} begins cold: there is no {1}", name(), key);
      return HotPages.NONE;
    }
    HotPages listed = HotPages.decode(key, bytes.get());
    saving.lock();
    try {
      stored = listed;
    } finally {
      saving.unlock();
    }
    return listed.only(sizes());
  }

  @Override
  public boolean isStopped() {
    return closing.getAsBoolean() || state.isStopped();
  }

  @Override
  public void ended() {
    settled = !isStopped();
  }

  /** Of all segments that count now, ancestors' too, by object key. */
  private Map<String, Long> sizes() {
    var sizes = new HashMap<String, Long>();
    for (LiveSegment segment : state.tree().segments()) {
      SegmentMeta meta = segment.meta();
      sizes.put(meta.objectKey(), meta.sizeBytes());
    }
    return sizes;
  }

  /**
   * Writes the list anew if it has changed. Waits for the stores.
   *
   * @param all hot pages of the process
   * @throws SheafException of the stores; the list is taken for used once more
   */
  void save(HotPages all) {
    if (!saving.tryLock()) {
      return; // somebody is at it
    }
    try {
      HotPages mine = all.only(sizes());
      boolean nothingNew = stored == null ? mine.isEmpty() : mine.samePages(stored);
      if (nothingNew || !mayWrite()) {
        return;
      }
      objects.put(key, mine.encode(key));
      stored = mine;
      undoIfDeleted();
    } catch (SheafException e) {
      used = true;
      throw e;
    } finally {
      saving.unlock();
    }
  }

  private boolean mayWrite() {
    return !state.isStopped() && grant.isHeld() && grants.confirm(grant);
  }

  /** The write may have taken so long that the shard has been deleted meanwhile, list and all. */
  private void undoIfDeleted() {
    if (!grants.confirm(grant)
        && (coordination.get(ShardKeys.grant(state.shard())).isEmpty()
            || coordination.get(ShardKeys.doomed(state.shard())).isPresent())) {
      objects.delete(key);
    }
  }
}
