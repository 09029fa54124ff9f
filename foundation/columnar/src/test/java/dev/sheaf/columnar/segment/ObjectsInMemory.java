package dev.sheaf.columnar.segment;

import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Objects on the heap that record how they were read. */
final class ObjectsInMemory implements RangeReader {
  private final Map<String, byte[]> objects = new HashMap<>();
  private final List<Integer> reads = new ArrayList<>();

  void put(String key, byte[] content) {
    objects.put(key, content);
  }

  SegmentSource add(String key, Path file) {
    try {
      put(key, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new SegmentSource(key, objects.get(key).length, this);
  }

  byte[] content(String key) {
    return objects.get(key);
  }

  @Override
  public synchronized byte[] read(String objectKey, long offset, int length) {
    reads.add(length);
    byte[] content = objects.get(objectKey);
    if (content == null || offset < 0 || offset > content.length - length) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED, "object '" + objectKey + "' is missing or truncated");
    }
    return Arrays.copyOfRange(content, (int) offset, (int) offset + length);
  }

  /** Lengths of the reads since the last call. */
  synchronized List<Integer> takeReads() {
    List<Integer> taken = List.copyOf(reads);
    reads.clear();
    return taken;
  }
}
