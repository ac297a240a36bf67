package dev.slipway.engine.commit;

/** How much room text takes in a record. */
final class JsonSize {
  private JsonSize() {}

  /** Bytes of the text as a JSON string, with its quotes and a separator. */
  static long of(String text) {
    long bytes = 3;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // What the encoder escapes as one code unit.
      if (c < 0x20 || Character.isSurrogate(c)) {
        bytes += 6;
      } else if (c == '"' || c == '\\') {
        bytes += 2;
      } else if (c < 0x80) {
        bytes += 1;
      } else if (c < 0x800) {
        bytes += 2;
      } else {
        bytes += 3;
      }
    }
    return bytes;
  }
}
