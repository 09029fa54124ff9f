package dev.sheaf.compute.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.protocol.catalog.CheckDescriptor;
import dev.sheaf.protocol.catalog.ColumnDescriptor;
import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.error.SheafException;
import dev.sheaf.protocol.type.SqlType;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class DescriptorCodecTest {
  private static final TableDescriptor TABLE =
      new TableDescriptor(
          1000,
          "s",
          "t",
          3,
          List.of(
              new ColumnDescriptor(1, "id", SqlType.BIGINT, false, null, null),
              new ColumnDescriptor(4, "é", SqlType.decimal(10, 2), true, "1.5", 150L)),
          List.of(1),
          "pk",
          List.of(new CheckDescriptor("c", "id > 0")),
          5);

  /** Descriptors are durable: these bytes must stay readable for ever. */
  private static final String GOLDEN =
      "01000003e80000000173000000017400000000000000030000000500000002706b"
          + "00020000000100000002696400000006424947494e54000000000000000000"
          + "0000000400000002c3a900000007444543494d414c0000000a000000020700000003312e350000000601"
          + "010102ac02"
          + "0001000000010001000000016300000006"
          + "6964203e2030";

  @Test
  void bytesAreStableAndComplete() {
    byte[] bytes = DescriptorCodec.encode(TABLE);
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(GOLDEN);
    assertThat(DescriptorCodec.decode(bytes)).isEqualTo(TABLE);
  }

  @Test
  void cutBytesAreCorrupted() {
    byte[] bytes = DescriptorCodec.encode(TABLE);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> DescriptorCodec.decode(cut))
          .isInstanceOfSatisfying(
              SheafException.class, e -> assertThat(e.sqlState()).isEqualTo("XX001"));
    }
  }
}
