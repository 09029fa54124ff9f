package dev.sheaf.pageserver.manifest;

import dev.sheaf.pageserver.manifest.Manifest.Ancestor;
import dev.sheaf.pageserver.manifest.Manifest.CatalogHistory;
import dev.sheaf.pageserver.manifest.Manifest.Outcome;
import dev.sheaf.pageserver.manifest.Manifest.Outcomes;
import dev.sheaf.protocol.DatabaseId;
import dev.sheaf.protocol.Lsn;
import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import dev.sheaf.protocol.Timestamp;
import dev.sheaf.protocol.TransactionId;
import dev.sheaf.protocol.format.ByteReader;
import dev.sheaf.protocol.format.ByteWriter;
import dev.sheaf.protocol.format.Envelope;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * A manifest object.
 *
 * <pre>
 * {@link Envelope} "SHFMANIF" around:
 *   database text | shard varint | term varint | sequence varint | published varint | newest commit u64
 *   segments: count varint, per segment:
 *     object key text | size varint | rows varint | table id varint | least key block | greatest key block
 *     | least timestamp u64 | greatest timestamp u64 | flags u8: 1 stores timestamps, 2 capped
 *   deletes:  count varint, per object: key text
 *   catalog:  complete from u64 | count varint, per commit: timestamp u64
 *   outcomes: complete from u64 | count varint, per commit: transaction u128 | timestamp u64
 *   aborts:   complete from u64 | count varint, per abort: transaction u128 | timestamp u64
 *   ancestors: count varint, per ancestor: database text | shard varint | up to u64
 *   readable: from u64 | count varint, per point before it: timestamp u64
 * </pre>
 *
 * Version 1 ends before the aborts, version 2 before the ancestors: there were none. Version 3 ends
 * before what is readable: everything was.
 */
final class ManifestCodec {
  private static final String MAGIC = "SHFMANIF";
  private static final int VERSION = 4;

  private static final int STORES_TIMESTAMPS = 1;
  private static final int CAPPED = 2;

  private ManifestCodec() {}

  static byte[] encode(Manifest manifest) {
    var out = new ByteWriter(4096);
    out.text(manifest.shard().database().value()).varint(manifest.shard().number());
    out.varint(manifest.term().value()).varint(manifest.sequence());
    out.varint(manifest.published().value()).u64(manifest.newestCommit().value());
    out.varint(manifest.segments().size());
    manifest.segments().forEach(segment -> write(out, segment));
    out.varint(manifest.deletes().size());
    manifest.deletes().forEach(out::text);
    CatalogHistory catalog = manifest.catalog();
    out.u64(catalog.completeFrom().value()).varint(catalog.commits().size());
    catalog.commits().forEach(commit -> out.u64(commit.value()));
    Outcomes outcomes = manifest.outcomes();
    write(out, outcomes.completeFrom(), outcomes.commits());
    write(out, outcomes.abortsCompleteFrom(), outcomes.aborts());
    out.varint(manifest.ancestors().size());
    for (Ancestor ancestor : manifest.ancestors()) {
      out.text(ancestor.shard().database().value()).varint(ancestor.shard().number());
      out.u64(ancestor.upTo().value());
    }
    ReadableTimes readable = manifest.readable();
    out.u64(readable.from().value()).varint(readable.points().size());
    readable.points().forEach(point -> out.u64(point.value()));
    return Envelope.seal(MAGIC, VERSION, out.toByteArray());
  }

  private static void write(ByteWriter out, Timestamp completeFrom, List<Outcome> outcomes) {
    out.u64(completeFrom.value()).varint(outcomes.size());
    for (Outcome outcome : outcomes) {
      UUID id = outcome.transaction().value();
      out.u64(id.getMostSignificantBits()).u64(id.getLeastSignificantBits());
      out.u64(outcome.timestamp().value());
    }
  }

  private static void write(ByteWriter out, SegmentMeta segment) {
    out.text(segment.objectKey()).varint(segment.sizeBytes()).varint(segment.rows());
    out.varint(segment.tableId()).block(segment.minKey()).block(segment.maxKey());
    out.u64(segment.minTimestamp().value()).u64(segment.maxTimestamp().value());
    out.u8((segment.storesTimestamps() ? STORES_TIMESTAMPS : 0) | (segment.capped() ? CAPPED : 0));
  }

  static Manifest decode(String source, byte[] bytes) {
    ByteReader in = Envelope.open(source, MAGIC, VERSION, bytes);
    var shard = new ShardId(new DatabaseId(in.text()), (int) in.varint());
    var manifest =
        new Manifest(
            shard,
            new Term(in.varint()),
            in.varint(),
            new Lsn(in.varint()),
            new Timestamp(in.u64()),
            list(in, 25, ManifestCodec::readSegment),
            list(in, 1, ByteReader::text),
            new CatalogHistory(
                new Timestamp(in.u64()), list(in, 8, each -> new Timestamp(each.u64()))),
            readOutcomes(in),
            in.remaining() == 0 ? List.of() : list(in, 10, ManifestCodec::readAncestor),
            in.remaining() == 0 ? ReadableTimes.EVERYTHING : readReadable(in));
    in.end();
    return manifest;
  }

  private static <T> List<T> list(ByteReader in, int minBytes, Function<ByteReader, T> element) {
    int count = in.count(minBytes);
    var list = new ArrayList<T>(count);
    for (int i = 0; i < count; i++) {
      list.add(element.apply(in));
    }
    return list;
  }

  private static SegmentMeta readSegment(ByteReader in) {
    var meta =
        new SegmentMeta(
            in.text(),
            in.varint(),
            in.varint(),
            (int) in.varint(),
            in.block(),
            in.block(),
            new Timestamp(in.u64()),
            new Timestamp(in.u64()),
            false);
    int flags = in.u8();
    return flags == 0 ? meta : flagged(in, meta, flags);
  }

  private static SegmentMeta flagged(ByteReader in, SegmentMeta meta, int flags) {
    if ((flags & ~(STORES_TIMESTAMPS | CAPPED)) != 0) {
      throw in.corrupted("a segment has unknown flags " + flags);
    }
    return new SegmentMeta(
        meta.objectKey(),
        meta.sizeBytes(),
        meta.rows(),
        meta.tableId(),
        meta.minKey(),
        meta.maxKey(),
        meta.minTimestamp(),
        meta.maxTimestamp(),
        (flags & STORES_TIMESTAMPS) != 0,
        (flags & CAPPED) != 0);
  }

  private static Ancestor readAncestor(ByteReader in) {
    var shard = new ShardId(new DatabaseId(in.text()), (int) in.varint());
    return new Ancestor(shard, new Timestamp(in.u64()));
  }

  private static Outcomes readOutcomes(ByteReader in) {
    var completeFrom = new Timestamp(in.u64());
    List<Outcome> commits = list(in, 24, ManifestCodec::readOutcome);
    return in.remaining() == 0
        ? new Outcomes(completeFrom, commits, Timestamp.ZERO, List.of())
        : new Outcomes(
            completeFrom,
            commits,
            new Timestamp(in.u64()),
            list(in, 24, ManifestCodec::readOutcome));
  }

  private static ReadableTimes readReadable(ByteReader in) {
    return new ReadableTimes(
        new Timestamp(in.u64()), list(in, 8, each -> new Timestamp(each.u64())));
  }

  private static Outcome readOutcome(ByteReader in) {
    return new Outcome(new TransactionId(new UUID(in.u64(), in.u64())), new Timestamp(in.u64()));
  }
}
