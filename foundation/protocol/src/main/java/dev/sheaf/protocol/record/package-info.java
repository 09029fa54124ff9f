/**
 * What a shard's log holds: committed transactions as sealed records, and their bytes. The owner
 * encodes, replay decodes; {@link dev.sheaf.protocol.record.ShardRecordCodec} draws the layout.
 */
@NullMarked
package dev.sheaf.protocol.record;

import org.jspecify.annotations.NullMarked;
