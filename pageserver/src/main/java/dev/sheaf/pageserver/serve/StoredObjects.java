package dev.sheaf.pageserver.serve;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.pageserver.grant.Grant;
import dev.sheaf.pageserver.manifest.Manifest;
import dev.sheaf.pageserver.manifest.ManifestStore;
import dev.sheaf.pageserver.manifest.SegmentMeta;
import dev.sheaf.pageserver.manifest.ShardObjects;
import dev.sheaf.protocol.Term;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** The objects of an owned shard as the store has them. Thread-safe. */
final class StoredObjects {
  private static final int LIST_PAGE = 1000;

  private final ShardPublisher publisher;
  private final Grant grant;
  private final ManifestStore manifests;
  private final ObjectStore objects;
  private final ShardObjects keys;
  private final ObjectNames names;

  StoredObjects(
      ShardPublisher publisher,
      Grant grant,
      ManifestStore manifests,
      ObjectStore objects,
      ObjectNames names) {
    this.publisher = publisher;
    this.grant = grant;
    this.manifests = manifests;
    this.objects = objects;
    this.keys = new ShardObjects(grant.shard());
    this.names = names;
  }

  /** Lists all of them, a page at a time. */
  List<String> list(Predicate<String> wanted) {
    var found = new ArrayList<String>();
    String after = "";
    while (true) {
      List<String> page = objects.list(keys.folder(), after, LIST_PAGE);
      page.stream().filter(wanted).forEach(found::add);
      if (page.size() < LIST_PAGE) {
        return found;
      }
      after = page.getLast();
    }
  }

  /** Whether nobody is at work on it, nor any later owner's. */
  boolean isOld(String key) {
    if (key.startsWith(keys.manifests())) {
      return publisher.newestKey().filter(newest -> key.compareTo(newest) < 0).isPresent();
    }
    if (!keys.isData(key)) {
      return false;
    }
    Term term = ShardObjects.termOf(key);
    int order = term.compareTo(grant.term());
    return order < 0 || (order == 0 && ShardObjects.sequenceOf(key) <= names.settled());
  }

  /** Key of the manifest that counts, as far as this owner knows. */
  Optional<String> newestManifest() {
    return publisher.newestKey().or(() -> manifests.keys().reversed().stream().findFirst());
  }

  /**
   * What the manifests name that are there and stay, each object with one of them. One that cannot
   * be read now may be read by the next owner: its error is the answer then.
   *
   * @param going manifests that do not count
   */
  Map<String, String> namedByManifests(Set<String> going) {
    var named = new HashMap<String, String>();
    for (String key : manifests.keys()) {
      if (!going.contains(key)) {
        Manifest manifest = manifests.read(key);
        manifest.deletes().forEach(deletes -> named.put(deletes, key));
        for (SegmentMeta segment : manifest.segments()) {
          named.put(segment.objectKey(), key);
        }
      }
    }
    return named;
  }
}
