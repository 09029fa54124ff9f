/**
 * The journal of one safekeeper disk: many logs in one sequence of files, so that they share each
 * fsync. In: changes that acceptors decided, in order. Out: word that they are fsynced; at start,
 * the state of every log; at any time, records read back.
 *
 * <p>{@link dev.sheaf.safekeeper.journal.Journal} is the entry: it queues changes and reads
 * records. {@code JournalWriter} owns the files on one thread: group commit, rotation, and the
 * reclaiming of old files ({@code Reclaimer}). {@code JournalRecovery} rebuilds everything from the
 * files and tells a torn tail from damage. {@code EntryFrame}, {@code EntryPayload} and {@code
 * FileHeader} are the layouts; {@code JournaledLog} and {@code ExtentIndex} say where each log's
 * records lie; {@link dev.sheaf.safekeeper.journal.JournalStorage} is the disk.
 */
@NullMarked
package dev.sheaf.safekeeper.journal;

import org.jspecify.annotations.NullMarked;
