package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The errors of this package, each with what the reader of the message needs. Pure. */
final class SegmentErrors {
  private SegmentErrors() {}

  /** XX001: stored bytes are not what was written. */
  static SheafException corrupted(String objectKey, String what) {
    return corrupted(objectKey, what, null);
  }

  static SheafException corrupted(String objectKey, String what, @Nullable Throwable cause) {
    return new SheafException(
            ErrorCode.DATA_CORRUPTED, "segment '" + objectKey + "' is corrupted: " + what, cause)
        .withHint("Restore the object from a copy of the object store.");
  }

  /** XX000: rows that a caller must not hand over. */
  static SheafException misuse(String what) {
    return new SheafException(ErrorCode.INTERNAL_ERROR, what);
  }

  static SheafException cannotWrite(Path file, IOException e) {
    boolean full =
        String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("no space left");
    return new SheafException(
            full ? ErrorCode.DISK_FULL : ErrorCode.IO_ERROR,
            "cannot write segment file '" + file + "': " + e.getMessage(),
            e)
        .withHint("Check the volume for temporary files.");
  }
}
