/**
 * The object store on Amazon S3 and what speaks its protocol (MinIO, Ceph).
 *
 * <p>In come the calls of {@link dev.sheaf.objectstore.ObjectStore}; out go HTTP requests. {@code
 * S3ObjectStore} is the port; {@code S3Requests} sends one request and reports its failure as
 * {@code S3Failure}; {@code S3Retries} decides which failures are tried again, within a budget;
 * {@code CreateOnlyPut} and {@code MultipartUpload} are the two writes that take more than one
 * request; {@code StoreSelfTest} refuses a store that does not keep what the port promises; {@code
 * S3Errors} tells the caller.
 */
@NullMarked
package dev.sheaf.objectstore.s3;

import org.jspecify.annotations.NullMarked;
