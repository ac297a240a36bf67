package dev.slipway.storage.lance;

import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.Comparison;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Renders a bound predicate in the SQL that Lance reads. Columns are quoted with backticks (double
 * quotes would make a string), literals are {@link SqlLiteral}'s. NOT is pushed down to the
 * comparisons, which three-valued logic allows: nested, it takes Lance's parser exponential time.
 * The shape of AND and OR is {@link SqlTree}'s.
 */
final class SqlFilter {
  private final Schema schema;

  private SqlFilter(Schema schema) {
    this.schema = schema;
  }

  /**
   * @throws StorageException {@code FILTER_INVALID} if it nests deeper than Lance can parse
   */
  static String render(Predicate predicate, Schema schema) {
    return new SqlFilter(schema).render(predicate, true).sql();
  }

  /**
   * As {@link #render(Predicate, Schema)}, for a scan that also reads columns. Lance fetches the
   * columns that a filter doesn't name after filtering, and then takes null structs for structs of
   * nulls; so the filter names them.
   *
   * @param columns the fields read
   */
  static String render(Predicate predicate, Schema schema, List<Field> columns) {
    StringBuilder sql = new StringBuilder(render(predicate, schema));
    List<String> structs =
        columns.stream().filter(SqlFilter::hasStruct).map(Field::getName).toList();
    if (!structs.isEmpty()) {
      sql.insert(0, '(').append(')');
    }
    for (String name : structs) {
      String column = quoted(new Column(name));
      sql.append(" AND (" + column + " IS NULL OR " + column + " IS NOT NULL)");
    }
    return sql.toString();
  }

  private static boolean hasStruct(Field field) {
    return field.getType() instanceof ArrowType.Struct
        || field.getChildren().stream().anyMatch(SqlFilter::hasStruct);
  }

  /**
   * @param affirmed false renders the negation
   */
  private SqlTree render(Predicate predicate, boolean affirmed) {
    if (predicate instanceof Predicate.And and) {
      return joined(and.terms(), affirmed, affirmed ? SqlTree.Kind.AND : SqlTree.Kind.OR);
    }
    if (predicate instanceof Predicate.Or or) {
      return joined(or.terms(), affirmed, affirmed ? SqlTree.Kind.OR : SqlTree.Kind.AND);
    }
    if (predicate instanceof Predicate.Not not) {
      return render(not.term(), !affirmed);
    }
    if (predicate instanceof Predicate.Compare compare) {
      return SqlTree.leaf(compare(compare, affirmed));
    }
    if (predicate instanceof Predicate.In in) {
      return SqlTree.leaf(
          in.values().stream()
              .map(value -> literal(in.column(), value))
              .collect(
                  Collectors.joining(
                      ", ", quoted(in.column()) + (affirmed ? " IN (" : " NOT IN ("), ")")));
    }
    if (predicate instanceof Predicate.IsNull isNull) {
      return SqlTree.leaf(quoted(isNull.column()) + (affirmed ? " IS NULL" : " IS NOT NULL"));
    }
    if (predicate instanceof Predicate.Like like) {
      return SqlTree.leaf(
          quoted(like.column())
              + (affirmed ? " LIKE " : " NOT LIKE ")
              + SqlLiteral.text(pattern(like.pattern())));
    }
    if (predicate instanceof Predicate.IsTrue isTrue) {
      return SqlTree.leaf(quoted(isTrue.column()) + (affirmed ? " = TRUE" : " = FALSE"));
    }
    return SqlTree.leaf(((Predicate.Constant) predicate).value() == affirmed ? "TRUE" : "FALSE");
  }

  private SqlTree joined(List<Predicate> terms, boolean affirmed, SqlTree.Kind kind) {
    return SqlTree.join(kind, terms.stream().map(term -> render(term, affirmed)).toList());
  }

  private String compare(Predicate.Compare compare, boolean affirmed) {
    Column left = (Column) compare.left();
    Comparison comparison = affirmed ? compare.comparison() : opposite(compare.comparison());
    String right =
        compare.right() instanceof Column column
            ? quoted(column)
            : literal(left, (Operand.Literal) compare.right());
    return quoted(left) + " " + comparison.sql() + " " + right;
  }

  private static Comparison opposite(Comparison comparison) {
    return switch (comparison) {
      case EQUAL -> Comparison.NOT_EQUAL;
      case NOT_EQUAL -> Comparison.EQUAL;
      case LESS -> Comparison.GREATER_OR_EQUAL;
      case LESS_OR_EQUAL -> Comparison.GREATER;
      case GREATER -> Comparison.LESS_OR_EQUAL;
      case GREATER_OR_EQUAL -> Comparison.LESS;
    };
  }

  private String literal(Column column, Operand.Literal literal) {
    return SqlLiteral.of(SchemaRules.column(schema, column.name()), literal);
  }

  /** Names have no backtick: {@link SchemaRules} sees to that. */
  private static String quoted(Column column) {
    return "`" + column.name() + "`";
  }

  /** Lance takes a backslash for an escape only before these; we, before any character. */
  private static String pattern(String pattern) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\' && i + 1 < pattern.length()) {
        char next = pattern.charAt(++i);
        if (next == '%' || next == '_' || next == '\\') {
          out.append(c);
        }
        out.append(next);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  static StorageException tooDeep() {
    return StorageException.of(
        StorageErrorCode.FILTER_INVALID, "the filter's ANDs and ORs nest too deep");
  }
}
