package dev.sheaf.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.client.RestClient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes, lists, compares and deletes branches, and puts databases back to how they were. */
@Command(
    name = "branch",
    description =
        "Branch a database at any moment of its kept past, in no time, whatever its size.",
    mixinStandardHelpOptions = true,
    subcommands = DiffCommand.class,
    footer = {
      "",
      "Moments are ISO 8601 with an offset.",
      "",
      "Examples:",
      "  ./sheaf branch create shop dev",
      "  ./sheaf branch create shop audit --at 2026-01-31T12:00:00Z",
      "  ./sheaf branch create shop look --backup nightly",
      "  ./sheaf sql shop --branch dev",
      "  ./sheaf branch list shop",
      "  ./sheaf branch diff shop dev",
      "  ./sheaf branch reset shop dev",
      "  ./sheaf branch restore shop --at 2026-01-31T12:00:00Z",
      "  ./sheaf branch delete shop dev"
    })
public final class BranchCommand {
  /** The database, on the server whose REST is asked. */
  static class Database {
    @Option(names = "--host", paramLabel = "H", description = "Host (default: 127.0.0.1).")
    private String host = "127.0.0.1";

    @Option(names = "--http-port", paramLabel = "N", description = "Port of REST (default: 31338).")
    private int httpPort = StatusCommand.DEFAULT_HTTP_PORT;

    @Parameters(index = "0", paramLabel = "DATABASE", description = "For example shop.")
    private String name = "";

    final RestClient rest() {
      return new RestClient(host, httpPort);
    }

    final String database() {
      return name;
    }
  }

  /** One of its branches. */
  static final class Branch extends Database {
    @Parameters(index = "1", paramLabel = "BRANCH", description = "For example dev.")
    private String branch = "";

    /** What the branch is called as a database. */
    private String full() {
      int at = database().indexOf('@');
      return (at < 0 ? database() : database().substring(0, at)) + "@" + branch;
    }
  }

  /** What a branch begins with; one of them. */
  static final class Beginning {
    @Option(names = "--at", paramLabel = "MOMENT", description = "Default: now.")
    private @Nullable String at;

    @Option(names = "--backup", paramLabel = "NAME", description = "As this backup of it.")
    private @Nullable String backup;
  }

  @Command(
      name = "create",
      description = "Make a branch of a database, or of a branch.",
      mixinStandardHelpOptions = true)
  void create(@Mixin Branch branch, @ArgGroup @Nullable Beginning beginning) {
    RestClient rest = branch.rest();
    String backup = beginning == null ? null : beginning.backup;
    String at = beginning == null ? null : beginning.at;
    show(
        backup != null
            ? rest.createBranchOfBackup(branch.database(), branch.branch, backup)
            : rest.createBranch(branch.database(), branch.branch, Optional.ofNullable(at)));
  }

  @Command(
      name = "list",
      description = "List the branches of a database.",
      mixinStandardHelpOptions = true)
  void list(@Mixin Database database) {
    database.rest().branches(database.database()).forEach(BranchCommand::show);
  }

  @Command(
      name = "delete",
      description = "Delete a branch with all that it changed.",
      mixinStandardHelpOptions = true)
  void delete(@Mixin Branch branch) {
    branch.rest().deleteDatabase(branch.full());
    System.out.println(branch.full() + " is deleted");
  }

  @Command(
      name = "reset",
      description = "Put a branch back to how its parent is now.",
      mixinStandardHelpOptions = true)
  void reset(@Mixin Branch branch) {
    show(branch.rest().reset(branch.full()));
  }

  @Command(
      name = "restore",
      description = "Put a database back to how it was; what it has become stays as a branch.",
      mixinStandardHelpOptions = true)
  void restore(
      @Mixin Database database,
      @Option(
              names = "--at",
              required = true,
              paramLabel = "MOMENT",
              description = "How it was when.")
          String at,
      @Option(
              names = "--keep-as",
              paramLabel = "BRANCH",
              description = "Where what it has become stays (default: before- and the time).")
          @Nullable String keepAs) {
    show(database.rest().restore(database.database(), at, Optional.ofNullable(keepAs)));
  }

  static void show(JsonNode database) {
    System.out.printf(
        "%-32s %-9s %s%n",
        database.path("name").asText(),
        database.path("state").asText(),
        database.has("parent")
            ? "as %s was at %s"
                .formatted(database.path("parent").asText(), database.path("branched_at").asText())
            : "");
  }
}
