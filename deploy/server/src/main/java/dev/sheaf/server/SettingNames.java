package dev.sheaf.server;

import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The names of all settings, as {@link SheafConfig} declares them. Pure. */
final class SettingNames {
  private static final String PREFIX = "sheaf.";
  private static final String ENVIRONMENT_PREFIX = "SHEAF_";

  /** Variables that other parts of the project read: the script, the command line, the tests. */
  private static final Set<String> OF_OTHERS =
      Set.of(
          "SHEAF_HOME",
          "SHEAF_JAVA_OPTS",
          "SHEAF_NO_AOT",
          "SHEAF_NO_BUILD",
          "SHEAF_PASSWORD",
          "SHEAF_S3_KEY",
          "SHEAF_S3_SECRET",
          "SHEAF_TESTS_WITHOUT_ETCD");

  /** A name with at most as many slips of the pen is what was meant. */
  private static final int SLIPS = 3;

  private SettingNames() {}

  /** Name and default of each setting; empty where there is none, or where it is worked out. */
  static SortedMap<String, String> defaults() {
    var defaults = new TreeMap<String, String>();
    ConfigMappings.getProperties(ConfigClass.configClass(SheafConfig.class, "sheaf"))
        .forEach((name, property) -> {
          // A list is also shown with its elements.
          if (!property.isGroup() && !name.endsWith("[*]")) {
            defaults.put(name, property.hasDefaultValue() ? property.getDefaultValue() : "");
          }
        });
    return defaults;
  }

  /** As the environment spells a setting: {@code SHEAF_FLUSH_SIZE}. */
  static String variable(String name) {
    return name.replaceAll("[^a-zA-Z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  /** Variables that look like a setting and are none: a slip would else go unnoticed. */
  static List<String> strangers(Map<String, String> environment) {
    Map<String, String> known =
        defaults().keySet().stream()
            .collect(Collectors.toMap(SettingNames::variable, Function.identity()));
    var strangers = new ArrayList<String>();
    for (String variable : environment.keySet().stream().sorted().toList()) {
      if (variable.startsWith(ENVIRONMENT_PREFIX)
          && !known.containsKey(variable)
          && !OF_OTHERS.contains(variable)) {
        strangers.add(
            "there is no setting for the environment variable "
                + variable
                + hint(variable, known.keySet()));
      }
    }
    return strangers;
  }

  /** {@code ; did you mean ...?}, or nothing. */
  static String hint(String wrong) {
    return hint(wrong, defaults().keySet());
  }

  private static String hint(String wrong, Set<String> names) {
    Optional<String> nearest =
        names.stream()
            .filter(name -> distance(wrong, name) <= SLIPS)
            .min(Comparator.comparingInt(name -> distance(wrong, name)));
    return nearest.map(name -> ", did you mean " + name + "?").orElse("");
  }

  /** A flag as it is given to the program, {@code --flush-size=16M}, as a property. */
  static Optional<Map.Entry<String, String>> flag(String argument) {
    int equals = argument.indexOf('=');
    if (!argument.startsWith("--") || equals < 0) {
      return Optional.empty();
    }
    String name = argument.substring(2, equals);
    return Optional.of(
        Map.entry(name.startsWith(PREFIX) ? name : PREFIX + name, argument.substring(equals + 1)));
  }

  /** Characters to insert, drop or replace (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
