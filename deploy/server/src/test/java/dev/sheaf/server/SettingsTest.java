package dev.sheaf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

  @Test
  void everySettingHasADefault() {
    SheafConfig config = Settings.of(Map.of());

    assertThat(config.flight().host()).isEqualTo("127.0.0.1");
    assertThat(config.flight().port()).isEqualTo(31337);
    assertThat(config.http().port()).isEqualTo(31338);
    assertThat(config.safekeepers()).isEqualTo(1);
    assertThat(config.ephemeral()).isFalse();
  }

  @Test
  void readsWhatIsSet() {
    SheafConfig config =
        Settings.of(
            Map.of(
                "sheaf.ephemeral", "true",
                "sheaf.safekeepers", "3",
                "sheaf.flush-size", "8M",
                "sheaf.shutdown-timeout", "5s",
                "sheaf.flight.port", "0",
                "sheaf.http.port", "0"));

    assertThat(config.ephemeral()).isTrue();
    assertThat(config.safekeepers()).isEqualTo(3);
    assertThat(config.flushSize().orElseThrow().asLongValue()).isEqualTo(8L << 20);
    assertThat(config.shutdownTimeout()).hasSeconds(5);
  }

  @Test
  void aVariableThatIsNoSettingIsNamed() {
    assertThat(
            SettingNames.strangers(
                Map.of("SHEAF_FLUSH_SZE", "8M", "SHEAF_FLUSH_SIZE", "8M", "SHEAF_HOME", "/x")))
        .containsExactly(
            "there is no setting for the environment variable SHEAF_FLUSH_SZE,"
                + " did you mean SHEAF_FLUSH_SIZE?");
  }

  @Test
  void aFlagIsASetting() {
    assertThat(SettingNames.flag("--flush-size=8M")).contains(Map.entry("sheaf.flush-size", "8M"));
    assertThat(SettingNames.flag("--sheaf.node=a=b")).contains(Map.entry("sheaf.node", "a=b"));
    assertThat(SettingNames.flag("flush-size=8M")).isEmpty();
    assertThat(SettingNames.flag("--ephemeral")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sheaf.flght.port       | 1          | there is no setting sheaf.flght.port",
        "sheaf.flight.prot      | 1          | there is no setting sheaf.flight.prot",
        "sheaf.flight.port      | abc        | sheaf.flight.port is \"abc\"",
        "sheaf.flight.port      | -1         | sheaf.flight.port is -1",
        "sheaf.flight.port      | 65536      | sheaf.flight.port is 65536",
        "sheaf.http.port        | 1e3        | sheaf.http.port is \"1e3\"",
        "sheaf.http.port        | 31337      | sheaf.flight.port and sheaf.http.port are the same",
        "sheaf.safekeepers      | 0          | sheaf.safekeepers is 0",
        "sheaf.safekeepers      | 2          | sheaf.safekeepers is 2, it must be 1 or 3",
        "sheaf.safekeepers      | 5          | sheaf.safekeepers is 5",
        "sheaf.ephemeral        | flase      | sheaf.ephemeral is \"flase\"",
        "sheaf.memory           | 10Q        | sheaf.memory is \"10Q\"",
        "sheaf.memory           | -5         | sheaf.memory is \"-5\"",
        "sheaf.max-databases    | 0          | sheaf.max-databases is 0",
        "sheaf.query.parallelism| 0          | sheaf.query.parallelism is 0",
        "sheaf.shutdown-timeout | -5s        | sheaf.shutdown-timeout",
        "sheaf.shutdown-timeout | soon       | sheaf.shutdown-timeout is \"soon\"",
        "sheaf.flush-sze        | 8M         | did you mean sheaf.flush-size?",
        "sheaf.flight.tls-key   | key.pem    | sheaf.flight.tls-certificate, sheaf.flight.tls-key need",
        "sheaf.rpc.tls-key      | key.pem    | sheaf.rpc.tls-key: cannot read",
        "sheaf.etcd.tls-authority | ca.pem   | sheaf.etcd.tls-authority and sheaf.etcd.tls-server-name need",
        "sheaf.roles            | safekeeper | sheaf.node must name this process",
        "sheaf.roles            | safekeper  | sheaf.roles is",
      })
  void aWrongSettingIsNamedInOneLine(String name, String value, String message) {
    assertThatThrownBy(() -> Settings.of(Map.of(name, value)))
        .isInstanceOf(StartFailure.class)
        .hasMessageStartingWith("configuration: ")
        .hasMessageContaining(message)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "SRCFG", "Exception"))
        .satisfies(
            e -> assertThat(((StartFailure) e).exitCode()).isEqualTo(ExitCode.BAD_CONFIGURATION));
  }
}
