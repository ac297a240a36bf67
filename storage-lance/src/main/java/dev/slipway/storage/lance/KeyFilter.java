package dev.slipway.storage.lance;

import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * A filter that rows with the keys of a small upload pass, so that matching them needn't read every
 * key of the table. It may let others pass: whoever uses it compares the keys. Made of integer and
 * text columns; of a key without any there is none.
 */
final class KeyFilter {
  private static final int MAX_ROWS = 200;
  private static final int MAX_TEXT_BYTES = 1_000;

  private final List<String> keyColumns;
  private final List<Set<String>> values = new ArrayList<>();
  private final List<Boolean> usable = new ArrayList<>();
  private long rows;

  KeyFilter(List<String> keyColumns) {
    this.keyColumns = keyColumns;
    keyColumns.forEach(
        column -> {
          values.add(new LinkedHashSet<>());
          usable.add(true);
        });
  }

  void add(VectorSchemaRoot batch) {
    rows += batch.getRowCount();
    if (rows > MAX_ROWS) {
      return;
    }
    for (int i = 0; i < keyColumns.size(); i++) {
      FieldVector vector = batch.getVector(keyColumns.get(i));
      for (int row = 0; row < batch.getRowCount() && usable.get(i); row++) {
        Optional<String> literal = literal(vector, row);
        usable.set(i, literal.isPresent());
        literal.ifPresent(values.get(i)::add);
      }
    }
  }

  /** In Lance's SQL; empty if all keys must be read. */
  Optional<String> sql() {
    if (rows == 0 || rows > MAX_ROWS) {
      return Optional.empty();
    }
    List<String> terms = new ArrayList<>();
    for (int i = 0; i < keyColumns.size(); i++) {
      if (usable.get(i)) {
        terms.add("`" + keyColumns.get(i) + "` IN (" + String.join(", ", values.get(i)) + ")");
      }
    }
    return terms.isEmpty() ? Optional.empty() : Optional.of(String.join(" AND ", terms));
  }

  private static Optional<String> literal(FieldVector vector, int row) {
    Field field = vector.getField();
    if (vector instanceof BaseIntVector integers && field.getType() instanceof ArrowType.Int type) {
      long value = integers.getValueAsLong(row);
      BigInteger exact =
          type.getIsSigned() || value >= 0
              ? BigInteger.valueOf(value)
              : new BigInteger(Long.toUnsignedString(value));
      return Optional.of(SqlLiteral.of(field, new NumberLiteral(new BigDecimal(exact))));
    }
    byte[] bytes;
    if (vector instanceof VarCharVector text) {
      bytes = text.get(row);
    } else if (vector instanceof LargeVarCharVector text) {
      bytes = text.get(row);
    } else {
      return Optional.empty();
    }
    if (bytes.length > MAX_TEXT_BYTES) {
      return Optional.empty();
    }
    return Optional.of(
        SqlLiteral.of(field, new StringLiteral(new String(bytes, StandardCharsets.UTF_8))));
  }
}
