package dev.slipway.cli.data;

/**
 * A number as JSON has it, digit by digit, that a {@code long} doesn't hold.
 *
 * @param text as written
 */
record JsonNumber(String text) {
  @Override
  public String toString() {
    return text;
  }
}
