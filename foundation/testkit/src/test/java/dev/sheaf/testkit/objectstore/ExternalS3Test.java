package dev.sheaf.testkit.objectstore;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.objectstore.s3.S3Credentials;
import dev.sheaf.objectstore.s3.S3Limits;
import dev.sheaf.objectstore.s3.S3ObjectStore;
import dev.sheaf.objectstore.s3.S3Settings;
import java.net.URI;
import java.security.SecureRandom;
import java.util.UUID;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * The contract against a real store: set SHEAF_S3_ENDPOINT, SHEAF_S3_KEY, SHEAF_S3_SECRET,
 * SHEAF_S3_BUCKET, and SHEAF_S3_REGION where it is not us-east-1. Leaves its objects below {@code
 * sheaf-contract/} in the bucket.
 */
@EnabledIfEnvironmentVariable(named = "SHEAF_S3_ENDPOINT", matches = "http.*")
final class ExternalS3Test extends ObjectStoreContract {

  @Override
  protected ObjectStore open() {
    return S3ObjectStore.connect(
        new S3Settings(
            URI.create(System.getenv("SHEAF_S3_ENDPOINT")),
            System.getenv().getOrDefault("SHEAF_S3_REGION", S3Settings.DEFAULT_REGION),
            System.getenv("SHEAF_S3_BUCKET"),
            "sheaf-contract/" + UUID.randomUUID() + "/",
            true,
            new S3Credentials(System.getenv("SHEAF_S3_KEY"), System.getenv("SHEAF_S3_SECRET")),
            true,
            S3Limits.DEFAULT.withParts(S3Limits.MIN_PART_BYTES, S3Limits.MIN_PART_BYTES)),
        new SecureRandom(),
        System::nanoTime);
  }
}
