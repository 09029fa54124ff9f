/**
 * Runs files of sqllogictest: {@code SltParser} reads a file to {@code SltRecord}s, an {@code
 * SltRun} puts them to an {@code Engine} (Sheaf in this process, or PostgreSQL), {@code Cells}
 * compare what is expected with what came, {@code SltWriter} puts what came into the file instead.
 * {@link dev.sheaf.systemtests.slt.SltMain} is the command line, {@code SltTest} runs the files of
 * our own.
 */
package dev.sheaf.systemtests.slt;
