package dev.slipway.storage.lance;

import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Predicate;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Renders a bound predicate in the SQL that Lance reads. Nothing of a caller's goes in as it is:
 * columns are quoted with backticks (double quotes would make a string), strings are escaped, and
 * literals are cast to their column's type.
 */
final class SqlFilter {
  private final Schema schema;

  private SqlFilter(Schema schema) {
    this.schema = schema;
  }

  static String render(Predicate predicate, Schema schema) {
    return new SqlFilter(schema).render(predicate);
  }

  private String render(Predicate predicate) {
    if (predicate instanceof Predicate.And and) {
      return joined(and.terms(), " AND ");
    }
    if (predicate instanceof Predicate.Or or) {
      return joined(or.terms(), " OR ");
    }
    if (predicate instanceof Predicate.Not not) {
      return "(NOT " + render(not.term()) + ")";
    }
    if (predicate instanceof Predicate.Compare compare) {
      Column left = (Column) compare.left();
      String right =
          compare.right() instanceof Column column
              ? quoted(column)
              : literal(left, (Operand.Literal) compare.right());
      return "(" + quoted(left) + " " + compare.comparison().sql() + " " + right + ")";
    }
    if (predicate instanceof Predicate.In in) {
      return in.values().stream()
          .map(value -> literal(in.column(), value))
          .collect(Collectors.joining(", ", "(" + quoted(in.column()) + " IN (", "))"));
    }
    if (predicate instanceof Predicate.IsNull isNull) {
      return "(" + quoted(isNull.column()) + " IS NULL)";
    }
    if (predicate instanceof Predicate.Like like) {
      return "(" + quoted(like.column()) + " LIKE " + string(like.pattern()) + ")";
    }
    if (predicate instanceof Predicate.IsTrue isTrue) {
      return "(" + quoted(isTrue.column()) + " = TRUE)";
    }
    return ((Predicate.Constant) predicate).value() ? "TRUE" : "FALSE";
  }

  private String joined(List<Predicate> terms, String by) {
    return terms.stream().map(this::render).collect(Collectors.joining(by, "(", ")"));
  }

  /** Names have no backtick: {@link SchemaRules} sees to that. */
  private static String quoted(Column column) {
    return "`" + column.name() + "`";
  }

  private static String string(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  private String literal(Column column, Operand.Literal literal) {
    ArrowType type = SchemaRules.column(schema, column.name()).getType();
    if (literal instanceof Operand.StringLiteral text) {
      return string(text.value());
    }
    if (literal instanceof Operand.BooleanLiteral bool) {
      return bool.value() ? "TRUE" : "FALSE";
    }
    if (literal instanceof Operand.NumberLiteral number) {
      return type instanceof ArrowType.Decimal decimal
          ? cast(
              number.value().toPlainString(),
              "DECIMAL(" + decimal.getPrecision() + ", " + decimal.getScale() + ")")
          : number.value().toBigIntegerExact().toString();
    }
    if (literal instanceof Operand.FloatLiteral number) {
      boolean wide =
          ((ArrowType.FloatingPoint) type).getPrecision() == FloatingPointPrecision.DOUBLE;
      return cast(Double.toString(number.value()), wide ? "DOUBLE" : "FLOAT");
    }
    if (literal instanceof Operand.DateLiteral date) {
      return cast(date.value().toString(), "DATE");
    }
    if (literal instanceof Operand.TimestampLiteral timestamp) {
      return cast(timestamp.value().toString(), timestampType(type));
    }
    if (literal instanceof Operand.InstantLiteral instant) {
      return cast(instant.value().toString(), timestampType(type));
    }
    throw StorageException.of(
        StorageErrorCode.FILTER_INVALID, "column %s can't be compared with null", column.name());
  }

  private static String cast(String value, String type) {
    return "CAST('" + value + "' AS " + type + ")";
  }

  private static String timestampType(ArrowType type) {
    TimeUnit unit = ((ArrowType.Timestamp) type).getUnit();
    int digits =
        switch (unit) {
          case SECOND -> 0;
          case MILLISECOND -> 3;
          case MICROSECOND -> 6;
          case NANOSECOND -> 9;
        };
    return "TIMESTAMP(" + digits + ")";
  }
}
