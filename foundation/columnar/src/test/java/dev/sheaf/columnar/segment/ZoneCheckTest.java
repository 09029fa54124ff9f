package dev.sheaf.columnar.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.columnar.segment.SegmentReader.ZoneMap;
import dev.sheaf.columnar.vector.Vec;
import dev.sheaf.columnar.vector.Vec.BoolVec;
import dev.sheaf.columnar.vector.Vec.DoubleVec;
import dev.sheaf.columnar.vector.Vec.Int128Vec;
import dev.sheaf.columnar.vector.Vec.IntVec;
import dev.sheaf.columnar.vector.Vec.LongVec;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ZoneCheckTest {
  private static final long[] SECOND_IS_NULL = {0b101};

  private static int outside(@Nullable Object min, @Nullable Object max, Vec values) {
    return ZoneCheck.firstOutside(new ZoneMap(min, max, 1, false), values, values.size());
  }

  @Test
  void findsTheFirstValueBeyondABoundThatIsKnown() {
    var ints = new IntVec(new int[] {3, 99, 7}, SECOND_IS_NULL, 3);
    assertThat(outside(3, 7, ints)).isEqualTo(-1);
    assertThat(outside(4, 7, ints)).isZero();
    assertThat(outside(3, 6, ints)).isEqualTo(2);
    assertThat(outside(null, null, ints)).isEqualTo(-1);
    var longs = new LongVec(new long[] {3, 99, 7}, SECOND_IS_NULL, 3);
    assertThat(outside(3L, 7L, longs)).isEqualTo(-1);
    assertThat(outside(3L, 6L, longs)).isEqualTo(2);
    var bools = new BoolVec(new byte[] {0, 0, 1}, null, 3);
    assertThat(outside(false, true, bools)).isEqualTo(-1);
    assertThat(outside(false, false, bools)).isEqualTo(2);
    var wide = new Int128Vec(new long[] {-1, 0, 0}, new long[] {-5, 0, 5}, null, 3);
    assertThat(outside(BigInteger.valueOf(-5), BigInteger.valueOf(5), wide)).isEqualTo(-1);
    assertThat(outside(BigInteger.valueOf(-4), null, wide)).isZero();
    var bytes = SegmentRoundTripTest.views(new byte[][] {{1}, {(byte) 200, 1}, {2}});
    assertThat(outside(new byte[] {1}, new byte[] {(byte) 201}, bytes)).isEqualTo(-1);
    assertThat(outside(new byte[] {1}, new byte[] {(byte) 200}, bytes)).isEqualTo(1);
    assertThat(outside(new byte[] {1, 0}, null, bytes)).isZero();
  }

  @Test
  void doublesHaveTwoZerosAndNaNsApart() {
    var doubles = new DoubleVec(new double[] {0.0, -0.0, 1.5}, null, 3);
    assertThat(outside(-0.0, 1.5, doubles)).isEqualTo(-1);
    assertThat(outside(0.0, 1.4, doubles)).isEqualTo(2);
    var nan = new DoubleVec(new double[] {Double.NaN}, null, 1);
    assertThat(outside(null, null, nan)).isZero();
    assertThat(ZoneCheck.firstOutside(new ZoneMap(null, null, 0, true), nan, 1)).isEqualTo(-1);
  }
}
