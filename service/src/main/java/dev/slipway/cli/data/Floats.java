package dev.slipway.cli.data;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.apache.arrow.memory.util.Float16;

/**
 * Decimal text as binary floating-point numbers. A fraction is rounded as ever; whole numbers keep
 * every digit and all numbers their magnitude, or it is an {@link IllegalArgumentException} that
 * names the type.
 */
final class Floats {
  private static final int MAX_LENGTH = 1_000;
  private static final double FLOAT16_SMALLEST_NORMAL = 0x1p-14;

  private Floats() {}

  static double float64(String text) {
    double nearest = nearest(text, "float64");
    if (!keeps(text, nearest, Double.MIN_NORMAL, 0x1p53)) {
      throw new IllegalArgumentException("float64");
    }
    return nearest;
  }

  static float float32(String text) {
    nearest(text, "float32");
    float nearest = Float.parseFloat(text);
    if (!keeps(text, nearest, Float.MIN_NORMAL, 0x1p24)) {
      throw new IllegalArgumentException("float32");
    }
    return nearest;
  }

  static short float16(String text) {
    nearest(text, "float16");
    short bits = Float16.toFloat16(Float.parseFloat(text));
    float nearest = Float16.toFloat(bits);
    if (!keeps(text, nearest, FLOAT16_SMALLEST_NORMAL, 0x1p11)) {
      throw new IllegalArgumentException("float16");
    }
    return bits;
  }

  /** Whether {@link #float64} takes it. */
  static boolean fitFloat64(String text) {
    try {
      float64(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static double nearest(String text, String type) {
    // The parser takes more than decimal numbers: 1d, 0x1p3, spaces.
    boolean decimal = !text.isEmpty() && text.length() <= MAX_LENGTH;
    for (int i = 0; decimal && i < text.length(); i++) {
      char c = text.charAt(i);
      decimal = (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
    }
    if (!decimal) {
      throw new IllegalArgumentException(type);
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(type, e);
    }
  }

  /**
   * @param wholeBelow every whole number below is one of the type
   */
  private static boolean keeps(
      String text, double nearest, double smallestNormal, double wholeBelow) {
    double size = Math.abs(nearest);
    if (size >= smallestNormal && size < wholeBelow) {
      return true;
    }
    if (!Double.isFinite(nearest)) {
      return false;
    }
    BigDecimal value;
    try {
      value = new BigDecimal(text).stripTrailingZeros();
    } catch (NumberFormatException | ArithmeticException e) {
      // An exponent that large.
      return false;
    }
    // As precise as it was written, it is the same.
    BigDecimal back =
        new BigDecimal(nearest).round(new MathContext(value.precision(), RoundingMode.HALF_EVEN));
    return value.compareTo(back) == 0;
  }
}
