package dev.sheaf.server;

import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@link SheafConfig} before the framework does, so that a wrong setting ends the start with
 * one line that names it.
 */
final class Settings {
  private static final int MAX_PORT = 65_535;

  /** Where the framework puts the file: below the environment. */
  private static final int FILE_ORDINAL = 260;

  private static final Pattern UNKNOWN_SETTING =
      Pattern.compile("SRCFG00050: (\\S+) in (.*) does not map to any root");
  private static final Pattern WRONG_VALUE =
      Pattern.compile(
          "The config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being"
              + " converted (?:SRCFG\\d+: )?(.*)");
  private static final Pattern NODE_NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final Pattern NUMBERED = Pattern.compile("(?:[\\w.]+Exception: )?SRCFG\\d+: ");

  private Settings() {}

  /** From system properties, the environment and files, as the framework reads them. */
  static SheafConfig load() {
    List<String> strangers = SettingNames.strangers(System.getenv());
    if (!strangers.isEmpty()) {
      throw failure(strangers);
    }
    SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().addDefaultSources();
    Path file = Path.of("config", "application.properties");
    if (Files.exists(file)) {
      try {
        builder.withSources(new PropertiesConfigSource(file.toUri().toURL(), FILE_ORDINAL));
      } catch (IOException e) {
        throw failure(List.of("cannot read " + file.toAbsolutePath() + ": " + e.getMessage()));
      }
    }
    return read(builder);
  }

  /** From these alone. */
  static SheafConfig of(Map<String, String> values) {
    return read(
        new SmallRyeConfigBuilder()
            .withSources(new PropertiesConfigSource(values, "settings", 100)));
  }

  private static SheafConfig read(SmallRyeConfigBuilder builder) {
    SheafConfig config;
    try {
      SmallRyeConfig values =
          builder
              .addDefaultInterceptors()
              .addDiscoveredConverters()
              .withMapping(SheafConfig.class)
              .build();
      config = values.getConfigMapping(SheafConfig.class);
    } catch (ConfigValidationException e) {
      var problems = new ArrayList<String>();
      for (int i = 0; i < e.getProblemCount(); i++) {
        problems.add(readable(e.getProblem(i).getMessage()));
      }
      throw failure(problems);
    }
    List<String> problems = problems(config);
    if (!problems.isEmpty()) {
      throw failure(problems);
    }
    return config;
  }

  /** The library's sentences without its class names and message numbers. */
  private static String readable(String problem) {
    Matcher unknown = UNKNOWN_SETTING.matcher(problem);
    if (unknown.find()) {
      return "there is no setting "
          + unknown.group(1)
          + " (found in "
          + unknown.group(2)
          + ")"
          + SettingNames.hint(unknown.group(1));
    }
    Matcher wrong = WRONG_VALUE.matcher(problem);
    if (wrong.find()) {
      return wrong.group(1) + " is \"" + wrong.group(2) + "\": " + wrong.group(3);
    }
    return NUMBERED.matcher(problem).replaceAll("");
  }

  private static StartFailure failure(List<String> problems) {
    return new StartFailure(
        ExitCode.BAD_CONFIGURATION, "configuration: " + String.join("; ", problems));
  }

  private static List<String> problems(SheafConfig config) {
    var problems = new ArrayList<String>();
    checkPort("sheaf.flight.port", config.flight().port(), problems);
    checkPort("sheaf.http.port", config.http().port(), problems);
    if (config.flight().port() != 0 && config.flight().port() == config.http().port()) {
      problems.add("sheaf.flight.port and sheaf.http.port are the same");
    }
    if (config.safekeepers() != 1 && config.safekeepers() != 3) {
      problems.add("sheaf.safekeepers is " + config.safekeepers() + ", it must be 1 or 3");
    }
    config.roles().ifPresent(roles -> checkCluster(config, problems));
    checkPort("sheaf.rpc.port", config.rpc().port(), problems);
    checkTls(config, problems);
    if (config.maxDatabases() < 1) {
      problems.add("sheaf.max-databases is " + config.maxDatabases() + ", it must be 1 or more");
    }
    if (config.retention().compareTo(Duration.ofMinutes(1)) < 0) {
      problems.add("sheaf.retention is " + config.retention() + ", it must be 1m or more");
    }
    if (config.shutdownTimeout().isNegative() || config.shutdownTimeout().isZero()) {
      problems.add("sheaf.shutdown-timeout is not above 0");
    }
    config
        .query()
        .parallelism()
        .filter(threads -> threads < 1)
        .ifPresent(
            threads -> problems.add("sheaf.query.parallelism is " + threads + ", not above 0"));
    return problems;
  }

