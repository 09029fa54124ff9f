package dev.sheaf.objectstore;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.stream.Stream;

/**
 * The rule for keys, shared by all adapters. Keys are built by Sheaf itself, so a bad one is a
 * defect (XX000). Pure.
 */
public final class ObjectKeys {
  static final int MAX_KEY_BYTES = 512;

  /** What every file system can hold as a file name. */
  static final int MAX_SEGMENT_BYTES = 255;

  private ObjectKeys() {}

  /** Returns the key if it is well formed. */
  public static String check(String key) {
    if (key.length() > MAX_KEY_BYTES) {
      throw bad(key, "is longer than " + MAX_KEY_BYTES + " bytes");
    }
    int from = 0;
    while (true) {
      int slash = key.indexOf('/', from);
      checkSegment(key, from, slash < 0 ? key.length() : slash);
      if (slash < 0) {
        return key;
      }
      from = slash + 1;
    }
  }

  /** Whether a name found in a store can be a key; others are not ours. */
  public static boolean isKey(String name) {
    return name.length() <= MAX_KEY_BYTES
        && Stream.of(name.split("/", -1)).allMatch(ObjectKeys::isSegment);
  }

  private static void checkSegment(String key, int from, int to) {
    int length = to - from;
    if (length == 0) {
      throw bad(key, "has an empty segment");
    }
    if (length > MAX_SEGMENT_BYTES) {
      throw bad(key, "has a segment longer than " + MAX_SEGMENT_BYTES + " bytes");
    }
    boolean onlyDots = true;
    for (int i = from; i < to; i++) {
      char c = key.charAt(i);
      if (!isAllowed(c)) {
        throw bad(key, "holds a character other than A-Z a-z 0-9 . _ - /");
      }
      onlyDots &= c == '.';
    }
    if (onlyDots && length <= 2) {
      throw bad(key, "has a segment '.' or '..'");
    }
  }

  /** Whether a file of this name can be an object or a folder of objects. */
  static boolean isSegment(String name) {
    return !name.isEmpty()
        && !name.equals(".")
        && !name.equals("..")
        && name.length() <= MAX_SEGMENT_BYTES
        && name.chars().allMatch(c -> isAllowed((char) c));
  }

  private static boolean isAllowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  private static SheafException bad(String key, String why) {
    return new SheafException(ErrorCode.INTERNAL_ERROR, "object key '" + key + "' " + why);
  }

  /** The range asked for lies outside of the object, which is therefore not what was written. */
  public static SheafException truncated(String key, long sizeBytes, long offset, int length) {
    return new SheafException(
        ErrorCode.DATA_CORRUPTED,
        "object '%s' is truncated: it has %d bytes, %d from offset %d were asked for"
            .formatted(key, sizeBytes, length, offset));
  }

  static SheafException folderClash(String key) {
    return new SheafException(
        ErrorCode.INTERNAL_ERROR,
        "object key '" + key + "' is the folder of another object, or lies below one");
  }

  public static SheafException missing(String key) {
    return new SheafException(ErrorCode.DATA_CORRUPTED, "object '" + key + "' is missing");
  }

  public static void checkRange(String key, long offset, int length) {
    if (offset < 0 || length < 0) {
      throw new SheafException(
          ErrorCode.INTERNAL_ERROR,
          "bad range of object '%s': offset %d, length %d".formatted(key, offset, length));
    }
  }
}
