package dev.sheaf.safekeeper.journal;

/**
 * @param fileBytes size of one journal file; a larger record gets a larger file
 * @param queueBytes bytes of records that may wait for the disk
 * @param liveBytes bytes of records that may be held for all logs together. The files take at most
 *     twice as much and {@value #SLACK_FILES} files: beyond that, what still lives in the oldest
 *     files is moved and the files are deleted
 */
public record JournalSettings(int fileBytes, long queueBytes, long liveBytes) {
  static final int SLACK_FILES = 4;

  public static final JournalSettings DEFAULT = new JournalSettings(16 << 20, 64L << 20, 8L << 30);
}
