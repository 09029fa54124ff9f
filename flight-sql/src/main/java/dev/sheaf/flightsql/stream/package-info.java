/**
 * Record batches on the wire. Out: {@link dev.sheaf.flightsql.stream.ResultPump} writes a batch
 * source to a DoGet as fast as the client reads. In: {@link
 * dev.sheaf.flightsql.stream.IncomingBatches} gives a DoPut's checked batches, with a limit on how
 * long a client may keep it waiting ({@link dev.sheaf.flightsql.stream.Patience}). Before any of
 * it, {@link dev.sheaf.flightsql.stream.FrameGuard} looks at the raw messages ({@code DataFrame},
 * {@code IpcCheck}), which Arrow's parser would believe.
 */
@NullMarked
package dev.sheaf.flightsql.stream;

import org.jspecify.annotations.NullMarked;
