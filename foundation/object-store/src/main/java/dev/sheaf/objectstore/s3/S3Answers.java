package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.s3.S3Failure.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Turns every answer that is not a success into an {@link S3Failure}, before the SDK sees it: the
 * SDK guesses codes for answers without XML, and loses the status of those that a proxy in between
 * wrote. Thread-safe.
 */
final class S3Answers implements Interceptor {
  private static final Pattern CODE = Pattern.compile("<Code>\\s*([^<]{1,100}?)\\s*</Code>");
  private static final Pattern MESSAGE =
      Pattern.compile("<Message>\\s*([^<]{1,500}?)\\s*</Message>");
  private static final int MAX_ERROR_BYTES = 64 << 10;

  @Override
  public Response intercept(Chain chain) throws IOException {
    Response response;
    try {
      response = chain.proceed(chain.request());
    } catch (UnknownHostException
        | ConnectException
        | NoRouteToHostException
        | SSLHandshakeException
        | SSLPeerUnverifiedException e) {
      throw new S3Failure(Kind.UNREACHABLE, "no connection: " + e.getMessage(), e);
    }
    if (response.isSuccessful()) {
      return response;
    }
    try (response) {
      String body = response.peekBody(MAX_ERROR_BYTES).string();
      String code = find(CODE, body);
      String region = response.header("x-amz-bucket-region", "");
      throw failure(response.code(), code, find(MESSAGE, body), String.valueOf(region));
    }
  }

  /**
   * @param code S3's, "" when the answer has none: those to HEAD, those of proxies
   */
  static S3Failure failure(int status, String code, String message, String bucketRegion) {
    Kind kind = kindOf(status, code);
    var text = new StringBuilder("HTTP ").append(status);
    if (!code.isEmpty()) {
      text.append(' ').append(code);
    }
    if (!message.isEmpty()) {
      text.append(": ").append(message);
    }
    if (kind == Kind.WRONG_REGION && !bucketRegion.isEmpty()) {
      text.append(" (the bucket is in region ").append(bucketRegion).append(')');
    }
    return new S3Failure(kind, text.toString());
  }

  private static Kind kindOf(int status, String code) {
    return switch (code) {
      case "NoSuchBucket" -> Kind.BUCKET_MISSING;
      case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect" ->
          Kind.WRONG_REGION;
      case "RequestTimeTooSkewed" -> Kind.CLOCK_SKEWED;
      case "RequestTimeout", "SlowDown", "OperationAborted", "ConditionalRequestConflict" ->
          Kind.BUSY;
      case "QuotaExceeded",
          "XMinioStorageFull",
          "XMinioAdminBucketQuotaExceeded",
          "InsufficientStorage" ->
          Kind.FULL;
      case "NotImplemented" -> Kind.UNSUPPORTED;
      case "InvalidRange" -> Kind.RANGE_BEHIND_END;
      default -> kindOf(status);
    };
  }

  private static Kind kindOf(int status) {
    return switch (status) {
      case 301, 307, 308 -> Kind.WRONG_REGION;
      case 401, 403 -> Kind.DENIED;
      case 404 -> Kind.ABSENT;
      case 408, 409, 425, 429 -> Kind.BUSY;
      case 412 -> Kind.CONDITION_FAILED;
      case 416 -> Kind.RANGE_BEHIND_END;
      case 501 -> Kind.UNSUPPORTED;
      case 507 -> Kind.FULL;
      default -> status >= 500 ? Kind.BUSY : Kind.REJECTED;
    };
  }

  private static String find(Pattern pattern, String body) {
    Matcher matcher = pattern.matcher(body);
    return matcher.find() ? matcher.group(1) : "";
  }
}
