package dev.sheaf.columnar.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Unaligned little-endian access to byte arrays. Pure. */
public final class LittleEndian {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  /** 16 bits, unsigned. */
  public static int getShort(byte[] in, int at) {
    return Short.toUnsignedInt((short) SHORT.get(in, at));
  }

  public static int getInt(byte[] in, int at) {
    return (int) INT.get(in, at);
  }

  public static long getLong(byte[] in, int at) {
    return (long) LONG.get(in, at);
  }

  public static void putShort(byte[] out, int at, int value) {
    SHORT.set(out, at, (short) value);
  }

  public static void putInt(byte[] out, int at, int value) {
    INT.set(out, at, value);
  }

  public static void putLong(byte[] out, int at, long value) {
    LONG.set(out, at, value);
  }
}
