package dev.sheaf.objectstore.s3;

import io.minio.Http;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import okhttp3.Headers;

/**
 * Headers of writes, and what of them is kept with the object.
 *
 * <pre>
 * header                       value                          sent with      kept
 * x-amz-meta-sheaf-put-id      32 hex digits, random per put  put, upload    yes: whose object is it?
 * x-amz-meta-sheaf-crc32c      8 hex digits, of all bytes     put, upload    yes, if checksums are on
 * Content-MD5                  base64, of this body           put, part      no: the store checks it
 * x-amz-content-sha256         hex, or UNSIGNED-PAYLOAD       put, part      no: signed
 * If-None-Match                *                              create-only    no
 * </pre>
 */
final class PutHeaders {
  private static final String PUT_ID = "x-amz-meta-sheaf-put-id";
  private static final String CRC32C = "x-amz-meta-sheaf-crc32c";
  private static final int ID_BYTES = 16;

  private final RandomGenerator random;
  private final boolean checksums;

  PutHeaders(RandomGenerator random, boolean checksums) {
    this.random = random;
    this.checksums = checksums;
  }

  String newPutId() {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  /** Of a whole object in one request. */
  Http.Headers put(String putId, Digests digests) {
    Http.Headers headers = kept(putId, digests.crc32cHex());
    addBody(headers, digests);
    return headers;
  }

  /** Of an object that must not exist. */
  Http.Headers create(String putId, Digests digests) {
    Http.Headers headers = put(putId, digests);
    headers.set("If-None-Match", "*");
    return headers;
  }

  /** Of an upload in parts. */
  Http.Headers upload(String putId, String crc32cHex) {
    return kept(putId, crc32cHex);
  }

  /** Of a part of an upload. */
  static Http.Headers part(Digests digests) {
    var headers = new Http.Headers();
    addBody(headers, digests);
    return headers;
  }

  private Http.Headers kept(String putId, String crc32cHex) {
    var headers = new Http.Headers();
    headers.set(PUT_ID, putId);
    if (checksums) {
      headers.set(CRC32C, crc32cHex);
    }
    return headers;
  }

  private static void addBody(Http.Headers headers, Digests digests) {
    headers.set(Http.Headers.CONTENT_MD5, digests.md5Base64());
    headers.set(Http.Headers.X_AMZ_CONTENT_SHA256, digests.sha256());
  }

  static boolean isOf(Headers object, String putId) {
    return putId.equals(object.get(PUT_ID));
  }

  /** Whether whole content is what was put; true where nothing tells. */
  boolean fits(Headers object, byte[] content) {
    String kept = object.get(CRC32C);
    return !checksums || kept == null || kept.equals(Digests.crc32cHex(content));
  }
}
