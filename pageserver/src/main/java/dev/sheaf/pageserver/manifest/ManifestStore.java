package dev.sheaf.pageserver.manifest;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Publishes and finds the manifests of one shard. Used by the shard's owner. */
public final class ManifestStore {
  private static final System.Logger LOG = System.getLogger(ManifestStore.class.getName());
  private static final int LIST_PAGE = 1000;

  /** Manifests kept behind the newest: for a look at how a shard came to be what it is. */
  private final ObjectStore objects;

  private final ShardObjects names;

  public ManifestStore(ObjectStore objects, ShardObjects keys) {
    this.objects = objects;
    this.names = keys;
  }

  /**
   * The newest manifest; empty() if there is none. A damaged one is XX001, unless the log still
   * holds everything after an older one.
   *
   * @param logStart the oldest position that the log still holds
   */
  public Manifest newest(Lsn logStart) {
    List<String> found = keys();
    SheafException damage = null;
    for (String key : found.reversed()) {
      Manifest manifest;
      try {
        manifest = read(key);
      } catch (SheafException e) {
        if (e.code() != ErrorCode.DATA_CORRUPTED) {
          throw e;
        }
        damage = damage == null ? e : damage;
        continue;
      }
      if (manifest.published().isBefore(logStart)) {
        throw damage != null
            ? damage
            : lost("the newest manifest " + key + " ends at " + manifest.published(), logStart);
      }
      if (damage != null) {
        LOG.log(
            System.Logger.Level.WARNING,
            "fell back to manifest " + key + ", replaying the log from there: " + damage.message());
      }
      return manifest;
    }
    if (Lsn.ZERO.isBefore(logStart)) {
      throw damage != null ? damage : lost("there is no manifest", logStart);
    }
    return Manifest.empty(names.shard());
  }

  private SheafException lost(String what, Lsn logStart) {
    return new SheafException(
        ErrorCode.DATA_CORRUPTED,
        "shard " + names.shard() + ": " + what + ", but the log begins at " + logStart);
  }

  /** Keys of all manifests, the newest last. */
  public List<String> keys() {
    var found = new ArrayList<String>();
    String after = "";
    while (true) {
      List<String> page = objects.list(names.manifests(), after, LIST_PAGE);
      found.addAll(page);
      if (page.size() < LIST_PAGE) {
        return found;
      }
      after = page.getLast();
    }
  }

  /** XX001 if it is absent or damaged. */
  public Manifest read(String key) {
    Manifest manifest = ManifestCodec.decode(key, require(key));
    if (!manifest.shard().equals(names.shard())
        || !names.manifest(manifest.term(), manifest.sequence()).equals(key)) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED,
          key
              + " holds manifest "
              + manifest.term()
              + "-"
              + manifest.sequence()
              + " of shard "
              + manifest.shard());
    }
    return manifest;
  }

  private byte[] require(String key) {
    return objects
        .get(key)
        .orElseThrow(() -> new SheafException(ErrorCode.DATA_CORRUPTED, key + " is missing"));
  }

  /** Makes a manifest the newest. Its segments and delete vectors must have been uploaded. */
  public void publish(Manifest manifest) {
    manifest.checkInvariants();
    String key = names.manifest(manifest.term(), manifest.sequence());
    if (!objects.putIfAbsent(key, ManifestCodec.encode(manifest))) {
      throw new SheafException(
          ErrorCode.CANNOT_CONNECT_NOW, "another owner has published " + key + " already");
    }
  }

  /**
   * Writes the manifest that a new shard begins with. One that is there already stays: it was
   * written for the same beginning.
   */
  public void begin(Manifest manifest) {
    manifest.checkInvariants();
    boolean unused =
        objects.putIfAbsent(
            names.manifest(manifest.term(), manifest.sequence()), ManifestCodec.encode(manifest));
  }

  /** Writes delete vectors (segment's object key to vector) as an object for a later manifest. */
  public void writeDeletes(String key, Map<String, DeleteVector> vectors) {
    objects.put(key, DeleteVectorCodec.encode(key, vectors));
  }

  /** The delete vectors that a manifest names, by their segment's object key. */
  public Map<String, DeleteVector> readDeletes(Manifest manifest) {
    var merged = new HashMap<String, DeleteVector>();
    for (String key : manifest.deletes()) {
      readDeletes(manifest, key)
          .forEach((segment, vector) -> merged.merge(segment, vector, DeleteVector::with));
    }
    return merged;
  }

  /** Those of one of the objects that the manifest names, as far as they count for it. */
  public Map<String, DeleteVector> readDeletes(Manifest manifest, String key) {
    Timestamp upTo = manifest.deletesUpTo(key);
    Map<String, DeleteVector> vectors = DeleteVectorCodec.decode(key, require(key));
    vectors.replaceAll((segment, vector) -> vector.upTo(upTo));
    return vectors;
  }
}
