package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.ObjectKeys;
import dev.sheaf.objectstore.s3.S3Failure.Kind;
import io.minio.messages.Item;
import io.minio.messages.ListBucketResultV2;
import io.minio.messages.ListMultipartUploadsResult;
import io.minio.messages.ListMultipartUploadsResult.Upload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Listings, page by page. Thread-safe. */
final class S3Listing {
  private static final int MAX_PAGE = 1000;

  private final S3Requests requests;
  private final S3Retries retries;
  private final String storePrefix;

  S3Listing(S3Requests requests, S3Retries retries, String storePrefix) {
    this.requests = requests;
    this.retries = retries;
    this.storePrefix = storePrefix;
  }

  /** As the port's; objects whose names are no keys are not ours and left out. */
  List<String> keys(String prefix, String startAfter, int limit) throws S3Failure {
    var keys = new ArrayList<String>();
    String last = startAfter.isEmpty() ? null : storePrefix + startAfter;
    String continuation = null;
    while (keys.size() < limit) {
      ListBucketResultV2 page = page(storePrefix + prefix, startAfter, continuation, limit);
      for (Item item : page.contents()) {
        String name = item.objectName();
        last = checkOrder(last, name);
        String key = name.substring(storePrefix.length());
        if (keys.size() < limit && ObjectKeys.isKey(key)) {
          keys.add(key);
        }
      }
      continuation = page.nextContinuationToken();
      if (!page.isTruncated() || continuation == null) {
        break;
      }
    }
    return keys;
  }

  private ListBucketResultV2 page(
      String prefix, String startAfter, @Nullable String continuation, int limit) throws S3Failure {
    String after = startAfter.isEmpty() ? "" : storePrefix + startAfter;
    return retries.call(
        () -> requests.list(prefix, after, continuation, Math.min(limit, MAX_PAGE)));
  }

  /** Who reads page by page relies on it: a key out of order would be taken for a deleted one. */
  private String checkOrder(@Nullable String last, String name) throws S3Failure {
    if (!name.startsWith(storePrefix) || (last != null && name.compareTo(last) <= 0)) {
      throw new S3Failure(
          Kind.REJECTED, "it lists '" + name + "' after '" + last + "', out of order");
    }
    return name;
  }

  /** Uploads in parts that began before a time and have not ended, of names that are keys. */
  List<Upload> uploadsBefore(Instant time) throws S3Failure {
    var uploads = new ArrayList<Upload>();
    String keyMarker = null;
    String uploadIdMarker = null;
    while (true) {
      String key = keyMarker;
      String upload = uploadIdMarker;
      ListMultipartUploadsResult page =
          retries.call(() -> requests.listUploads(storePrefix, key, upload));
      for (Upload found : page.uploads()) {
        if (isOurs(found.objectName()) && found.initiated().toInstant().isBefore(time)) {
          uploads.add(found);
        }
      }
      keyMarker = page.nextKeyMarker();
      uploadIdMarker = page.nextUploadIdMarker();
      if (!page.isTruncated() || keyMarker == null || uploadIdMarker == null) {
        return uploads;
      }
      if (keyMarker.equals(key) && uploadIdMarker.equals(upload)) {
        throw new S3Failure(
            Kind.REJECTED, "its list of uploads repeats itself after '" + key + "'");
      }
    }
  }

  private boolean isOurs(String name) {
    return name.startsWith(storePrefix) && ObjectKeys.isKey(name.substring(storePrefix.length()));
  }
}
