package dev.sheaf.columnar.codec;

/**
 * A 64-bit hash of bytes, part of durable formats: its values never change. Eight bytes at a time
 * are folded by a 64 x 64 to 128 bit multiplication, after wyhash (Wang Yi, public domain). Not
 * meant against an adversary. Pure.
 */
public final class ByteHash {
  private static final long P0 = 0xa0761d6478bd642fL;
  private static final long P1 = 0xe7037ed1a0b428dbL;
  private static final long P2 = 0x8ebc6af09c88c6e3L;

  private ByteHash() {}

  public static long of(byte[] in, int from, int length) {
    long hash = P0 ^ length;
    int at = from;
    int left = length;
    for (; left >= 8; left -= 8, at += 8) {
      hash = fold(hash ^ LittleEndian.getLong(in, at), P1);
    }
    if (left > 0) {
      long tail = 0;
      for (int i = 0; i < left; i++) {
        tail |= (in[at + i] & 0xFFL) << (8 * i);
      }
      hash = fold(hash ^ tail, P2);
    }
    return fold(hash ^ P2, P0);
  }

  private static long fold(long a, long b) {
    return (a * b) ^ Math.unsignedMultiplyHigh(a, b);
  }
}
