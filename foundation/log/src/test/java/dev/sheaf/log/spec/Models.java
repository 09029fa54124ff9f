package dev.sheaf.log.spec;

import java.util.List;
import java.util.Map;

/** The models: bounds small enough to be searched whole, each about one part of the protocol. */
final class Models {

  /**
   * A model in which every invariant holds.
   *
   * @param leastStates that it has, so that a model in which nothing happens does not pass
   */
  record Sound(Model model, long leastStates) {}

  /**
   * A model in which an invariant does not hold, because of a mistake or because it must not.
   *
   * @param invariant that must be found violated
   */
  record Mistaken(Model model, String invariant) {}

  private static final String TWO = "{p1, p2}";
  private static final String THREE = "{p1, p2, p3}";
  private static final String FOUR = "{p1, p2, p3, p4}";

  private static final Model LOG =
      new Model(
          "log",
          "SheafLogModels.tla",
          "Spec",
          Map.ofEntries(
              Map.entry("Acceptors", "{a1, a2, a3}"),
              Map.entry("Proposers", TWO),
              Map.entry("None", "None"),
              Map.entry("a1", "a1"),
              Map.entry("a2", "a2"),
              Map.entry("a3", "a3"),
              Map.entry("a4", "a4"),
              Map.entry("p1", "p1"),
              Map.entry("p2", "p2"),
              Map.entry("Configurations", "<- Static"),
              Map.entry("MaxTerm", "2"),
              Map.entry("MaxLsn", "1"),
              Map.entry("MaxCrashes", "0"),
              Map.entry("MaxWipes", "0"),
              Map.entry("DoubleGrants", "FALSE"),
              Map.entry("Forgetting", "FALSE"),
              Map.entry("Mistake", "\"none\"")),
          "AllAlike",
          List.of(
              "OneLeaderPerTerm",
              "CommittedAgree",
              "NothingCommittedIsLost",
              "FollowersHoldTheLeadersLog",
              "HistoryTellsTheWriter",
              "PositionsInOrder",
              "NeverCutsCommitted",
              "ForgetsOnlyPublished",
              "ManifestMeetsLog"));

  private static final Model FROM_HALF =
      LOG.with("half committed", "MaxLsn", "2").from("FromHalf").alike("");
  private static final Model FROM_LAGGING =
      LOG.with("figure 8", "MaxLsn", "2", "Proposers", FOUR, "MaxTerm", "4")
          .from("FromLagging")
          .alike("LaterOwnersAlike");
  private static final Model THERE_AND_BACK =
      LOG.with("there and back", "Acceptors", "{a1, a2}", "Configurations", "<- Return")
          .alike("OwnersAlike");

  private static final Model SWAP =
      THERE_AND_BACK.with("one for another", "Configurations", "<- Swap");

  private static final Model GRANT =
      new Model(
          "grant",
          "SheafGrant.tla",
          "Spec",
          Map.of(
              "Nodes", "{n1, n2}",
              "None", "None",
              "Ttl", "2",
              "MaxTime", "3",
              "MaxTerm", "2",
              "MaxCommits", "0",
              "MaxTimestamp", "0",
              "WindowLength", "2",
              "Publishing", "FALSE",
              "Mistake", "\"none\""),
          "Alike",
          List.of(
              "OneOwnerAtATime",
              "ReadsAreFresh",
              "TimestampsAscend",
              "DrawnBelowWindow",
              "TermsAreUnique",
              "ForgetsOnlyPublished"));

  private static final Model READS = GRANT.with("reads", "MaxCommits", "1");
  private static final Model ORACLE =
      GRANT.with("oracle", "MaxTimestamp", "4", "Ttl", "1", "MaxTime", "1");
  private static final Model MANIFESTS =
      GRANT.with("manifests", "MaxCommits", "2", "Publishing", "TRUE", "Ttl", "1", "MaxTime", "1");

  static final List<Sound> SMALL =
      List.of(
          new Sound(LOG.with("one term claimed twice", "DoubleGrants", "TRUE"), 800),
          new Sound(LOG.with("lost journal", "MaxWipes", "1"), 2_000),
          new Sound(FROM_HALF.with("half published", "Forgetting", "TRUE"), 12_000),
          new Sound(FROM_HALF.with("half and crash", "MaxCrashes", "1"), 200),
          new Sound(SWAP, 7_000),
          new Sound(READS, 40_000),
          new Sound(ORACLE, 10_000),
          new Sound(MANIFESTS, 5_000));

