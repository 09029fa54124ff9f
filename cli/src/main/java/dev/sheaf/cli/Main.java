package dev.sheaf.cli;

import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Entry point of {@code ./sheaf}. */
@Command(
    name = "sheaf",
    description = "Sheaf, a serverless SQL database.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
public final class Main {

  private Main() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  @Command(name = "version", description = "Print the version of Sheaf and of the JVM.")
  void version() {
    CommandLine commandLine = commandLine();
    commandLine.printVersionHelp(commandLine.getOut());
  }

  /** The version that the build wrote into the manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version =
          Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
              .orElse("(not packaged)");
      return new String[] {"sheaf " + version, "JVM " + Runtime.version()};
    }
  }
}
