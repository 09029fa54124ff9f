package dev.sheaf.pageserver.manifest;

import dev.sheaf.protocol.ShardId;
import dev.sheaf.protocol.Term;
import java.util.regex.Pattern;

/**
 * Object keys of one shard. The term in a key keeps owners apart: two of them never write one key.
 *
 * <pre>
 * db/&lt;database&gt;/&lt;shard&gt;/segments/&lt;term&gt;-&lt;sequence&gt;
 * db/&lt;database&gt;/&lt;shard&gt;/deletes/&lt;term&gt;-&lt;sequence&gt;
 * db/&lt;database&gt;/&lt;shard&gt;/manifests/&lt;term&gt;-&lt;sequence&gt;      both of 20 digits
 * db/&lt;database&gt;/&lt;shard&gt;/hot-pages
 * </pre>
 *
 * Only the list of hot pages, a hint, has one key for all owners.
 */
public record ShardObjects(ShardId shard) {
  private static final Pattern DATA = Pattern.compile("(segments|deletes)/\\d{20}-\\d{20}");

  public String segment(Term term, long sequence) {
    return folder() + "segments/" + name(term, sequence);
  }

  public String deletes(Term term, long sequence) {
    return folder() + "deletes/" + name(term, sequence);
  }

  public String manifest(Term term, long sequence) {
    return manifests() + name(term, sequence);
  }

  public String manifests() {
    return folder() + "manifests/";
  }

  /** The list of pages that its owner uses. Nothing names it, and it stays as long as the shard. */
  public String hotPages() {
    return folder() + "hot-pages";
  }

  /** Whether an object was written by this shard. */
  public boolean owns(String objectKey) {
    return objectKey.startsWith(folder());
  }

  /** Whether this is the key of a segment or of delete vectors of the shard. */
  public boolean isData(String objectKey) {
    return owns(objectKey) && DATA.matcher(objectKey.substring(folder().length())).matches();
  }

  /** The term of the owner that wrote a segment or delete vectors. */
  public static Term termOf(String objectKey) {
    int name = objectKey.lastIndexOf('/') + 1;
    return new Term(Long.parseLong(objectKey.substring(name, objectKey.indexOf('-', name))));
  }

  /** The last number in an object's key. */
  public static long sequenceOf(String objectKey) {
    return Long.parseLong(objectKey.substring(objectKey.lastIndexOf('-') + 1));
  }

  /** What all keys of the shard begin with. */
  public String folder() {
    return "db/" + shard + "/";
  }

  private static String name(Term term, long sequence) {
    return "%020d-%020d".formatted(term.value(), sequence);
  }
}
