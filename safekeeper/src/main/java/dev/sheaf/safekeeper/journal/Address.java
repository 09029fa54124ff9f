package dev.sheaf.safekeeper.journal;

/**
 * A place in the journal as one number that grows along it: the file's sequence number in the upper
 * 32 bits, the offset in the file in the lower.
 */
final class Address {
  private Address() {}

  static long of(long file, long offset) {
    return file << Integer.SIZE | offset;
  }

  static long file(long address) {
    return address >>> Integer.SIZE;
  }

  static long offset(long address) {
    return address & 0xFFFF_FFFFL;
  }

  static String describe(long address) {
    return "journal file " + FileHeader.name(file(address)) + " at offset " + offset(address);
  }
}
