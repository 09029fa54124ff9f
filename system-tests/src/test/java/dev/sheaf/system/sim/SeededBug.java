package dev.sheaf.system.sim;

import dev.sheaf.system.sim.WovenCluster.Part;
import dev.sheaf.testkit.sim.Redirect;
import java.util.List;

/** Bugs that the simulation must find, each of a kind that somebody once shipped or nearly did. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are never changed
enum SeededBug {
  ACKNOWLEDGES_BEFORE_FSYNC(
      Part.LOG, 1, wrong("safekeeper.journal.JournalStorage$JournalFile.force", "forceNothing")),
  ANSWERS_BEFORE_THE_JOURNAL(
      Part.LOG, 19, wrong("safekeeper.journal.Journal.submit", "answerAtOnce")),
  SWALLOWS_FSYNC_ERRORS(
      Part.LOG,
      6,
      wrong("safekeeper.journal.JournalStorage$JournalFile.force", "forceUntilItSeemsToWork")),
  IGNORES_JOURNAL_CHECKSUMS(
      Part.LOG, 30, wrong("safekeeper.journal.EntryFrame.read", "believeAnyBytes")),
  BELIEVES_IN_THE_PAGE_CACHE(
      Part.LOG, 10, wrong("safekeeper.journal.JournalWriter.secure", "secureNothing")),
  ACCEPTS_OLD_TERMS(Part.LOG, 1, wrong("log.Acceptor.isOutdated", "neverOutdated")),
  HALF_IS_A_QUORUM(
      Part.LOG,
      1,
      wrong("log.Configuration.isMajority", "halfIsEnough"),
      wrong("log.Configuration.majorityPosition", "positionOfHalf")),
  DONOR_BY_TERM_WITHOUT_RECORDS(
      Part.LOG, 26, wrong("log.TermHistory.positionAt", "countTermsWithoutTheirRecords")),
  DONOR_BY_LENGTH_ALONE(Part.LOG, 31, wrong("log.TermHistory.positionAt", "longestLogWins")),
  NEVER_CUTS_DIVERGED_TAILS(
      Part.LOG, 1, wrong("log.TermHistory.commonPoint", "agreeAsFarAsBothGo")),
  FORGETS_UNPUBLISHED_RECORDS(
      Part.CLUSTER, 1, wrong("log.Proposer.forget", "forgetWhatIsCommitted")),
  ACKNOWLEDGES_WHEN_PROPOSED(
      Part.CLUSTER, 10, wrong("pageserver.log.ShardLog.propose", "acknowledgeWhenProposed")),
  BELIEVES_IN_A_LOST_LEASE(
      Part.CLUSTER,
      297,
      wrong("pageserver.grant.Grant.isHeld", "alwaysHeld"),
      wrong("pageserver.grant.Grant.checkHeld", "checkNothing")),
  COMMITS_FACTS_WITHOUT_CONDITIONS(
      Part.CLUSTER, 38, wrong("coordination.Coordination.commit", "commitWithoutConditions")),
  KEEPS_THE_WINDOW_IN_MEMORY(
      Part.CLUSTER, 3, wrong("pageserver.oracle.WindowedOracle.persist", "keepTheWindowInMemory")),
  READS_THE_CLOCK(Part.CLUSTER, 1, wrong("pageserver.oracle.TimestampOracle.draw", "readTheClock")),
  SKIPS_VALIDATION(
      Part.CLUSTER, 1, wrong("pageserver.serve.CommitPipeline.checkUnchanged", "acceptAnyVersion")),
  LOCKS_NOTHING(Part.CLUSTER, 1, wrong("pageserver.shard.CommitOrder.conflict", "seeNoConflict")),
  READS_PAST_COMMITS_IN_FLIGHT(
      Part.CLUSTER, 1, wrong("pageserver.serve.ShardReads.awaitApplied", "waitForNoCommit")),
  COMMITS_TWICE_WHEN_ASKED_TWICE(
      Part.CLUSTER, 1, wrong("pageserver.shard.OutcomeTable.committedAt", "rememberNoCommit")),
  TAKES_BACK_AN_ABORT(
      Part.CLUSTER, 17, wrong("pageserver.shard.OutcomeTable.mayBeAborted", "takeBackAborts")),
  FORGETS_OUTCOMES_IN_A_FAILOVER(
      Part.CLUSTER, 2, wrong("pageserver.serve.ShardState.replayed", "replayOnlyRows")),
  LOSES_ROWS_IN_REPLAY(
      Part.CLUSTER, 1, wrong("pageserver.serve.ShardState.replayed", "letReplayLoseTheLast")),
  FORGETS_BEFORE_THE_MANIFEST(
      Part.CLUSTER, 1, wrong("pageserver.manifest.ManifestStore.publish", "publishNothing")),
  DROPS_DELETES(Part.CLUSTER, 1, wrong("pageserver.manifest.DeleteVector.with", "deleteNothing")),
  SWEEPS_WHAT_BRANCHES_READ(
      Part.STORE, 1, wrong("pageserver.sweep.References.needed", "askNoBranch")),
  COMPACTS_THE_PAST_AWAY(
      Part.STORE, 14, wrong("pageserver.manifest.ReadableTimes.reach", "keepThePresentOnly")),
  BRANCHES_WITHOUT_THE_MEMTABLE(
      Part.STORE, 1, wrong("pageserver.serve.ShardBranches.awaitFlushed", "flushNothing")),
  BRANCHES_WITHOUT_A_CAP(
      Part.STORE, 2, wrong("pageserver.manifest.SegmentMeta.upTo", "takeItWhole")),
  COUNTS_DELETES_AFTER_THE_BRANCH(
      Part.STORE, 2, wrong("pageserver.manifest.Manifest.deletesUpTo", "countAllDeletes"));

  private final Part part;
  private final long lastFoundBy;
  private final List<Redirect> redirects;

  SeededBug(Part part, long lastFoundBy, Redirect... redirects) {
    this.part = part;
    this.lastFoundBy = lastFoundBy;
    this.redirects = List.of(redirects);
  }

  /** Where it shows. */
  Part part() {
    return part;
  }

  /** A seed that found it once. */
  long lastFoundBy() {
    return lastFoundBy;
  }

  private static Redirect wrong(String method, String bug) {
    int dot = method.lastIndexOf('.');
    return new Redirect(
        "dev.sheaf." + method.substring(0, dot),
        method.substring(dot + 1),
        Bugs.class.getName(),
        bug);
  }

  List<Redirect> redirects() {
    return redirects;
  }
}
