package dev.sheaf.objectstore.s3;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.time.Duration;

/**
 * Bounds of the S3 adapter's requests.
 *
 * @param maxRequests requests under way at a time; more wait
 * @param connectTimeout for a connection
 * @param requestTimeout for one attempt that carries at most 1 MiB
 * @param transferTimeout for one attempt that carries more
 * @param maxAttempts of one request, the first included
 * @param retryFor after this long since the first attempt began, no further one begins
 * @param backoff the first pause between attempts is random below this; it doubles up to 2 s
 * @param retryBudget retries that may be made at once: a bucket of tokens, a tenth of one refilled
 *     by each success, so that a sick store is not also stormed
 * @param multipartThresholdBytes larger files are uploaded in parts
 * @param partBytes size of a part, grown where a file would need more than 10,000; S3 wants 5 MiB
 *     at least
 */
public record S3Limits(
    int maxRequests,
    Duration connectTimeout,
    Duration requestTimeout,
    Duration transferTimeout,
    int maxAttempts,
    Duration retryFor,
    Duration backoff,
    int retryBudget,
    long multipartThresholdBytes,
    int partBytes) {

  public static final int MIN_PART_BYTES = 5 << 20;

  public static final S3Limits DEFAULT =
      new S3Limits(
          64,
          Duration.ofSeconds(2),
          Duration.ofSeconds(5),
          Duration.ofSeconds(60),
          5,
          Duration.ofSeconds(30),
          Duration.ofMillis(50),
          100,
          32L << 20,
          16 << 20);

  /** 22023 when a bound makes no sense. */
  public S3Limits {
    check(maxRequests > 0 && maxAttempts > 0 && retryBudget >= 0, "counts must be positive");
    check(
        isPositive(connectTimeout)
            && isPositive(requestTimeout)
            && isPositive(transferTimeout)
            && !retryFor.isNegative()
            && !backoff.isNegative(),
        "times must be positive");
    check(partBytes >= MIN_PART_BYTES, "parts have 5 MiB at least");
    check(
        multipartThresholdBytes >= MIN_PART_BYTES && multipartThresholdBytes <= 5L << 30,
        "files from 5 MiB to 5 GiB on may be uploaded in parts");
  }

  /** The same with other time-outs of an attempt. */
  public S3Limits withTimeouts(Duration connect, Duration request, Duration transfer) {
    return new S3Limits(
        maxRequests,
        connect,
        request,
        transfer,
        maxAttempts,
        retryFor,
        backoff,
        retryBudget,
        multipartThresholdBytes,
        partBytes);
  }

  /** The same with other retries. */
  public S3Limits withRetries(int attempts, Duration within, Duration firstBackoff, int budget) {
    return new S3Limits(
        maxRequests,
        connectTimeout,
        requestTimeout,
        transferTimeout,
        attempts,
        within,
        firstBackoff,
        budget,
        multipartThresholdBytes,
        partBytes);
  }

  /** The same with another number of requests at a time. */
  public S3Limits withMaxRequests(int requests) {
    return new S3Limits(
        requests,
        connectTimeout,
        requestTimeout,
        transferTimeout,
        maxAttempts,
        retryFor,
        backoff,
        retryBudget,
        multipartThresholdBytes,
        partBytes);
  }

  /** The same with other sizes of uploads in parts. */
  public S3Limits withParts(long thresholdBytes, int bytes) {
    return new S3Limits(
        maxRequests,
        connectTimeout,
        requestTimeout,
        transferTimeout,
        maxAttempts,
        retryFor,
        backoff,
        retryBudget,
        thresholdBytes,
        bytes);
  }

  private static boolean isPositive(Duration time) {
    return !time.isNegative() && !time.isZero();
  }

  private static void check(boolean holds, String rule) {
    if (!holds) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "bad limits of the object store: " + rule);
    }
  }
}
