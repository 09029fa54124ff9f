package dev.sheaf.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes, lists, restores and deletes backups. */
@Command(
    name = "backup",
    description =
        "Keep what a database was at a moment, for as long as you want; in no time, whatever its"
            + " size.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Moments are ISO 8601 with an offset.",
      "",
      "Examples:",
      "  ./sheaf backup create shop before-migration",
      "  ./sheaf backup create shop year-end --at 2026-01-01T00:00:00Z",
      "  ./sheaf backup list shop",
      "  ./sheaf branch create shop look --backup year-end",
      "  ./sheaf backup restore shop before-migration",
      "  ./sheaf backup delete shop year-end"
    })
public final class BackupCommand {
  /** One of its backups. */
  static final class Backup extends BranchCommand.Database {
    @Parameters(index = "1", paramLabel = "NAME", description = "For example nightly.")
    private String name = "";
  }

  @Command(
      name = "create",
      description = "Take a backup of a database, or of a branch.",
      mixinStandardHelpOptions = true)
  void create(
      @Mixin Backup backup,
      @Option(names = "--at", paramLabel = "MOMENT", description = "Default: now.")
          @Nullable String at) {
    show(backup.rest().createBackup(backup.database(), backup.name, Optional.ofNullable(at)));
  }

  @Command(
      name = "list",
      description = "List the backups of a database.",
      mixinStandardHelpOptions = true)
  void list(@Mixin BranchCommand.Database database) {
    database.rest().backups(database.database()).forEach(BackupCommand::show);
  }

  @Command(
      name = "delete",
      description = "Delete a backup with what was stored for it alone.",
      mixinStandardHelpOptions = true)
  void delete(@Mixin Backup backup) {
    backup.rest().deleteBackup(backup.database(), backup.name);
    System.out.println("backup " + backup.name + " of " + backup.database() + " is deleted");
  }

  @Command(
      name = "restore",
      description = "Put a database back to a backup; what it has become stays as a branch.",
      mixinStandardHelpOptions = true)
  void restore(
      @Mixin Backup backup,
      @Option(
              names = "--keep-as",
              paramLabel = "BRANCH",
              description = "Where what it has become stays (default: before- and the time).")
          @Nullable String keepAs) {
    BranchCommand.show(
        backup.rest().restoreBackup(backup.database(), backup.name, Optional.ofNullable(keepAs)));
  }

  private static void show(JsonNode backup) {
    System.out.printf(
        "%-32s %-9s as %s was at %s%n",
        backup.path("name").asText(),
        backup.path("state").asText(),
        backup.path("database").asText(),
        backup.path("at").asText());
  }
}
