package dev.sheaf.columnar.segment;

/** A page as the index lists it; pages of a column are contiguous in the file. */
record PageEntry(int rows, int length, int crc) {}
