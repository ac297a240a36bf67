package dev.slipway.storage.predicate;

import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.Text;
import dev.slipway.storage.predicate.LiteralFit.Place;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.FloatLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NullLiteral;
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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Fits a predicate to a schema, so that a backend needs no rules of its own. In a bound predicate
 *
 * <ul>
 *   <li>every column exists; a comparison has a column on its left and, on its right, a column of
 *       the same type or a literal that the left one's type can hold exactly;
 *   <li>literals are {@code NumberLiteral} for integer columns (scale 0) and decimal columns (the
 *       column's scale), finite {@code FloatLiteral} for float columns (rounded to the column's
 *       width), {@code StringLiteral}, {@code BooleanLiteral}, {@code DateLiteral}, {@code
 *       TimestampLiteral} for timestamps without a zone and {@code InstantLiteral} for those with
 *       one (whole units of the column); years are 1 to 9999;
 *   <li>{@code And}, {@code Or} and {@code In} aren't empty; patterns are well formed.
 * </ul>
 *
 * <p>What no value of the column can equal is rewritten: {@code x > 5.5} on an integer column is
 * {@code x > 5}, and {@code x = 5.5} is {@code x <> x}, which is false, or unknown if x is null. A
 * comparison with a float zero is written so that both zeroes count as it. Binding again changes
 * nothing. No state; any thread.
 */
public final class PredicateBinder {
  private final Schema schema;

  private PredicateBinder(Schema schema) {
    this.schema = schema;
  }

  /**
   * @throws StorageException {@code COLUMN_NOT_FOUND}; {@code FILTER_INVALID} naming the column,
   *     its type and what doesn't fit
   */
  public static Predicate bind(Predicate predicate, Schema schema) {
    return new PredicateBinder(schema).bind(predicate);
  }

  /**
   * Fits the value of an assignment to its column. A bound literal is of the kinds given above, and
   * may also be null, or NaN or an infinity for a float column.
   *
   * @throws StorageException {@code COLUMN_NOT_FOUND}; {@code SCHEMA_MISMATCH} if the kinds differ,
   *     or the value's column may be null and the target not; {@code ROW_INVALID} if the target
   *     can't hold the value: null, out of range, or finer than its scale or unit
   */
  public static Operand bindAssignment(Field target, Operand value, Schema schema) {
    if (value instanceof Column column) {
      return assignColumn(target, column, schema);
    }
    if (value instanceof NullLiteral) {
      if (!target.isNullable()) {
        throw unassignable(
            StorageErrorCode.ROW_INVALID, target, "it is required and can't be null");
      }
      return value;
    }
    Literal literal = (Literal) value;
    if (LiteralFit.isFloat(target.getType())) {
      return LiteralFit.assignFloat(target, literal);
    }
    LiteralFit fit =
        LiteralFit.of(target.getType(), literal)
            .orElseThrow(
                () ->
                    unassignable(
                        StorageErrorCode.SCHEMA_MISMATCH,
                        target,
                        LiteralFit.show(literal) + " doesn't fit that type"));
    if (fit.place() != Place.EXACT) {
      throw unassignable(
          StorageErrorCode.ROW_INVALID, target, "it can't hold " + LiteralFit.show(literal));
    }
    return fit.value();
  }

  private static Operand assignColumn(Field target, Column column, Schema schema) {
    Field source = SchemaRules.column(schema, column.name());
    boolean same =
        source.getType().equals(target.getType())
            && source.getChildren().equals(target.getChildren());
    if (!same) {
      throw unassignable(
          StorageErrorCode.SCHEMA_MISMATCH,
          target,
          "column " + Text.quote(column.name()) + " has type " + source.getType());
    }
    if (source.isNullable() && !target.isNullable()) {
      throw unassignable(
          StorageErrorCode.SCHEMA_MISMATCH,
          target,
          "it is required, and column " + Text.quote(column.name()) + " may be null");
    }
    return column;
  }

  private Predicate bind(Predicate predicate) {
    if (predicate instanceof And and) {
      return join(and.terms(), true, And::new);
    }
    if (predicate instanceof Or or) {
      return join(or.terms(), false, Or::new);
    }
    if (predicate instanceof Not not) {
      return new Not(bind(not.term()));
    }
    if (predicate instanceof Compare compare) {
      return bind(compare);
    }
    if (predicate instanceof In in) {
      return bind(in);
    }
    if (predicate instanceof IsNull isNull) {
      column(isNull.column());
    } else if (predicate instanceof Like like) {
      check(like);
    } else if (predicate instanceof IsTrue isTrue) {
      Field field = column(isTrue.column());
      if (!(field.getType() instanceof ArrowType.Bool)) {
        throw unfit(field, "it isn't a condition; compare it with something");
      }
    }
    return predicate;
  }

  private Predicate join(
      List<Predicate> terms, boolean whenEmpty, Function<List<Predicate>, Predicate> make) {
    if (terms.isEmpty()) {
      return new Constant(whenEmpty);
    }
    return terms.size() == 1
        ? bind(terms.get(0))
        : make.apply(terms.stream().map(this::bind).toList());
  }

