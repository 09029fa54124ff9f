package dev.sheaf.cli.command;

import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.train.Practice;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The part of {@code train} that runs in a JVM which records. */
@Command(
    name = "practise",
    description = "Try everything on an empty server of this machine.",
    hidden = true)
public final class PractiseCommand implements Callable<Integer> {
  @Option(names = "--flight-port", paramLabel = "N", required = true)
  private int flightPort;

  @Option(names = "--http-port", paramLabel = "N", required = true)
  private int httpPort;

  @Override
  public Integer call() {
    new Practice("127.0.0.1", flightPort, httpPort, Practice.Effort.HOT, System.out).run();
    return ExitCode.OK;
  }
}
