package dev.slipway.cli.data;

import java.math.BigDecimal;
import java.math.BigInteger;

/** Whole and decimal numbers; what doesn't fit is an IllegalArgumentException naming the type. */
final class Numbers {
  private static final int MAX_LENGTH = 1_000;

  private Numbers() {}

  static long signed(Object value, int bits) {
    long number =
        value instanceof Long simple ? simple : whole(value, "int" + bits, 63).longValue();
    if (bits < 64 && (number >> (bits - 1)) != 0 && (number >> (bits - 1)) != -1) {
      throw new IllegalArgumentException("int" + bits);
    }
    return number;
  }

  static long unsigned(Object value, int bits) {
    BigInteger number = whole(value, "uint" + bits, bits);
    if (number.signum() < 0) {
      throw new IllegalArgumentException("uint" + bits);
    }
    return number.longValue();
  }

  private static BigInteger whole(Object value, String type, int bits) {
    BigInteger number;
    try {
      number = number(value, type).toBigIntegerExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(type, e);
    }
    if (number.bitLength() > bits) {
      throw new IllegalArgumentException(type);
    }
    return number;
  }

  static BigDecimal decimal(Object value, int precision, int scale) {
    String type = "decimal128[" + precision + "," + scale + "]";
    try {
      BigDecimal number = number(value, type).setScale(scale);
      if (number.precision() > precision) {
        throw new IllegalArgumentException(type);
      }
      return number;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(type, e);
    }
  }

  private static BigDecimal number(Object value, String type) {
    if (value instanceof Long number) {
      return BigDecimal.valueOf(number);
    }
    String text = text(value, type);
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(type);
    }
    BigDecimal number;
    try {
      number = new BigDecimal(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(type, e);
    }
    // An exponent of a million would take as many digits.
    if (Math.abs((long) number.scale()) > MAX_LENGTH) {
      throw new IllegalArgumentException(type);
    }
    return number;
  }

  /** The digits of a number. */
  static String text(Object value, String type) {
    if (value instanceof String || value instanceof Long || value instanceof JsonNumber) {
      return value.toString();
    }
    throw new IllegalArgumentException(type);
  }
}
