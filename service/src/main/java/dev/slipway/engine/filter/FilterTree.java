package dev.slipway.engine.filter;

import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Predicate;
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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import net.sf.jsqlparser.expression.BinaryExpression;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.expression.NotExpression;
import net.sf.jsqlparser.expression.operators.conditional.AndExpression;
import net.sf.jsqlparser.expression.operators.conditional.OrExpression;
import net.sf.jsqlparser.expression.operators.relational.Between;
import net.sf.jsqlparser.expression.operators.relational.ComparisonOperator;
import net.sf.jsqlparser.expression.operators.relational.InExpression;
import net.sf.jsqlparser.expression.operators.relational.IsBooleanExpression;
import net.sf.jsqlparser.expression.operators.relational.IsNullExpression;
import net.sf.jsqlparser.expression.operators.relational.LikeExpression;
import net.sf.jsqlparser.expression.operators.relational.ParenthesedExpressionList;
import net.sf.jsqlparser.schema.Column;

/**
 * Turns the parser's tree into ours. Only what is listed here comes through; every leaf is a column
 * named {@code cN}, which stands for the N-th word of the text.
 */
final class FilterTree {
  private final FilterSource source;
  private final List<FilterToken> tokens;

  FilterTree(FilterSource source, List<FilterToken> tokens) {
    this.source = source;
    this.tokens = tokens;
  }

  Predicate predicate(Expression expression) {
    if (expression instanceof AndExpression and) {
      return new And(terms(and, AndExpression.class));
    }
    if (expression instanceof OrExpression or) {
      return new Or(terms(or, OrExpression.class));
    }
    if (expression instanceof NotExpression not) {
      return new Not(predicate(not.getExpression()));
    }
    if (expression instanceof ParenthesedExpressionList<?> list) {
      return predicate(only(list));
    }
    if (expression instanceof ComparisonOperator comparison) {
      return compare(
          operand(comparison.getLeftExpression()),
          FilterParser.comparison(comparison.getStringExpression()),
          operand(comparison.getRightExpression()));
    }
    if (expression instanceof InExpression in) {
      return negated(in.isNot(), in(in));
    }
    if (expression instanceof Between between) {
      return negated(between.isNot(), between(between));
    }
    if (expression instanceof LikeExpression like) {
      return negated(like.isNot(), like(like));
    }
    if (expression instanceof IsNullExpression isNull) {
      return negated(isNull.isNot(), new IsNull(column(isNull.getLeftExpression(), "IS NULL")));
    }
    if (expression instanceof IsBooleanExpression is) {
      return negated(is.isNot(), is(is));
    }
    return condition(leaf(expression));
  }

  /**
   * The terms of a chain, in order. The parser nests a long chain to the left, thousands deep, so
   * that is walked without recursion; parentheses around a part of it change nothing.
   */
  private <T extends BinaryExpression> List<Predicate> terms(T chain, Class<T> kind) {
    List<Predicate> terms = new ArrayList<>();
    Deque<Expression> open = new ArrayDeque<>();
    open.push(chain);
    while (!open.isEmpty()) {
      Expression next = open.pop();
      while (next instanceof ParenthesedExpressionList<?> list) {
        next = only(list);
      }
      if (kind.isInstance(next)) {
        BinaryExpression pair = kind.cast(next);
        open.push(pair.getRightExpression());
        open.push(pair.getLeftExpression());
      } else {
        terms.add(predicate(next));
      }
    }
    return terms;
  }

  private static Predicate negated(boolean not, Predicate predicate) {
    return not ? new Not(predicate) : predicate;
  }

  private Predicate compare(FilterToken left, Comparison comparison, FilterToken right) {
    refuseNull(left);
    refuseNull(right);
    return new Compare(value(left), comparison, value(right));
  }

  private void refuseNull(FilterToken token) {
    if (value(token) instanceof NullLiteral) {
      throw source.invalid(
          token.start(), "a comparison with NULL is never true; write IS NULL or IS NOT NULL");
    }
  }

