package dev.slipway.engine.filter;

import dev.slipway.engine.filter.FilterToken.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Checks, in one pass and before the parser sees them, which words may follow which and how deep
 * they nest: the parser takes seconds, and then overflows, on thousands of parentheses.
 */
final class FilterShape {
  static final int MAX_DEPTH = 64;
  private static final String TERM = "a column, a literal, NOT or '('";
  private static final String MORE =
      "a comparison (=, <>, <, <=, >, >=), IN, BETWEEN, LIKE, IS, AND, OR";

  private final FilterSource source;
  private final List<FilterToken> tokens;
  private final Deque<Integer> notsOutside = new ArrayDeque<>();
  private int nots;
  private int depth;
  private int at;

  private FilterShape(FilterSource source, List<FilterToken> tokens) {
    this.source = source;
    this.tokens = tokens;
  }

  static void check(FilterSource source, List<FilterToken> tokens) {
    FilterShape shape = new FilterShape(source, tokens);
    Kind before = Kind.AND;
    while (before != Kind.END) {
      shape.term(before);
      before = shape.behindTerm();
    }
  }

  /** Up to the first operand. */
  private void term(Kind before) {
    boolean value = before == Kind.COMPARISON || before == Kind.LIKE || before == Kind.BETWEEN;
    if (value && tokens.get(at).kind() == Kind.NOT) {
      throw source.expected("a column or a literal", tokens.get(at));
    }
    while (true) {
      FilterToken token = tokens.get(at++);
      switch (token.kind()) {
        case OPERAND -> {
          depth -= nots;
          nots = 0;
          return;
        }
        case NOT -> {
          nots++;
          deeper(token);
        }
        case OPEN -> {
          notsOutside.push(nots);
          nots = 0;
          deeper(token);
        }
        default -> throw source.expected(TERM, token);
      }
    }
  }

  private void deeper(FilterToken token) {
    depth++;
    if (depth > MAX_DEPTH) {
      throw source.invalid(
          token.start(), "parentheses and NOTs may be nested at most " + MAX_DEPTH + " deep");
    }
  }

  /** The word that asks for another term, or {@code END}. */
  private Kind behindTerm() {
    while (true) {
      FilterToken token = tokens.get(at++);
      switch (token.kind()) {
        case COMPARISON, AND, OR, LIKE, BETWEEN -> {
          return token.kind();
        }
        case COMMA -> {
          if (notsOutside.isEmpty()) {
            throw source.expected(MORE + " or the end", token);
          }
          return token.kind();
        }
        case IN -> {
          in();
          return token.kind();
        }
        case NOT -> {
          FilterToken next = tokens.get(at++);
          if (next.kind() == Kind.IN) {
            in();
          } else if (next.kind() != Kind.LIKE && next.kind() != Kind.BETWEEN) {
            throw source.expected("IN, BETWEEN or LIKE behind NOT", next);
          }
          return token.kind();
        }
        case IS -> is();
        case CLOSE -> close(token);
        case END -> {
          if (notsOutside.isEmpty()) {
            return Kind.END;
          }
          throw source.expected(MORE + " or ')'", token);
        }
        default ->
            throw source.expected(
                MORE + (notsOutside.isEmpty() ? " or the end" : " or ')'"), token);
      }
    }
  }

  private void in() {
    if (tokens.get(at).kind() != Kind.OPEN) {
      throw source.expected("'(' behind IN", tokens.get(at));
    }
    if (tokens.get(at + 1).kind() == Kind.CLOSE) {
      throw source.expected("at least one literal behind IN", tokens.get(at + 1));
    }
  }

  private void is() {
    if (tokens.get(at).kind() == Kind.NOT) {
      at++;
    }
    if (!tokens.get(at).isNullOrBoolean()) {
      throw source.expected("NULL, NOT NULL, TRUE or FALSE behind IS", tokens.get(at));
    }
    at++;
  }

  private void close(FilterToken token) {
    if (notsOutside.isEmpty()) {
      throw source.expected(MORE + " or the end", token);
    }
    depth -= 1 + notsOutside.pop();
  }
}
