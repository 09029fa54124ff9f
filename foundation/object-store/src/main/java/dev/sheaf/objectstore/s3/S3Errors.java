package dev.sheaf.objectstore.s3;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;

/** What a failed request means for the caller of the port, and what to do about it. Pure. */
final class S3Errors {
  private final S3Settings settings;

  S3Errors(S3Settings settings) {
    this.settings = settings;
  }

  /**
   * @param what for example "read object 'a/b'"
   */
  SheafException of(String what, S3Failure failure) {
    String message = "cannot " + what + " in " + settings.where() + ": " + failure.message();
    return switch (failure.kind()) {
      case BUCKET_MISSING ->
          io(message, failure)
              .withHint(
                  "The bucket does not exist: create it, or correct the name of the bucket in the"
                      + " settings.");
      case DENIED ->
          io(message, failure)
              .withHint(
                  "Check access key and secret key, and that they may list the bucket and get, put"
                      + " and delete its objects.");
      case WRONG_REGION ->
          io(message, failure)
              .withHint("Set the region of the bucket, and the endpoint of that region.");
      case CLOCK_SKEWED ->
          io(message, failure).withHint("Set this machine's clock: requests are signed by time.");
      case FULL ->
          new SheafException(ErrorCode.DISK_FULL, message, failure)
              .withHint("Make room in the object store or raise its quota.");
      case UNSUPPORTED ->
          new SheafException(ErrorCode.FEATURE_NOT_SUPPORTED, message, failure)
              .withHint("Use a store that speaks this part of S3.");
      case BUSY ->
          io(message, failure)
              .withHint("The store is overloaded or failing; the request may be repeated.");
      case UNREACHABLE ->
          io(message, failure)
              .withHint("Check that the endpoint is right and that the store is running.");
      case LOST ->
          io(message, failure)
              .withHint("Whether it was carried out is not known; it may be repeated.");
      case DAMAGED -> new SheafException(ErrorCode.DATA_CORRUPTED, message, failure);
      case INTERRUPTED -> new SheafException(ErrorCode.QUERY_CANCELED, message, failure);
      case CROWDED ->
          new SheafException(ErrorCode.CONFIGURATION_LIMIT_EXCEEDED, message, failure)
              .withHint("Allow more requests at a time, or look why the store is slow.");
      case ABSENT, CONDITION_FAILED, RANGE_BEHIND_END, REJECTED -> io(message, failure);
    };
  }

  private static SheafException io(String message, S3Failure failure) {
    return new SheafException(ErrorCode.IO_ERROR, message, failure);
  }
}
