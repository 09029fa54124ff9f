package dev.sheaf.pageserver.check;

import dev.sheaf.columnar.segment.RangeReader;
import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.manifest.DeleteVector;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.rpc.shard.ShardInspection.CheckListener;
import dev.sheaf.rpc.shard.ShardInspection.Checked;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks all that the manifests of a shard name, of its ancestors too: past every cache, from the
 * object store itself. Rows are checked as the newest manifest that can be read has them; what only
 * older ones name must be there and be whole.
 *
 * <p>Whoever runs it sees to it that nothing is deleted meanwhile. Needs memory for the delete
 * vectors, the lists of segments, 16 MiB for reading one segment and up to 32 MiB for merging a
 * table's (a MiB for each that holds one key, should there be more). Used by one thread, once.
 */
public final class StoreCheck {
  private final ObjectStore objects;
  private final RangeReader reader;
  private final ManifestStore manifests;
  private final Findings findings;
  private final Tally tally;

  /** What manifests name, the newest manifest's description first. */
  private final Map<String, SegmentMeta> segments = new LinkedHashMap<>();

  private final Set<String> deletes = new LinkedHashSet<>();
  private @Nullable Manifest newest;

  /**
   * @param goOn asked often; what it throws ends the check
   */
  public StoreCheck(
      ObjectStore objects,
      ShardId shard,
      CheckListener listener,
      Runnable goOn,
      LongSupplier nanoClock) {
    this.objects = objects;
    this.reader = new PastCaches(objects);
    this.manifests = new ManifestStore(objects, new ShardObjects(shard));
    this.findings = new Findings(listener::found);
    this.tally = new Tally(findings, listener, goOn, nanoClock);
  }

  private record PastCaches(ObjectStore objects) implements RangeReader {
    @Override
    public byte[] read(String objectKey, long offset, int length) {
      return objects.getRangeOnce(objectKey, offset, length);
    }

    @Override
    public byte[] reread(String objectKey, long offset, int length) {
      return objects.getRangeAgain(objectKey, offset, length);
    }
  }

  /**
   * @param logEnd the end of the shard's log, asked once the manifests have been read
   * @throws SheafException errors of the store other than damage, and what {@code goOn} throws
   */
  public Checked run(Supplier<Lsn> logEnd) {
    readManifests(logEnd);
    tally.expect(segments.size() + (long) deletes.size());
    Manifest present = newest;
    if (present != null) {
      Map<String, DeleteVector> deleted = readDeletes(present);
      Set<String> unreadable = scanSegments(deleted);
      mergeTables(present, deleted, unreadable);
    }
    return tally.checked();
  }

  private void readManifests(Supplier<Lsn> logEnd) {
    var published = new LinkedHashMap<String, Lsn>();
    for (String key : manifests.keys().reversed()) {
      try {
        Manifest manifest = manifests.read(key);
        newest = newest == null ? manifest : newest;
        published.put(key, manifest.published());
        manifest.segments().forEach(segment -> add(key, segment));
        deletes.addAll(manifest.deletes());
      } catch (SheafException e) {
        findings.add(key, e);
      }
      tally.manifest(objects.size(key).orElse(0L));
    }
    Lsn end = logEnd.get();
    published.forEach((key, lsn) -> {
      if (end.isBefore(lsn)) {
        findings.add(key, "it covers the log up to " + lsn + ", but the log ends at " + end);
      }
    });
  }

  private void add(String manifestKey, SegmentMeta segment) {
    SegmentMeta known = segments.putIfAbsent(segment.objectKey(), segment);
    if (known != null && !known.equals(segment)) {
      findings.add(
          manifestKey, "it describes " + segment.objectKey() + " otherwise than a later manifest");
    }
  }

  /** Looks at all delete vector objects; returns what the present manifest has of them. */
  private Map<String, DeleteVector> readDeletes(Manifest present) {
    var check = new DeleteVectorCheck(present, segments, findings);
    var merged = new HashMap<String, DeleteVector>();
    Set<String> ofPresent = Set.copyOf(present.deletes());
    for (String key : deletes) {
      try {
        Map<String, DeleteVector> vectors = manifests.readDeletes(present, key);
        check.check(key, vectors);
        if (ofPresent.contains(key)) {
          vectors.forEach((segment, vector) -> merged.merge(segment, vector, DeleteVector::with));
        }
      } catch (SheafException e) {
        findings.add(key, e);
      }
      tally.object(objects.size(key).orElse(0L));
    }
    return merged;
  }

  /** Returns those that cannot be merged with others. */
  private Set<String> scanSegments(Map<String, DeleteVector> deleted) {
    var unreadable = new HashSet<String>();
    for (SegmentMeta segment : segments.values()) {
      String key = segment.objectKey();
      Optional<Long> size = objects.size(key);
      if (size.isEmpty()) {
        findings.add(key, "it is missing");
        unreadable.add(key);
      } else {
        if (size.get() != segment.sizeBytes()) {
          findings.add(
              key, "it has " + size.get() + " bytes, the manifest says " + segment.sizeBytes());
        }
        DeleteVector vector = deleted.getOrDefault(key, DeleteVector.NONE);
        if (!new SegmentScan(segment, vector, findings, tally).run(reader)) {
          unreadable.add(key);
        }
      }
      tally.object(size.orElse(0L));
    }
    return unreadable;
  }

  /**
   * Segments that the log still names are left out: what they supersede, or what has been deleted
   * before them, may be in the log only.
   */
  private void mergeTables(
      Manifest present, Map<String, DeleteVector> deleted, Set<String> unreadable) {
    if (present.deletes().stream().anyMatch(findings::has)) {
      findings.add(
          present.deletes().stream().filter(findings::has).findFirst().orElseThrow(),
          "so it was not checked whether rows are visible that should not be");
      return;
    }
    var tables = new TreeMap<Integer, List<SegmentMeta>>();
    for (SegmentMeta segment : present.segments()) {
      if (!unreadable.contains(segment.objectKey())
          && !segment.maxTimestamp().isAfter(present.newestCommit())) {
        tables.computeIfAbsent(segment.tableId(), id -> new ArrayList<>()).add(segment);
      }
    }
    var chains = new VersionChains(reader, findings, tally);
    tables.values().forEach(table -> chains.check(table, deleted));
  }
}
