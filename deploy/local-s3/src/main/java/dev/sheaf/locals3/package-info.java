/**
 * An S3 server for a cluster on one machine, in place of MinIO or Ceph. In come {@code LocalS3}'s
 * arguments; out goes S3's protocol on a port of loopback, over files below a folder ({@code
 * bucket/key}). Not for durable use: nothing is fsynced.
 */
@NullMarked
package dev.sheaf.locals3;

import org.jspecify.annotations.NullMarked;
