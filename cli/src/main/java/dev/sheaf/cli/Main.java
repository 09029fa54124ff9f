package dev.sheaf.cli;

import dev.sheaf.cli.client.SqlException;
import dev.sheaf.cli.command.AdminCommand;
import dev.sheaf.cli.command.BackupCommand;
import dev.sheaf.cli.command.BranchCommand;
import dev.sheaf.cli.command.ClusterCommand;
import dev.sheaf.cli.command.DemoCommand;
import dev.sheaf.cli.command.PractiseCommand;
import dev.sheaf.cli.command.SqlCommand;
import dev.sheaf.cli.command.StatusCommand;
import dev.sheaf.cli.command.TrainCommand;
import dev.sheaf.cli.command.UpCommand;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.shell.ErrorText;
import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of {@code ./sheaf}. */
@Command(
    name = "sheaf",
    description = "Sheaf, a serverless SQL database.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      UpCommand.class,
      SqlCommand.class,
      DemoCommand.class,
      StatusCommand.class,
      TrainCommand.class,
      PractiseCommand.class,
      BranchCommand.class,
      BackupCommand.class,
      AdminCommand.class,
      ClusterCommand.class
    },
    footer = {
      "",
      "Of the script itself: ./sheaf test builds, checks and tests everything; ./sheaf bench measures.",
      "",
      "Examples:",
      "  ./sheaf demo                 load TPC-H data, run its queries, open a shell",
      "  ./sheaf up                   run a server here",
      "  ./sheaf sql shop             a shell on database shop"
    })
public final class Main {
  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Print stack traces of failures.")
  private boolean verbose;

  private Main() {}

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main);
    commandLine.setExecutionExceptionHandler(main::failed);
    commandLine.setParameterExceptionHandler((wrong, args) -> misused(wrong));
    return commandLine;
  }

  /** The whole usage would hide what is wrong. */
  private static int misused(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("error: " + wrong.getMessage());
    UnmatchedArgumentException.printSuggestions(wrong, err);
    err.println(
        "hint: ./%s --help says how it is used."
            .formatted(command.getCommandSpec().qualifiedName(" ")));
    return ExitCode.USAGE;
  }

  private int failed(Exception failure, CommandLine commandLine, ParseResult parsed) {
    PrintWriter err = commandLine.getErr();
    if (verbose) {
      failure.printStackTrace(err);
    }
    switch (failure) {
      case CliException e -> {
        err.println("error: " + e.getMessage());
        Optional.ofNullable(e.hint()).ifPresent(hint -> err.println("hint: " + hint));
        return e.exitCode();
      }
      case SqlException e -> {
        err.print(ErrorText.of(e.error(), ""));
        if (e.error().isConnectionFailure()) {
          err.println("hint: Is a server running there? ./sheaf up starts one.");
        }
        err.flush();
        return e.error().isConnectionFailure() ? ExitCode.USAGE : ExitCode.FAILED;
      }
      default -> {
        err.println("error: " + failure);
        err.println("hint: --verbose shows where.");
        return ExitCode.FAILED;
      }
    }
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