  private Predicate in(InExpression in) {
    Operand.Column column = column(in.getLeftExpression(), "IN");
    if (!(in.getRightExpression() instanceof ParenthesedExpressionList<?> list)) {
      throw source.invalid(
          start(in.getRightExpression()), "expected a list of literals in parentheses behind IN");
    }
    List<Literal> values = new ArrayList<>(list.size());
    for (Expression each : list) {
      FilterToken token = operand(each);
      refuseNull(token);
      if (!(value(token) instanceof Literal literal)) {
        throw source.expected("a literal in the list behind IN", token);
      }
      values.add(literal);
    }
    return new In(column, values);
  }

  private Predicate between(Between between) {
    FilterToken value = operand(between.getLeftExpression());
    return new And(
        List.of(
            compare(
                value, Comparison.GREATER_OR_EQUAL, operand(between.getBetweenExpressionStart())),
            compare(value, Comparison.LESS_OR_EQUAL, operand(between.getBetweenExpressionEnd()))));
  }

  private Predicate like(LikeExpression like) {
    Operand.Column column = column(like.getLeftExpression(), "LIKE");
    FilterToken pattern = operand(like.getRightExpression());
    if (!(value(pattern) instanceof StringLiteral text)) {
      throw source.expected("a text behind LIKE", pattern);
    }
    return new Like(column, text.value());
  }

  /** {@code x IS TRUE} is never unknown, so under a NOT it differs from {@code x}. */
  private Predicate is(IsBooleanExpression is) {
    Operand.Column column = column(is.getLeftExpression(), "IS TRUE or IS FALSE");
    return new And(List.of(negated(!is.isTrue(), new IsTrue(column)), new Not(new IsNull(column))));
  }

  private Predicate condition(FilterToken token) {
    Operand operand = value(token);
    if (operand instanceof Operand.Column column) {
      return new IsTrue(column);
    }
    if (operand instanceof BooleanLiteral bool) {
      return new Constant(bool.value());
    }
    throw source.expected("a condition", token);
  }

  private Operand.Column column(Expression expression, String before) {
    FilterToken token = operand(expression);
    if (value(token) instanceof Operand.Column column) {
      return column;
    }
    throw source.expected("a column before " + before, token);
  }

  private FilterToken operand(Expression expression) {
    Expression inner = expression;
    while (inner instanceof ParenthesedExpressionList<?> list) {
      inner = only(list);
    }
    return leaf(inner);
  }

  private Expression only(ParenthesedExpressionList<?> list) {
    if (list.size() != 1) {
      throw source.invalid(start(list), "expected one expression in parentheses, found a list");
    }
    return list.get(0);
  }

  private FilterToken leaf(Expression expression) {
    if (expression instanceof Column column && column.getTable() == null) {
      return tokens.get(Integer.parseInt(column.getColumnName().substring(1)));
    }
    throw source.invalid(start(expression), "expected a column or a literal, found a condition");
  }

  /** Where the leftmost leaf is. */
  private int start(Expression expression) {
    Expression left = expression;
    while (!(left instanceof Column)) {
      if (left instanceof BinaryExpression pair) {
        left = pair.getLeftExpression();
      } else if (left instanceof ParenthesedExpressionList<?> list && !list.isEmpty()) {
        left = list.get(0);
      } else if (left instanceof NotExpression not) {
        left = not.getExpression();
      } else if (left instanceof InExpression in) {
        left = in.getLeftExpression();
      } else if (left instanceof Between between) {
        left = between.getLeftExpression();
      } else if (left instanceof IsNullExpression isNull) {
        left = isNull.getLeftExpression();
      } else if (left instanceof IsBooleanExpression is) {
        left = is.getLeftExpression();
      } else {
        return 0;
      }
    }
    return leaf(left).start();
  }

  private static Operand value(FilterToken token) {
    return token.operand().orElseThrow();
  }
}
