package dev.sheaf.cli.command;

import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.train.Training;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes the AOT caches now. */
@Command(
    name = "train",
    description =
        "Make the next starts fast: run a throw-away server and keep what the JVM learns, in caches beside the jars.",
    footer = {
      "",
      "up and demo do so by themselves when the server is idle, unless SHEAF_NO_AOT is set. Call it where that is",
      "too late: when an image is built, before a benchmark. A cache serves the JVM and the build it was made with."
    })
public final class TrainCommand implements Callable<Integer> {
  @Option(names = "--if-needed", description = "Do nothing if the caches are current.")
  private boolean ifNeeded;

  @Option(names = "--help", usageHelp = true, description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    new Training(System.out).run(!ifNeeded);
    return ExitCode.OK;
  }
}
