package dev.sheaf.server;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Entry point of the packaged server. Settings come as {@link SheafConfig} says. */
@QuarkusMain
public final class ServerMain {
  private ServerMain() {}

  public static void main(String... args) {
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

  /** Called last, whether the end is good or bad. */
  private static void exit(int code, @Nullable Throwable error) {
    System.exit(error == null ? code : StartFailures.report(error, System.err).number());
  }
}
