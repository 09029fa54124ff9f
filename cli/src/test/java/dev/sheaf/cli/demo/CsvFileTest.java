package dev.sheaf.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CsvFileTest {
  @Test
  void splitsFields() {
    assertThat(CsvFile.fields("00M,Thigpen ,Bay Springs,31.95"))
        .containsExactly("00M", "Thigpen ", "Bay Springs", "31.95");
    assertThat(CsvFile.fields("a,\"b, \"\"c\"\"\",,")).containsExactly("a", "b, \"c\"", "", "");
  }
}
