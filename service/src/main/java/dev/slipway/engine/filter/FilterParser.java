package dev.slipway.engine.filter;

import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.filter.FilterToken.Kind;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.And;
import dev.slipway.storage.predicate.Predicate.Compare;
import dev.slipway.storage.predicate.Predicate.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.parser.CCJSqlParser;
import net.sf.jsqlparser.parser.ParseException;
import net.sf.jsqlparser.parser.StringProvider;
import net.sf.jsqlparser.parser.Token;
import net.sf.jsqlparser.parser.TokenMgrException;

/**
 * Reads SQL boolean expressions over one table's columns: {@code AND}, {@code OR}, {@code NOT},
 * parentheses, {@code = <> != < <= > >=}, {@code IN}, {@code BETWEEN}, {@code LIKE}, {@code IS
 * [NOT] NULL|TRUE|FALSE}, boolean columns and the literals {@code 1.5e3}, {@code 'text'}, {@code
 * TRUE}, {@code FALSE}, {@code DATE '2026-01-31'}, {@code TIMESTAMP '2026-01-31 12:00:00Z'}. A
 * column is a bare word, or any name in backticks or double quotes. Nothing else: no functions,
 * subqueries, parameters, casts or comments. At most 16 KiB and 64 levels. No state; any thread.
 *
 * <p>The text itself never reaches the SQL parser: it gets the keywords, and {@code cN} for the
 * N-th word where a column or literal stands. So its dialects, escapes and reserved words don't
 * matter, and every leaf of its tree leads back to a position.
 */
public final class FilterParser {
  private FilterParser() {}

  /**
   * @throws SlipwayException {@code FILTER_INVALID} with {@code position}: the 1-based character
   *     (code point) at which it went wrong
   */
  public static Predicate parse(String text) {
    FilterSource source = new FilterSource("filter", text);
    List<FilterToken> tokens = FilterLexer.tokens(source);
    FilterShape.check(source, tokens);
    return comparisons(tokens)
        .orElseGet(() -> new FilterTree(source, tokens).predicate(tree(source, tokens)));
  }

  /**
   * The value of an assignment: a literal, {@code NULL}, or a column's name.
   *
   * @throws SlipwayException as {@link #parse}
   */
  public static Operand parseValue(String text) {
    FilterSource source = new FilterSource("set", text);
    List<FilterToken> tokens = FilterLexer.tokens(source);
    Operand value =
        tokens
            .get(0)
            .operand()
            .orElseThrow(() -> source.expected("a literal or a column", tokens.get(0)));
    if (tokens.get(1).kind() != Kind.END) {
      throw source.expected("the end", tokens.get(1));
    }
    return value;
  }

  /** Comparisons joined by AND, which is what most filters are, without the parser. */
  static Optional<Predicate> comparisons(List<FilterToken> tokens) {
    if (tokens.size() % 4 != 0) {
      return Optional.empty();
    }
    List<Predicate> terms = new ArrayList<>(tokens.size() / 4);
    for (int i = 0; i < tokens.size(); i += 4) {
      Optional<Operand> left = comparable(tokens.get(i));
      Optional<Operand> right = comparable(tokens.get(i + 2));
      Kind end = tokens.get(i + 3).kind();
      boolean comparison = tokens.get(i + 1).kind() == Kind.COMPARISON;
      if (!comparison
          || left.isEmpty()
          || right.isEmpty()
          || !(end == Kind.AND || end == Kind.END)) {
        return Optional.empty();
      }
      terms.add(new Compare(left.get(), comparison(tokens.get(i + 1).text()), right.get()));
    }
    return Optional.of(terms.size() == 1 ? terms.get(0) : new And(terms));
  }

  private static Optional<Operand> comparable(FilterToken token) {
    return token.operand().filter(operand -> !(operand instanceof NullLiteral));
  }

  static Comparison comparison(String sql) {
    return switch (sql) {
      case "=" -> Comparison.EQUAL;
      case "<>" -> Comparison.NOT_EQUAL;
      case "<" -> Comparison.LESS;
      case "<=" -> Comparison.LESS_OR_EQUAL;
      case ">" -> Comparison.GREATER;
      case ">=" -> Comparison.GREATER_OR_EQUAL;
      default -> throw new IllegalStateException("unlisted comparison " + sql);
    };
  }

  static Expression tree(FilterSource source, List<FilterToken> tokens) {
    int[] columns = new int[tokens.size()];
    CCJSqlParser parser =
        new CCJSqlParser(new StringProvider(skeleton(tokens, columns)))
            .withAllowComplexParsing(true);
    try {
      Expression expression = parser.Expression();
      Token rest = parser.getNextToken();
      if (rest.kind != 0) {
        throw source.expected("AND, OR or the end", at(tokens, columns, rest));
      }
      return expression;
    } catch (ParseException e) {
      Token found = e.currentToken == null ? null : e.currentToken.next;
      FilterToken token = found == null ? tokens.get(0) : at(tokens, columns, found);
      throw source.expected("an expression of the filter language", token).causedBy(e);
    } catch (TokenMgrException e) {
      throw source.expected("an expression of the filter language", tokens.get(0)).causedBy(e);
    }
  }

  /**
   * @param columns receives the 1-based column at which each word begins
   */
  private static String skeleton(List<FilterToken> tokens, int[] columns) {
    StringBuilder out = new StringBuilder(tokens.size() * 6);
    boolean behindIs = false;
    for (int i = 0; i < tokens.size(); i++) {
      FilterToken token = tokens.get(i);
      columns[i] = out.length() + 1;
      boolean placeholder = token.kind() == Kind.OPERAND && !behindIs;
      if (placeholder) {
        out.append('c').append(i);
      } else {
        out.append(token.text());
      }
      out.append(' ');
      behindIs = token.kind() == Kind.IS || (behindIs && token.kind() == Kind.NOT);
    }
    return out.toString();
  }

  private static FilterToken at(List<FilterToken> tokens, int[] columns, Token found) {
    int i = 0;
    while (i + 1 < tokens.size() && columns[i + 1] <= found.beginColumn) {
      i++;
    }
    return tokens.get(i);
  }
}
