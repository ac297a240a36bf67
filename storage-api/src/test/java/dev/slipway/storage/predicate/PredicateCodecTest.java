package dev.slipway.storage.predicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.StorageException;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import dev.slipway.storage.predicate.Predicate.And;
import dev.slipway.storage.predicate.Predicate.Compare;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.predicate.Predicate.Constant;
import dev.slipway.storage.predicate.Predicate.In;
import dev.slipway.storage.predicate.Predicate.IsNull;
import dev.slipway.storage.predicate.Predicate.IsTrue;
import dev.slipway.storage.predicate.Predicate.Like;
import dev.slipway.storage.predicate.Predicate.Not;
import dev.slipway.storage.predicate.Predicate.Or;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PredicateCodecTest {
  private static final Column COLUMN = new Column("na\u00efve");
  private static final Predicate EVERY_KIND =
      new And(
          List.of(
              new Or(List.of(new Constant(true), new Constant(false))),
              new Not(new IsNull(COLUMN)),
              new IsTrue(COLUMN),
              new Like(COLUMN, "%\ud83d\udea2\\_"),
              new Compare(COLUMN, Comparison.LESS_OR_EQUAL, new Column("b")),
              new In(
                  COLUMN,
                  List.of(
                      new NumberLiteral(new BigDecimal("-1.50")),
                      new NumberLiteral(new BigDecimal("1e400")),
                      new FloatLiteral(-0.0),
                      new FloatLiteral(Double.NaN),
                      new StringLiteral("x".repeat(100_000)),
                      new BooleanLiteral(true),
                      new DateLiteral(LocalDate.of(-5, 1, 1)),
                      new TimestampLiteral(LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999)),
                      new InstantLiteral(Instant.MAX),
                      new NullLiteral()))));

  private static byte[] encode(Predicate predicate) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PredicateCodec.write(predicate, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static Predicate decode(byte[] bytes) throws IOException {
    return PredicateCodec.readPredicate(new DataInputStream(new ByteArrayInputStream(bytes)));
  }

  @Test
  void read_everyKind_givesBackWhatWasWritten() throws IOException {
    assertThat(decode(encode(EVERY_KIND))).isEqualTo(EVERY_KIND);
  }

  @Test
  void write_knownPredicate_hasTheBytesOfFormat1() throws IOException {
    byte[] bytes =
        encode(
            new Not(
                new Compare(
                    new Column("a"), Comparison.LESS, new NumberLiteral(new BigDecimal("2.5")))));

    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo("0304" + "010000000161" + "00044c455353" + "020000000119" + "00000001");
  }

  @Test
  void read_damagedBytes_isRefused() throws IOException {
    byte[] bytes = encode(EVERY_KIND);
    for (int i = 0; i < 200; i++) {
      byte[] cut = Arrays.copyOf(bytes, i);
      assertThatThrownBy(() -> decode(cut))
          .isInstanceOfAny(IOException.class, StorageException.class);
    }
    assertThatThrownBy(() -> decode(new byte[] {99})).isInstanceOf(StorageException.class);
    byte[] deep = new byte[5_000];
    Arrays.fill(deep, (byte) 3);
    assertThatThrownBy(() -> decode(deep)).isInstanceOf(StorageException.class);
  }
}
