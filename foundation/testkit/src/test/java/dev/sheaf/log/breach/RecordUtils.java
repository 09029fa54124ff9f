package dev.sheaf.log.breach;

/** Says nothing by its name. */
public final class RecordUtils {}
