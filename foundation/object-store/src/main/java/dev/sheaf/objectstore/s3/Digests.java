package dev.sheaf.objectstore.s3;

import dev.sheaf.objectstore.s3.S3Failure.Kind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What is sent along with content: an MD5 that every S3 checks, a CRC-32C to keep with the object,
 * and the SHA-256 that signs the content where TLS does not protect it.
 *
 * <p>The SDK would compute its own, but reads a file's from where the file stands and then sends
 * what comes behind; and the checksum headers it would choose are refused by older stores.
 */
record Digests(String md5Base64, String crc32cHex, String sha256) {
  private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
  private static final int BUFFER_BYTES = 64 << 10;

  static Digests of(byte[] content, boolean signed) {
    var running = new Running(signed);
    running.update(content, content.length);
    return running.done();
  }

  static Digests of(FilePart part, boolean signed) throws S3Failure {
    var running = new Running(signed);
    try (var open = new RandomAccessFile(part.file().toFile(), "r")) {
      open.seek(part.offset());
      byte[] buffer = new byte[BUFFER_BYTES];
      long left = part.length();
      while (left > 0) {
        int read = open.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new IOException("it ends " + left + " bytes early");
        }
        running.update(buffer, read);
        left -= read;
      }
    } catch (IOException e) {
      throw new S3Failure(Kind.REJECTED, "cannot read file '" + part.file() + "': " + e, e);
    }
    return running.done();
  }

  static String crc32cHex(byte[] content) {
    var crc = new CRC32C();
    crc.update(content);
    return hex(crc);
  }

  private static String hex(CRC32C crc) {
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  private static final class Running {
    private final CRC32C crc = new CRC32C();
    private final MessageDigest md5 = digest("MD5");
    private final @Nullable MessageDigest sha256;

    Running(boolean signed) {
      this.sha256 = signed ? digest("SHA-256") : null;
    }

    void update(byte[] bytes, int length) {
      crc.update(bytes, 0, length);
      md5.update(bytes, 0, length);
      if (sha256 != null) {
        sha256.update(bytes, 0, length);
      }
    }

    Digests done() {
      return new Digests(
          Base64.getEncoder().encodeToString(md5.digest()),
          hex(crc),
          sha256 == null ? UNSIGNED : HexFormat.of().formatHex(sha256.digest()));
    }

    private static MessageDigest digest(String algorithm) {
      try {
        return MessageDigest.getInstance(algorithm);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has " + algorithm, e);
      }
    }
  }
}
