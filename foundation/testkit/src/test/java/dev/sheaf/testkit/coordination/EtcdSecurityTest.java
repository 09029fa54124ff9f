package dev.sheaf.testkit.coordination;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordination.Coordination;
import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.coordination.Coordination.Lease;
import dev.sheaf.coordination.etcd.EtcdCoordination;
import dev.sheaf.coordination.etcd.EtcdSettings;
import dev.sheaf.coordination.etcd.EtcdSettings.Identity;
import dev.sheaf.coordination.etcd.EtcdSettings.Login;
import dev.sheaf.coordination.etcd.EtcdSettings.Tls;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.testkit.etcd.EtcdCluster;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An etcd that wants to know whom it talks to. */
final class EtcdSecurityTest {
  private static final String PASSWORD = "a secret";

  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  @TempDir Path folder;

  @AfterEach
  void stop() {
    executor.close();
  }

  private Coordination connect(EtcdSettings settings) {
    return EtcdCoordination.connect(settings, System::nanoTime, new Random(1), executor);
  }

  private static void assertUsable(Coordination facts) {
    try (Lease lease = facts.grantLease(10_000)) {
      assertThat(facts.commit(List.of(), List.of(new Change("a", "1", lease)))).isTrue();
      assertThat(facts.list("")).hasSize(1);
    }
  }

  private void assertRefused(EtcdSettings settings) {
    EtcdSettings impatient = settings.withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1));
    try (Coordination facts = connect(impatient)) {
      assertThatThrownBy(() -> facts.commit(List.of(), List.of(Change.put("b", "1"))))
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR));
      assertThatThrownBy(() -> facts.get("a"))
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR));
    }
  }

  @Test
  void logsIn() throws Exception {
    try (EtcdCluster etcd = EtcdCluster.start(folder, 1)) {
      try (Client admin = Client.builder().endpoints(etcd.endpoints()).build()) {
        var auth = admin.getAuthClient();
        auth.userAdd(bytes("root"), bytes(PASSWORD)).get();
        auth.roleAdd(bytes("root")).get();
        auth.userGrantRole(bytes("root"), bytes("root")).get();
        auth.authEnable().get();
      }
      EtcdSettings anonymous =
          EtcdSettings.of(etcd.endpoints(), "secured")
              .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(15));
      var login = new Login("root", PASSWORD);
      try (Coordination facts = connect(anonymous.withLogin(login))) {
        assertUsable(facts);
      }
      assertRefused(anonymous);
      assertRefused(anonymous.withLogin(new Login("root", "a guess")));
      assertThat(login.toString()).doesNotContain(PASSWORD);
    }
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  @Test
  void speaksTlsOnBothSides() throws Exception {
    Identity server = selfSigned("etcd.test");
    Identity client = selfSigned("sheaf.test");
    Identity stranger = selfSigned("stranger.test");
    try (EtcdCluster etcd =
        EtcdCluster.startSecured(
            folder, server.certificate(), server.key(), client.certificate())) {
      EtcdSettings settings =
          new EtcdSettings(
              etcd.endpoints(),
              "secured",
              Duration.ofSeconds(5),
              Duration.ofSeconds(15),
              128,
              new Tls(server.certificate(), "etcd.test", client),
              null);
      try (Coordination facts = connect(settings)) {
        assertUsable(facts);
      }
      assertRefused(settings.withTls(new Tls(server.certificate(), "etcd.test", stranger)));
      assertRefused(settings.withTls(new Tls(server.certificate(), "etcd.test", null)));
      assertRefused(settings.withTls(new Tls(server.certificate(), "other.test", client)));
      assertRefused(settings.withTls(new Tls(stranger.certificate(), "etcd.test", client)));
    }
    assertThatThrownBy(() -> EtcdSettings.of(List.of(URI.create("https://host:2379")), "a"))
        .isInstanceOf(SheafException.class);
  }

  private Identity selfSigned(String name) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "key",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                "bc=ca:true",
                "-ext",
                "san=dns:" + name,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    return new Identity(
        pem(name + ".crt", "CERTIFICATE", keys.getCertificate("key").getEncoded()),
        pem(name + ".key", "PRIVATE KEY", keys.getKey("key", PASSWORD.toCharArray()).getEncoded()));
  }

  private Path pem(String file, String kind, byte[] content) throws Exception {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    return Files.writeString(
        folder.resolve(file),
        "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }
}
