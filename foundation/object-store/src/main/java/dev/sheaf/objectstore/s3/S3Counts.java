package dev.sheaf.objectstore.s3;

/**
 * Requests since the start.
 *
 * @param attempts sent, retries included
 * @param retries made because an attempt before failed
 * @param failures calls given up because the store did not work; refusals are not among them
 */
public record S3Counts(long attempts, long retries, long failures) {}
