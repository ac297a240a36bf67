package dev.slipway.engine.filter;

import dev.slipway.engine.filter.FilterToken.Kind;
import dev.slipway.storage.Text;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.BooleanLiteral;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.DateLiteral;
import dev.slipway.storage.predicate.Operand.InstantLiteral;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Operand.NumberLiteral;
import dev.slipway.storage.predicate.Operand.StringLiteral;
import dev.slipway.storage.predicate.Operand.TimestampLiteral;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a filter into words. Everything that isn't of the language is refused here, where it stands.
 */
final class FilterLexer {
  private static final Pattern NUMBER =
      Pattern.compile("(?:[0-9]++(?:\\.[0-9]*+)?|\\.[0-9]++)(?:[eE][+-]?([0-9]++))?");
  private static final int MAX_EXPONENT = 9999;

  private final FilterSource source;
  private final String text;
  private final List<FilterToken> tokens = new ArrayList<>();
  private int at;

  private FilterLexer(FilterSource source) {
    this.source = source;
    this.text = source.text();
  }

  /** The words, and {@code END} behind them. */
  static List<FilterToken> tokens(FilterSource source) {
    FilterLexer lexer = new FilterLexer(source);
    while (lexer.skipSpace()) {
      lexer.next();
    }
    lexer.tokens.add(FilterToken.word(Kind.END, source.text().length(), ""));
    return lexer.tokens;
  }

  private boolean skipSpace() {
    while (at < text.length() && isSpace(text.charAt(at))) {
      at++;
    }
    return at < text.length();
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  }

