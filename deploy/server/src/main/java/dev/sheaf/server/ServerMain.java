package dev.sheaf.server;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Entry point of the packaged server. Settings come as {@link SheafConfig} says; with the arguments
 * {@code check DATABASE} it serves nothing but looks through the data folder, and ends.
 */
@QuarkusMain
public final class ServerMain {
  private ServerMain() {}

  public static void main(String... args) {
    if (args.length > 0 && args[0].equals(StoppedCheck.COMMAND)) {
      check(args);
      return;
    }
    try {
      for (String argument : args) {
        Map.Entry<String, String> setting =
            SettingNames.flag(argument)
                .orElseThrow(() ->
                    new StartFailure(
                        ExitCode.BAD_CONFIGURATION,
                        "configuration: \"%s\" is no setting, they are like --flight.port=31337"
                            .formatted(argument)));
        System.setProperty(setting.getKey(), setting.getValue());
      }
      Launch launch = Launch.prepare(Settings.load());
      System.setProperty("quarkus.log.file.enabled", "true");
      System.setProperty("quarkus.log.file.path", launch.data().logFile().toString());
      launch.handOver();
    } catch (StartFailure e) {
      exit(e.exitCode().number(), e);
    }
    Quarkus.run(RunningServer.class, ServerMain::exit, args);
  }

  private static void check(String... args) {
    try {
      if (args.length != 2) {
        throw new StartFailure(
            ExitCode.BAD_CONFIGURATION, "check takes the name of one database, and nothing else");
      }
      boolean sound = StoppedCheck.run(Settings.load(), args[1], System.out);
      System.exit((sound ? ExitCode.OK : ExitCode.FAILED).number());
    } catch (StartFailure | IOException e) {
      exit(ExitCode.FAILED.number(), e);
    }
  }

  /** Called last, whether the end is good or bad. */
  private static void exit(int code, @Nullable Throwable error) {
    System.exit(error == null ? code : StartFailures.report(error, System.err).number());
  }
}
