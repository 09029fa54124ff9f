package dev.sheaf.testkit.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority for one test, and certificates that it signs for this machine. */
public final class TestCertificates {
  /** Of {@link #trustStore}. */
  public static final String PASSWORD = "changeit";

  private static final long KEYTOOL_SECONDS = 60;
  private static final String AUTHORITY = "authority";

  private final Path folder;
  private final Path keys;

  private TestCertificates(Path folder) {
    this.folder = folder;
    this.keys = folder.resolve("keys.p12");
  }

  /**
   * A new authority.
   *
   * @param folder empty; the files are left there
   */
  public static TestCertificates in(Path folder) {
    var certificates = new TestCertificates(folder);
    certificates.generate(AUTHORITY, List.of("-ext", "bc:c"));
    return certificates;
  }

  /** PEM files of a certificate for localhost and 127.0.0.1, and of its private key. */
  public record Issued(Path certificate, Path key) {}

  public Issued issue(String name) {
    generate(name, List.of("-signer", AUTHORITY, "-ext", "san=dns:localhost,ip:127.0.0.1"));
    try {
      KeyStore store = load();
      byte[] key = store.getKey(name, PASSWORD.toCharArray()).getEncoded();
      return new Issued(
          pem(name + ".crt", "CERTIFICATE", store.getCertificate(name).getEncoded()),
          pem(name + ".key", "PRIVATE KEY", key));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** PEM file of the authority's certificate. */
  public Path authority() {
    try {
      return pem("authority.crt", "CERTIFICATE", load().getCertificate(AUTHORITY).getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A Java key store that trusts the authority. */
  public Path trustStore() {
    Path file = folder.resolve("trust.p12");
    try (var out = Files.newOutputStream(file)) {
      KeyStore trust = KeyStore.getInstance("PKCS12");
      trust.load(null, PASSWORD.toCharArray());
      trust.setCertificateEntry(AUTHORITY, load().getCertificate(AUTHORITY));
      trust.store(out, PASSWORD.toCharArray());
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private KeyStore load() {
    try (InputStream in = Files.newInputStream(keys)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, PASSWORD.toCharArray());
      return store;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Path pem(String file, String what, byte[] content) {
    String text =
        "-----BEGIN %s-----%n%s%n-----END %s-----%n"
            .formatted(
                what,
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                    .encodeToString(content),
                what);
    try {
      return Files.writeString(folder.resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void generate(String name, List<String> further) {
    var command =
        new ArrayList<String>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "2",
                "-keystore",
                keys.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
    command.addAll(further);
    try {
      Process keytool =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("keytool.log").toFile())
              .start();
      if (!keytool.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
        keytool.destroyForcibly();
        throw new IllegalStateException(
            "keytool failed: " + Files.readString(folder.resolve("keytool.log")));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