  /** A process of a cluster keeps nothing of its own but a safekeeper's journal. */
  private static void checkCluster(SheafConfig config, List<String> problems) {
    if (config.node().isEmpty()) {
      problems.add("sheaf.roles is set, so sheaf.node must name this process");
    } else if (!NODE_NAME.matcher(config.node().get()).matches()) {
      problems.add(
          "sheaf.node is \"%s\", it must be up to 63 lower-case letters, digits, dots and dashes"
              .formatted(config.node().get()));
    }
    if (config.etcd().endpoints().isEmpty()) {
      problems.add("sheaf.roles is set, so sheaf.etcd.endpoints must say where etcd is");
    }
    if (config.s3().endpoint().isEmpty()) {
      problems.add("sheaf.roles is set, so sheaf.s3.endpoint must say where objects are kept");
    }
    if (config.logCopies() < 1 || config.logCopies() % 2 == 0) {
      problems.add("sheaf.log-copies is " + config.logCopies() + ", it must be odd");
    }
    if (config.ephemeral()) {
      problems.add("sheaf.ephemeral is for a server that stands alone, not with sheaf.roles");
    }
    if (config.safekeeperAbsence().compareTo(config.leaseTtl()) < 0) {
      problems.add(
          "sheaf.safekeeper-absence is %s, less than sheaf.lease-ttl, %s"
              .formatted(config.safekeeperAbsence(), config.leaseTtl()));
    }
    if (config.leaseTtl().compareTo(Duration.ofSeconds(1)) < 0) {
      problems.add("sheaf.lease-ttl is " + config.leaseTtl() + ", it must be 1s or more");
    }
  }

  private static void checkTls(SheafConfig config, List<String> problems) {
    SheafConfig.Flight flight = config.flight();
    SheafConfig.Rpc rpc = config.rpc();
    SheafConfig.Etcd etcd = config.etcd();
    var flightFiles = new TreeMap<String, Optional<Path>>();
    flightFiles.put("sheaf.flight.tls-certificate", flight.tlsCertificate());
    flightFiles.put("sheaf.flight.tls-key", flight.tlsKey());
    checkTogether(flightFiles, problems);
    var rpcFiles = new TreeMap<String, Optional<Path>>();
    rpcFiles.put("sheaf.rpc.tls-certificate", rpc.tlsCertificate());
    rpcFiles.put("sheaf.rpc.tls-key", rpc.tlsKey());
    rpcFiles.put("sheaf.rpc.tls-authority", rpc.tlsAuthority());
    checkTogether(rpcFiles, problems);
    var etcdFiles = new TreeMap<String, Optional<Path>>();
    etcdFiles.put("sheaf.etcd.tls-certificate", etcd.tlsCertificate());
    etcdFiles.put("sheaf.etcd.tls-key", etcd.tlsKey());
    checkTogether(etcdFiles, problems);
    if (etcd.tlsAuthority().isPresent() != etcd.tlsServerName().isPresent()) {
      problems.add("sheaf.etcd.tls-authority and sheaf.etcd.tls-server-name need one another");
    }
    checkReadable("sheaf.etcd.tls-authority", etcd.tlsAuthority(), problems);
  }

  private static void checkTogether(Map<String, Optional<Path>> files, List<String> problems) {
    long given = files.values().stream().filter(Optional::isPresent).count();
    if (given != 0 && given != files.size()) {
      problems.add(String.join(", ", files.keySet()) + " need one another");
    }
    files.forEach((name, file) -> checkReadable(name, file, problems));
  }

  private static void checkReadable(String name, Optional<Path> file, List<String> problems) {
    file.filter(path -> !Files.isReadable(path))
        .ifPresent(path -> problems.add(name + ": cannot read " + path.toAbsolutePath()));
  }

  private static void checkPort(String name, int port, List<String> problems) {
    if (port < 0 || port > MAX_PORT) {
      problems.add(name + " is " + port + ", a port is 0 to " + MAX_PORT);
    }
  }
}