  private Predicate bind(Compare compare) {
    Operand left = compare.left();
    Operand right = compare.right();
    if (left instanceof NullLiteral || right instanceof NullLiteral) {
      throw invalid("a comparison with NULL is never true; write IS NULL or IS NOT NULL");
    }
    if (left instanceof Column leftColumn) {
      return right instanceof Column rightColumn
          ? compareColumns(leftColumn, compare.comparison(), rightColumn)
          : compare(leftColumn, compare.comparison(), (Literal) right);
    }
    if (right instanceof Column rightColumn) {
      return compare(rightColumn, compare.comparison().flipped(), (Literal) left);
    }
    throw invalid(
        "a comparison needs a column, found %s %s %s",
        LiteralFit.show((Literal) left),
        compare.comparison().sql(),
        LiteralFit.show((Literal) right));
  }

  private Predicate compareColumns(Column left, Comparison comparison, Column right) {
    Field leftField = comparable(left);
    Field rightField = comparable(right);
    if (!leftField.getType().equals(rightField.getType())) {
      throw unfit(
          leftField,
          "it can't be compared with column "
              + Text.quote(right.name())
              + " of type "
              + rightField.getType());
    }
    return new Compare(left, comparison, right);
  }

  private Predicate compare(Column column, Comparison comparison, Literal literal) {
    Field field = comparable(column);
    LiteralFit fit = fit(field, literal);
    if (LiteralFit.isFloat(field.getType())) {
      return FloatComparison.of(column, comparison, fit);
    }
    return switch (fit.place()) {
      case EXACT -> new Compare(column, comparison, fit.value());
      case BETWEEN ->
          switch (comparison) {
            case EQUAL -> never(column);
            case NOT_EQUAL -> unlessNull(column);
            case LESS, LESS_OR_EQUAL -> new Compare(column, Comparison.LESS_OR_EQUAL, fit.value());
            case GREATER, GREATER_OR_EQUAL -> new Compare(column, Comparison.GREATER, fit.value());
          };
      case ABOVE_ALL ->
          switch (comparison) {
            case EQUAL, GREATER, GREATER_OR_EQUAL -> never(column);
            case NOT_EQUAL, LESS, LESS_OR_EQUAL -> unlessNull(column);
          };
      case BELOW_ALL ->
          switch (comparison) {
            case EQUAL, LESS, LESS_OR_EQUAL -> never(column);
            case NOT_EQUAL, GREATER, GREATER_OR_EQUAL -> unlessNull(column);
          };
    };
  }

  private Predicate bind(In in) {
    Field field = comparable(in.column());
    if (in.values().isEmpty()) {
      throw unfit(field, "IN needs at least one value");
    }
    List<Literal> values = new ArrayList<>();
    for (Literal literal : in.values()) {
      if (literal instanceof NullLiteral) {
        throw unfit(field, "IN can't list NULL; write IS NULL beside it");
      }
      LiteralFit fit = fit(field, literal);
      if (fit.place() == Place.EXACT) {
        values.add(fit.value());
        if (fit.value() instanceof FloatLiteral number && number.value() == 0) {
          values.add(new FloatLiteral(-number.value()));
        }
      }
    }
    List<Literal> distinct = values.stream().distinct().toList();
    return distinct.isEmpty() ? never(in.column()) : new In(in.column(), distinct);
  }

  private void check(Like like) {
    Field field = column(like.column());
    if (!LiteralFit.isText(field.getType())) {
      throw unfit(field, "only text can be LIKE something");
    }
    fit(field, new Operand.StringLiteral(like.pattern()));
    int backslashes = 0;
    for (int i = like.pattern().length() - 1; i >= 0 && like.pattern().charAt(i) == '\\'; i--) {
      backslashes++;
    }
    if (backslashes % 2 == 1) {
      throw unfit(field, "the LIKE pattern ends within an escape: " + Text.quote(like.pattern()));
    }
  }

  private Field column(Column column) {
    return SchemaRules.column(schema, column.name());
  }

  private Field comparable(Column column) {
    Field field = column(column);
    if (!LiteralFit.isComparable(field.getType())) {
      throw unfit(field, "such a column takes only IS NULL and IS NOT NULL");
    }
    return field;
  }

  private static LiteralFit fit(Field field, Literal literal) {
    return LiteralFit.forFilter(field.getType(), literal)
        .orElseThrow(() -> unfit(field, "it can't be compared with " + LiteralFit.show(literal)));
  }

  /** False; unknown if the column is null. */
  static Predicate never(Column column) {
    return new Compare(column, Comparison.NOT_EQUAL, column);
  }

  /** True; unknown if the column is null. */
  static Predicate unlessNull(Column column) {
    return new Compare(column, Comparison.EQUAL, column);
  }

  private static StorageException unfit(Field field, String why) {
    return invalid("column %s has type %s: %s", Text.quote(field.getName()), field.getType(), why)
        .with(StorageException.Detail.COLUMN, field.getName());
  }

  private static StorageException invalid(String format, Object... args) {
    return StorageException.of(StorageErrorCode.FILTER_INVALID, format, args);
  }

  static StorageException unassignable(StorageErrorCode code, Field target, String why) {
    return StorageException.of(
            code,
            "can't set column %s of type %s: %s",
            Text.quote(target.getName()),
            target.getType(),
            why)
        .with(StorageException.Detail.COLUMN, target.getName());
  }
}
