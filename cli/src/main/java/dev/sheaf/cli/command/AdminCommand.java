package dev.sheaf.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.cli.client.RestClient;
import dev.sheaf.cli.command.BranchCommand.Database;
import dev.sheaf.cli.error.CliException;
import dev.sheaf.cli.error.ExitCode;
import dev.sheaf.cli.process.ServerOptions;
import dev.sheaf.cli.process.StoppedCheckProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** For operators: looks into what a database has stored. */
@Command(
    name = "admin",
    description = "Look into what a database has stored.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  ./sheaf admin check shop",
      "  ./sheaf admin check shop@dev",
      "  ./sheaf admin check shop --data /srv/sheaf",
      "  ./sheaf admin sweep shop --dry-run"
    })
public final class AdminCommand {
  private static final Map<String, String> FATES =
      Map.of(
          "deleted", "goes with the next sweep",
          "grace", "not needed, but not for long enough yet",
          "view", "not needed, but a query or a check may be reading it",
          "in_flight", "somebody is at work on it, or nobody knows what it is",
          "manifest", "named by an older manifest",
          "branch", "a branch reads it",
          "new_owner", "kept until its page server has published a manifest");

  @Command(
      name = "check",
      description = "Read all that a database has stored and tell what is not as it must be.",
      mixinStandardHelpOptions = true,
      footer = {
        "",
        "Exit codes: 0 all is sound; 1 it is not, or could not be checked; 2 usage; 3 the data folder is in use",
        "by a server, or is none."
      })
  int check(
      @Mixin Database database,
      @Option(
              names = "--data",
              paramLabel = "DIR",
              description = "The data folder of a server that does not run; it is only read.")
          @Nullable Path data,
      @Option(
              names = "--memory",
              paramLabel = "SIZE",
              description = "Heap of the check, with --data (default: 2g).")
          @Nullable String memory) {
    var report = new CheckReport(System.out, System.err, System.console() != null);
    if (data == null) {
      database.rest().check(database.database(), report::line);
      return report.end();
    }
    var options = new ServerOptions(data, null, null, null, false, memory, List.of());
    int code = StoppedCheckProcess.run(options, database.database(), report::line);
    // Without a result it has said why to our standard error.
    return code == ExitCode.OK || report.isDone() ? report.end() : code;
  }

  @Command(
      name = "sweep",
      description = "Tell which stored objects the next sweep would delete and which not, and why.",
      mixinStandardHelpOptions = true)
  void sweep(
      @Mixin Database database,
      @Option(
              names = "--dry-run",
              description = "Needed: sweeps are the server's, and come by themselves.")
          boolean dryRun) {
    if (!dryRun) {
      throw new CliException(
          ExitCode.USAGE,
          "a sweep cannot be asked for: the server sweeps by itself",
          "With --dry-run you see what the next one would delete.");
    }
    RestClient rest = database.rest();
    show(rest.sweepPlan(database.database()));
  }

  private static void show(JsonNode plan) {
    var reasons = new TreeMap<String, long[]>();
    for (JsonNode each : plan.path("objects")) {
      String fate = each.path("fate").asText();
      long[] sums = reasons.computeIfAbsent(fate, name -> new long[2]);
      sums[0]++;
      sums[1] += each.path("bytes").asLong();
      System.out.printf(
          "%-9s %14d  %s%s%n",
          fate, each.path("bytes").asLong(), each.path("object").asText(), detail(each));
    }
    reasons.forEach((fate, sums) ->
        System.out.printf(
            "%-9s %14d  in %d objects: %s%n",
            fate, sums[1], sums[0], FATES.getOrDefault(fate, fate)));
    long unlisted = plan.path("unlisted").asLong();
    if (unlisted > 0) {
      System.out.println("and " + unlisted + " objects more");
    }
    System.out.printf(
        "would delete %d objects, %d bytes; nothing was deleted%n",
        plan.path("deleted_objects").asLong(), plan.path("deleted_bytes").asLong());
  }

  private static String detail(JsonNode object) {
    if (object.has("needed_by")) {
      return "  for " + object.path("needed_by").asText();
    }
    return object.has("wait_millis")
        ? "  for " + Duration.ofMillis(object.path("wait_millis").asLong()).toSeconds() + " s yet"
        : "";
  }
}
