package dev.slipway.storage;

/** How values given by callers are shown in messages: short, and on one line. */
public final class Text {
  private static final int SHOWN = 100;

  private Text() {}

  /**
   * A caller's value for an error message: quoted, control characters and lone surrogates replaced
   * by {@code ?}, cut after 100 characters (so that a message stays well under 1 KiB).
   */
  public static String quote(String value) {
    StringBuilder out = new StringBuilder(Math.min(value.length(), SHOWN) + 16).append('\'');
    int end = Math.min(value.length(), SHOWN);
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      out.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
    }
    out.append('\'');
    if (value.length() > SHOWN) {
      out.append(" (").append(value.length()).append(" characters)");
    }
    return out.toString();
  }
}
