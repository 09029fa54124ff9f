package dev.sheaf.objectstore.s3;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.Map;

/**
 * The key pair that signs requests, and the token that comes with temporary ones ("" = none). Its
 * text form keeps the secrets to itself.
 */
public record S3Credentials(String accessKey, String secretKey, String sessionToken) {

  /** 22023 when a key is empty. */
  public S3Credentials {
    if (accessKey.isBlank() || secretKey.isBlank()) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE,
          "the object store's access key or secret key is empty");
    }
  }

  public S3Credentials(String accessKey, String secretKey) {
    this(accessKey, secretKey, "");
  }

  /**
   * What {@code AWS_ACCESS_KEY_ID}, {@code AWS_SECRET_ACCESS_KEY} and, if there, {@code
   * AWS_SESSION_TOKEN} say.
   *
   * @param environment usually {@code System.getenv()}
   * @throws SheafException 22023 when one is missing
   */
  public static S3Credentials fromEnvironment(Map<String, String> environment) {
    String accessKey = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
    String secretKey = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
    if (accessKey.isBlank() || secretKey.isBlank()) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE,
              "no credentials for the object store: AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is"
                  + " not set")
          .withHint("Set both environment variables, or both keys in the settings.");
    }
    return new S3Credentials(
        accessKey, secretKey, environment.getOrDefault("AWS_SESSION_TOKEN", ""));
  }

  @Override
  public String toString() {
    return "S3Credentials[" + accessKey + "]";
  }
}
