package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.s3.S3Failure.Kind;
import io.minio.Http;
import io.minio.messages.Part;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One file as an object, in parts: begin, each part, complete. The object shows, whole, with the
 * last step; before it fails it is aborted, so that its parts do not cost space for ever. Single
 * use.
 */
final class MultipartUpload {
  private static final System.Logger LOG = System.getLogger(MultipartUpload.class.getName());

  /** S3's bound. */
  private static final int MAX_PARTS = 10_000;

  private static final int PART_UNIT_BYTES = 1 << 20;

  private final S3Requests requests;
  private final S3Retries retries;
  private final String name;
  private final Path file;
  private final long sizeBytes;
  private final long partBytes;
  private final boolean signed;

  /**
   * @param signed whether requests sign their content
   */
  MultipartUpload(
      S3Requests requests,
      S3Retries retries,
      String name,
      FilePart whole,
      int partBytes,
      boolean signed) {
    this.requests = requests;
    this.retries = retries;
    this.name = name;
    this.file = whole.file();
    this.sizeBytes = whole.length();
    this.partBytes = partBytes(sizeBytes, partBytes);
    this.signed = signed;
  }

  /** The wanted size, or the least whole number of MiB with which 10,000 parts do. */
  static long partBytes(long sizeBytes, long wantedBytes) {
    long needed = Math.ceilDiv(sizeBytes, MAX_PARTS);
    return Math.max(wantedBytes, Math.ceilDiv(needed, PART_UNIT_BYTES) * PART_UNIT_BYTES);
  }

  void run(String putId, Http.Headers headers) throws S3Failure {
    String uploadId = retries.call(() -> requests.beginUpload(name, headers));
    try {
      complete(uploadId, uploadParts(uploadId), putId);
    } catch (S3Failure e) {
      abort(uploadId, e);
      throw e;
    }
  }

  private List<Part> uploadParts(String uploadId) throws S3Failure {
    var parts = new ArrayList<Part>();
    for (long offset = 0; offset < sizeBytes; offset += partBytes) {
      var part = new FilePart(file, offset, Math.min(partBytes, sizeBytes - offset));
      Http.Headers headers = PutHeaders.part(Digests.of(part, signed));
      int number = parts.size() + 1;
      parts.add(retries.call(() -> requests.uploadPart(name, uploadId, number, part, headers)));
    }
    return parts;
  }

  private void complete(String uploadId, List<Part> parts, String putId) throws S3Failure {
    try {
      retries.call(() -> {
        requests.completeUpload(name, uploadId, parts);
        return uploadId;
      });
    } catch (S3Failure e) {
      // an attempt whose answer got lost has used up the upload, and the next one finds none
      boolean unclear = e.kind() == Kind.ABSENT || e.mayHaveHappened();
      if (!unclear || !isThere(putId)) {
        throw e;
      }
    }
  }

  private boolean isThere(String putId) throws S3Failure {
    return retries.call(() -> requests.head(name)).stream()
        .anyMatch(object -> PutHeaders.isOf(object.headers(), putId));
  }

  private void abort(String uploadId, S3Failure why) {
    try {
      retries.call(() -> {
        requests.abortUpload(name, uploadId);
        return uploadId;
      });
    } catch (S3Failure e) {
      if (e.kind() != Kind.ABSENT) {
        why.addSuppressed(e);
        LOG.log(
            System.Logger.Level.WARNING,
            "parts of a failed upload to '" + name + "' stay in the bucket: " + e.message());
      }
    }
  }
}