  private void next() {
    int start = at;
    int c = text.codePointAt(at);
    switch (c) {
      case '(' -> single(Kind.OPEN);
      case ')' -> single(Kind.CLOSE);
      case ',' -> single(Kind.COMMA);
      case '\'' -> operand(start, new StringLiteral(quoted('\'', "a text")));
      case '"', '`' -> operand(start, new Column(quoted((char) c, "a column name")));
      case '=', '<', '>', '!' -> comparison();
      case '+', '-' -> sign();
      default -> {
        if (isDigit(c) || (c == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
          number(start, false);
        } else if (Character.isLetter(c) || c == '_') {
          word();
        } else {
          throw stray(start);
        }
      }
    }
  }

  private void single(Kind kind) {
    tokens.add(FilterToken.word(kind, at, text.substring(at, at + 1)));
    at++;
  }

  private void operand(int start, Operand operand) {
    tokens.add(FilterToken.operand(start, text.substring(start, at), operand));
  }

  private String quoted(char quote, String what) {
    int start = at++;
    StringBuilder out = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c != quote) {
        out.append(c);
      } else if (at < text.length() && text.charAt(at) == quote) {
        out.append(quote);
        at++;
      } else {
        return out.toString();
      }
    }
    throw source.invalid(start, "expected " + what + " that ends with " + quote + ", found no end");
  }

  private void comparison() {
    int start = at++;
    if (at < text.length()) {
      String two = text.substring(start, at + 1);
      if (two.equals("<>") || two.equals("!=") || two.equals("<=") || two.equals(">=")) {
        at++;
      }
    }
    String sql = text.substring(start, at);
    if (sql.equals("!")) {
      throw source.invalid(start, "expected NOT or !=, found '!'");
    }
    tokens.add(FilterToken.word(Kind.COMPARISON, start, sql.equals("!=") ? "<>" : sql));
  }

  private void sign() {
    int start = at;
    boolean comment = text.startsWith("--", at);
    FilterToken before = tokens.isEmpty() ? null : tokens.get(tokens.size() - 1);
    if (comment || (before != null && isEndOfTerm(before.kind()))) {
      throw stray(start);
    }
    boolean negative = text.charAt(at++) == '-';
    if (!skipSpace() || !(isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
      throw source.invalid(start, "expected a number behind the sign");
    }
    number(start, negative);
  }

  private static boolean isEndOfTerm(Kind kind) {
    return kind == Kind.OPERAND || kind == Kind.CLOSE;
  }

  private void number(int start, boolean negative) {
    Matcher matcher = NUMBER.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw source.invalid(at, "expected a number, found " + Text.quote(text.substring(at)));
    }
    String exponent = matcher.group(1);
    if (exponent != null && (exponent.length() > 5 || Integer.parseInt(exponent) > MAX_EXPONENT)) {
      throw source.invalid(matcher.start(1), "expected an exponent of at most " + MAX_EXPONENT);
    }
    at = matcher.end();
    if (at < text.length() && isWordPart(text.codePointAt(at))) {
      throw source.invalid(
          at, "expected a number, found " + Text.quote(text.substring(start, endOfWord())));
    }
    BigDecimal value = new BigDecimal(matcher.group());
    operand(start, new NumberLiteral(negative ? value.negate() : value));
  }

  private void word() {
    int start = at;
    at = endOfWord();
    String word = text.substring(start, at);
    switch (word.toUpperCase(Locale.ROOT)) {
      case "AND" -> tokens.add(FilterToken.word(Kind.AND, start, word));
      case "OR" -> tokens.add(FilterToken.word(Kind.OR, start, word));
      case "NOT" -> tokens.add(FilterToken.word(Kind.NOT, start, word));
      case "IN" -> tokens.add(FilterToken.word(Kind.IN, start, word));
      case "BETWEEN" -> tokens.add(FilterToken.word(Kind.BETWEEN, start, word));
      case "LIKE" -> tokens.add(FilterToken.word(Kind.LIKE, start, word));
      case "IS" -> tokens.add(FilterToken.word(Kind.IS, start, word));
      case "NULL" -> operand(start, new NullLiteral());
      case "TRUE" -> operand(start, new BooleanLiteral(true));
      case "FALSE" -> operand(start, new BooleanLiteral(false));
      case "DATE" -> column(start, word, "a date like '2026-01-31'", FilterLexer::date);
      case "TIMESTAMP" ->
          column(
              start,
              word,
              "a time like '2026-01-31 12:00:00' or '2026-01-31 12:00:00Z'",
              FilterLexer::timestamp);
      default -> column(start, word);
    }
  }

  private void column(int start, String word) {
    int next = at;
    if (skipSpace() && (text.charAt(at) == '(' || text.charAt(at) == '.')) {
      throw source.invalid(
          at,
          text.charAt(at) == '('
              ? "expected an operator behind " + Text.quote(word) + ": there are no functions"
              : "expected a column name without a dot: there are no nested or qualified names");
    }
    at = next;
    operand(start, new Column(word));
  }

  /** {@code DATE '...'}; without a text behind it a column of that name. */
  private void column(int start, String word, String expected, Reading reading) {
    int next = at;
    if (!skipSpace() || text.charAt(at) != '\'') {
      at = next;
      column(start, word);
      return;
    }
    int literal = at;
    String value = quoted('\'', "a text");
    operand(
        start,
        reading
            .read(value.trim())
            .orElseThrow(
                () ->
                    source.invalid(
                        literal, "expected " + expected + ", found " + Text.quote(value))));
  }

  private interface Reading {
    Optional<Operand> read(String value);
  }

  private static Optional<Operand> date(String value) {
    try {
      return Optional.of(new DateLiteral(LocalDate.parse(value)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Operand> timestamp(String value) {
    String iso =
        value.length() > 10 && value.charAt(10) == ' ' ? value.replaceFirst(" ", "T") : value;
    try {
      if (iso.length() == 10) {
        return Optional.of(new TimestampLiteral(LocalDate.parse(iso).atStartOfDay()));
      }
      boolean offset = iso.endsWith("Z") || iso.indexOf('+') > 0 || iso.lastIndexOf('-') > 10;
      return Optional.of(
          offset
              ? new InstantLiteral(OffsetDateTime.parse(iso).toInstant())
              : new TimestampLiteral(LocalDateTime.parse(iso)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private int endOfWord() {
    int end = at;
    while (end < text.length() && isWordPart(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private static boolean isWordPart(int c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  private RuntimeException stray(int start) {
    if (text.startsWith("--", start)
        || text.startsWith("/*", start)
        || text.startsWith("#", start)) {
      return source.invalid(start, "there are no comments in a filter");
    }
    String found = Text.quote(new String(Character.toChars(text.codePointAt(start))));
    return switch (text.charAt(start)) {
      case '?', ':', '$', '@' ->
          source.invalid(start, "found " + found + ": there are no parameters; write the value");
      case '+', '-', '*', '/', '%', '|', '&', '^', '~' ->
          source.invalid(
              start, "found " + found + ": there is no arithmetic; compare columns and literals");
      case ';' -> source.invalid(start, "expected one expression, found ';'");
      default ->
          source.invalid(start, "expected a column, a literal or an operator, found " + found);
    };
  }
}
