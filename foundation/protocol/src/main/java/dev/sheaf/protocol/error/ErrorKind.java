package dev.sheaf.protocol.error;

/** What the caller can do about an error; decides retries and log levels. */
public enum ErrorKind {
  /** The request is wrong: fix it. Repeating it gives the same answer. */
  INPUT,
  /** Nothing was applied: the whole transaction may be tried again. */
  RETRY,
  /** A limit or a missing resource: try again later or ask for less. */
  RESOURCE,
  /** The outcome is unknown: ask for it, never repeat blindly. */
  UNKNOWN_OUTCOME,
  /** Stored bytes failed their check. */
  CORRUPTION,
  /** A defect of Sheaf. */
  INTERNAL
}
