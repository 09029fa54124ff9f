package dev.sheaf.server;

import dev.sheaf.objectstore.s3.S3Credentials;
import dev.sheaf.objectstore.s3.S3Limits;
import dev.sheaf.objectstore.s3.S3ObjectStore;
import dev.sheaf.objectstore.s3.S3Settings;
import dev.sheaf.protocol.error.SheafException;
import java.security.SecureRandom;

/** The object store of a cluster, from the settings. */
final class ClusterObjects {
  private ClusterObjects() {}

  /**
   * @param writes whether the store has to show that it is fit to be written to
   */
  static S3ObjectStore open(SheafConfig.S3 config, boolean writes, SecureRandom random) {
    try {
      var settings =
          new S3Settings(
              config.endpoint().orElseThrow(),
              config.region(),
              config.bucket(),
              config.prefix().orElse(""),
              config.pathStyle(),
              credentials(config),
              config.checksums(),
              S3Limits.DEFAULT);
      return writes
          ? S3ObjectStore.connect(settings, random, System::nanoTime)
          : S3ObjectStore.forReading(settings, random, System::nanoTime);
    } catch (SheafException e) {
      throw new StartFailure(ExitCode.FAILED, e.message(), e);
    }
  }

  /** Both keys from the settings, or else from the environment as Amazon's tools read it. */
  private static S3Credentials credentials(SheafConfig.S3 config) {
    String accessKey = config.accessKey().orElse("");
    String secretKey = config.secretKey().orElse("");
    return accessKey.isEmpty() && secretKey.isEmpty()
        ? S3Credentials.fromEnvironment(System.getenv())
        : new S3Credentials(accessKey, secretKey);
  }
}
