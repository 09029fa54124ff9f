package dev.sheaf.objectstore.s3;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.net.URI;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where the objects are and how to get at them.
 *
 * @param endpoint scheme, host and port: {@code https://s3.eu-central-1.amazonaws.com}, {@code
 *     http://127.0.0.1:9000}
 * @param region signs the requests; most stores other than Amazon's take any
 * @param bucket must exist
 * @param prefix put before all keys, "" or ending with a slash: lets several clusters share a
 *     bucket
 * @param pathStyle {@code endpoint/bucket/key} instead of {@code bucket.endpoint/key}; what MinIO
 *     and Ceph want
 * @param checksums send an MD5 that the store checks, keep a CRC-32C with each object and check it
 *     when a whole object is read
 */
public record S3Settings(
    URI endpoint,
    String region,
    String bucket,
    String prefix,
    boolean pathStyle,
    S3Credentials credentials,
    boolean checksums,
    S3Limits limits) {

  public static final String DEFAULT_REGION = "us-east-1";

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern REGION = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9._-]{1,128}/){0,8}");
  private static final int MAX_PREFIX_BYTES = 256;

  /** 22023 when a part is malformed. */
  public S3Settings {
    check(
        endpoint.getScheme() != null
            && Set.of("http", "https").contains(endpoint.getScheme())
            && endpoint.getHost() != null
            && (endpoint.getRawPath() == null || Set.of("", "/").contains(endpoint.getRawPath()))
            && endpoint.getRawQuery() == null
            && endpoint.getRawUserInfo() == null,
        "endpoint '" + endpoint + "' is not http://host:port or https://host:port");
    check(REGION.matcher(region).matches(), "region '" + region + "' is malformed");
    check(BUCKET.matcher(bucket).matches(), "'" + bucket + "' is not the name of a bucket");
    check(
        PREFIX.matcher(prefix).matches()
            && prefix.length() <= MAX_PREFIX_BYTES
            && !("/" + prefix).contains("/./")
            && !("/" + prefix).contains("/../"),
        "prefix '" + prefix + "' is not names of [A-Za-z0-9._-], each followed by a slash");
  }

  /** Path style, checksums, default limits, no prefix. */
  public S3Settings(URI endpoint, String bucket, S3Credentials credentials) {
    this(endpoint, DEFAULT_REGION, bucket, "", true, credentials, true, S3Limits.DEFAULT);
  }

  /** The same with other limits. */
  public S3Settings withLimits(S3Limits other) {
    return new S3Settings(
        endpoint, region, bucket, prefix, pathStyle, credentials, checksums, other);
  }

  /** The same below another prefix. */
  public S3Settings withPrefix(String other) {
    return new S3Settings(
        endpoint, region, bucket, other, pathStyle, credentials, checksums, limits);
  }

  /** For messages: bucket and endpoint. */
  String where() {
    return "bucket '" + bucket + "' at " + endpoint;
  }

  /** Content is signed where TLS does not protect it. */
  boolean signsContent() {
    return "http".equals(endpoint.getScheme());
  }

  private static void check(boolean holds, String wrong) {
    if (!holds) {
      throw new SheafException(ErrorCode.INVALID_PARAMETER_VALUE, "object store: " + wrong);
    }
  }
}