  static final List<Sound> LARGE =
      List.of(
          new Sound(LOG.with("crash", "MaxCrashes", "1"), 15_000),
          new Sound(
              FROM_LAGGING.with("figure 8 with three owners", "Proposers", THREE, "MaxTerm", "3"),
              10_000),
          new Sound(THERE_AND_BACK, 30_000),
          new Sound(LOG.with("three owners", "Proposers", THREE, "MaxTerm", "3"), 20_000),
          new Sound(LOG.with("two records", "MaxLsn", "2", "DoubleGrants", "TRUE"), 6_000),
          new Sound(LOG.with("two records published", "MaxLsn", "2", "Forgetting", "TRUE"), 10_000),
          new Sound(
              THERE_AND_BACK.with(
                  "one becomes three", "Acceptors", "{a1, a2, a3}", "Configurations", "<- Grow"),
              10_000),
          new Sound(
              THERE_AND_BACK.with(
                  "one of three is replaced",
                  "Acceptors",
                  "{a1, a2, a3, a4}",
                  "Configurations",
                  "<- Replace"),
              10_000),
          new Sound(GRANT.with("longer leases", "MaxTimestamp", "4"), 170_000));

  static final List<Mistaken> MISTAKEN =
      List.of(
          reached("Half", "{p1}"),
          mistaken(
              LOG.with("votes", "MaxCrashes", "1", "DoubleGrants", "TRUE"),
              "VoteNotPersisted",
              "OneLeaderPerTerm"),
          mistaken(
              FROM_HALF.with("appends", "MaxCrashes", "1", "MaxLsn", "3"),
              "AppendNotPersisted",
              "NothingCommittedIsLost"),
          mistaken(
              FROM_HALF.with("appends", "MaxLsn", "3"),
              "LowerTermAppends",
              "NothingCommittedIsLost"),
          mistaken(FROM_LAGGING, "NoTruncation", "FollowersHoldTheLeadersLog"),
          mistaken(FROM_LAGGING, "CommitBeforeTermStart", "NothingCommittedIsLost"),
          mistaken(
              FROM_HALF.with("donor", "Proposers", THREE, "MaxTerm", "3"),
              "DonorByHistory",
              "NothingCommittedIsLost"),
          mistaken(
              FROM_HALF.with("donor", "Proposers", THREE, "MaxTerm", "3").from("FromSuperseded"),
              "DonorByLength",
              "NothingCommittedIsLost"),
          mistaken(
              FROM_HALF.with("wiped", "MaxWipes", "1"), "WipedVotes", "NothingCommittedIsLost"),
          mistaken(
              FROM_HALF.with("forgetting", "Forgetting", "TRUE"),
              "ForgetUnpublished",
              "ForgetsOnlyPublished"),
          mistaken(
              FROM_HALF.with("forgetting", "Forgetting", "TRUE"),
              "ForgetUnconfirmed",
              "ForgetsOnlyPublished"),
          mistaken(SWAP, "NotJoint", "NothingCommittedIsLost"),
          mistaken(SWAP, "LeaveJointAtOnce", "NothingCommittedIsLost"),
          mistaken(SWAP, "ObeyedUnheard", "NothingCommittedIsLost"),
          mistaken(SWAP, "AdoptUnasked", "NothingCommittedIsLost"),
          mistaken(READS, "ValidFromReply", "OneOwnerAtATime"),
          mistaken(READS, "LeaseEndsEarly", "OneOwnerAtATime"),
          mistaken(READS, "TakenWhileHeld", "OneOwnerAtATime"),
          mistaken(READS, "ReadUnchecked", "ReadsAreFresh"),
          mistaken(ORACLE, "DrawUnchecked", "TimestampsAscend"),
          mistaken(ORACLE, "BeginsAtWallClock", "TimestampsAscend"),
          mistaken(ORACLE, "WindowUnconditional", "DrawnBelowWindow"),
          mistaken(MANIFESTS, "NewestByTime", "ForgetsOnlyPublished"));

  /** Found only after more states than a build has time for. */
  static final List<Mistaken> MISTAKEN_LARGE =
      List.of(
          mistaken(THERE_AND_BACK, "LateAcknowledgement", "NothingCommittedIsLost"),
          reached("Superseded", TWO),
          reached("Lagging", TWO));

  private Models() {}

  /** A state that other models begin at is reached from the beginning. */
  private static Mistaken reached(String state, String proposers) {
    Model model =
        LOG.with("reaches " + state, "MaxLsn", "2", "Proposers", proposers)
            .alike("")
            .checking("Reaches" + state);
    return new Mistaken(model, "Reaches" + state);
  }

  private static Mistaken mistaken(Model model, String mistake, String invariant) {
    return new Mistaken(model.mistaken(mistake), invariant);
  }
}
