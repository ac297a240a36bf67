package dev.slipway.cli.data;

import org.jspecify.annotations.Nullable;

/** A value isn't one of its column's type. */
final class Misfit extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String path;
  private final String what;

  private Misfit(@Nullable Throwable cause, String path, String what) {
    super(what, cause);
    this.path = path;
    this.what = what;
  }

  static Misfit of(String expected, @Nullable Object found, @Nullable Throwable cause) {
    return new Misfit(cause, "", "expected %s, found %s".formatted(expected, show(found)));
  }

  /** The same, seen from outside the value's parent. */
  Misfit within(String step) {
    return new Misfit(this, step + path, what);
  }

  /** Where in the column's value: {@code .x[2]}; empty if it is the value itself. */
  String path() {
    return path;
  }

  String what() {
    return what;
  }

  /** Short and on one line. */
  private static String show(@Nullable Object value) {
    String text = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    String cut = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return value instanceof String ? "'" + cut + "'" : cut;
  }
}
