package dev.slipway.grpc;

/** Text cut to what a header may carry. */
final class Shortened {
  private static final String CUT = "...";

  private Shortened() {}

  /**
   * At most so many bytes once percent-encoded, as gRPC sends messages: a character outside ASCII
   * takes three for each of its bytes.
   */
  static String message(String text, int maxBytes) {
    int bytes = 0;
    int fits = 0;
    int i = 0;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      bytes += encoded(point);
      if (bytes > maxBytes) {
        return text.substring(0, fits) + CUT;
      }
      if (bytes <= maxBytes - CUT.length()) {
        fits = i;
      }
    }
    return text;
  }

  /** At most so many characters. */
  static String value(String text, int maxCharacters) {
    if (text.length() <= maxCharacters) {
      return text;
    }
    int end = maxCharacters - CUT.length();
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + CUT;
  }

  private static int encoded(int point) {
    if (point >= 0x20 && point < 0x7F && point != '%') {
      return 1;
    }
    int utf8 = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    return 3 * utf8;
  }
}
