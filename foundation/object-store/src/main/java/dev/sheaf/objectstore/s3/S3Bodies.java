package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.s3.S3Failure.Kind;
import io.minio.GetObjectResponse;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads answers' bodies to the byte: what is shorter, longer or from elsewhere than its headers say
 * is a failure, never content.
 */
final class S3Bodies {
  private static final System.Logger LOG = System.getLogger(S3Bodies.class.getName());
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(?:\\d{1,18}|\\*)");

  private S3Bodies() {}

  static byte[] whole(GetObjectResponse response) throws IOException {
    long length = contentLength(response);
    if (length > Integer.MAX_VALUE - 8) {
      throw new S3Failure(
          Kind.REJECTED, "an object of " + length + " bytes is read by ranges only");
    }
    return exactly(response, (int) length);
  }

  /** At most {@code length} bytes: fewer where the object ends before. */
  static byte[] range(GetObjectResponse response, long offset, int length) throws IOException {
    String header = response.headers().get("Content-Range");
    Matcher range = CONTENT_RANGE.matcher(header == null ? "" : header);
    if (!range.matches() || Long.parseLong(range.group(1)) != offset) {
      throw new S3Failure(
          Kind.REJECTED, "asked for a range, got '" + header + "' instead of bytes from " + offset);
    }
    long sent = Long.parseLong(range.group(2)) - offset + 1;
    if (sent > length || sent != contentLength(response)) {
      throw new S3Failure(
          Kind.LOST, "the answer's length is not the one of '%s'".formatted(header));
    }
    return exactly(response, (int) sent);
  }

  private static long contentLength(GetObjectResponse response) throws S3Failure {
    @Nullable String length = response.headers().get("Content-Length");
    try {
      return length == null ? missingLength() : Long.parseLong(length);
    } catch (NumberFormatException e) {
      throw new S3Failure(Kind.LOST, "the answer has Content-Length " + length, e);
    }
  }

  /** Without it a body that was cut looks like a whole one. */
  private static long missingLength() throws S3Failure {
    throw new S3Failure(Kind.LOST, "the answer has no Content-Length");
  }

  private static byte[] exactly(GetObjectResponse response, int length) throws IOException {
    byte[] content = new byte[length];
    int read = response.readNBytes(content, 0, length);
    if (read < length || response.read() >= 0) {
      throw new S3Failure(
          Kind.LOST,
          "the answer has %s bytes than the %d announced"
              .formatted(read < length ? "fewer" : "more", length));
    }
    return content;
  }

  static void discard(GetObjectResponse response) {
    try {
      response.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "closing an answer that came too late", e);
    }
  }
}
