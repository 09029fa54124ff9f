package dev.sheaf.testkit.sim;

import java.util.List;
import java.util.Random;

/**
 * How unkind one run is: each run draws its own mixture, so that rare combinations come up and runs
 * without one kind of fault show what the others do. Probabilities are for one message or one call.
 *
 * @param loss of a message on its way there, or of its answer
 * @param duplication of a request
 * @param falseFailure a request arrives, but its sender is told at once that it failed
 * @param slow a message takes up to seconds
 * @param fsyncMillis most that an fsync takes, but for a rare stall
 * @param diskTorn a block that was not synced reaches the disk all the same
 * @param diskError fsync fails; the process must end then
 * @param diskFlip a bit of a synced block turns in a crash, on the one disk that may be damaged
 * @param objectError a call of the object store fails without effect
 * @param objectAmbiguity one fails although it took effect
 * @param coordinationError a call of coordination fails without effect
 * @param coordinationAmbiguity a commit there takes effect but its outcome is not known
 * @param nemesisMillis pause between the blows of the nemesis, on average
 */
public record Faults(
    double loss,
    double duplication,
    double falseFailure,
    double slow,
    double fsyncMillis,
    double diskTorn,
    double diskError,
    double diskFlip,
    double objectError,
    double objectAmbiguity,
    double coordinationError,
    double coordinationAmbiguity,
    double nemesisMillis) {

  public static final Faults NONE = new Faults(0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);

  /** A mixture by chance. */
  public static Faults draw(Random random) {
    return new Faults(
        some(random, 0.1),
        some(random, 0.1),
        some(random, 0.03),
        some(random, 0.02),
        List.of(1.0, 10.0, 50.0).get(random.nextInt(3)),
        List.of(0.0, 0.5, 1.0).get(random.nextInt(3)),
        some(random, 0.004),
        some(random, 0.5),
        some(random, 0.1),
        some(random, 0.1),
        some(random, 0.05),
        some(random, 0.1),
        List.of(400, 1_000, 3_000).get(random.nextInt(3)));
  }

  /** The same, but no bit turns on a disk. */
  public Faults withoutRot() {
    return new Faults(
        loss,
        duplication,
        falseFailure,
        slow,
        fsyncMillis,
        diskTorn,
        diskError,
        0,
        objectError,
        objectAmbiguity,
        coordinationError,
        coordinationAmbiguity,
        nemesisMillis);
  }

  private static double some(Random random, double most) {
    return random.nextInt(3) == 0 ? 0 : most * random.nextDouble();
  }
}
