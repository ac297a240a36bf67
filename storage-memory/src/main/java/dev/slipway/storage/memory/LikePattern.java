package dev.slipway.storage.memory;

import java.util.Arrays;

/**
 * A LIKE pattern: matches in time proportional to text times pattern, whatever the pattern; a
 * regular expression could take for ever.
 */
final class LikePattern {
  private static final int ANY_RUN = -1;
  private static final int ANY_ONE = -2;

  /** Code points, or one of the above. */
  private final int[] pattern;

  private LikePattern(int[] pattern) {
    this.pattern = pattern;
  }

  static LikePattern of(String text) {
    int[] points = text.codePoints().toArray();
    int[] pattern = new int[points.length];
    int length = 0;
    for (int i = 0; i < points.length; i++) {
      if (points[i] == '\\' && i + 1 < points.length) {
        pattern[length++] = points[++i];
      } else {
        pattern[length++] =
            switch (points[i]) {
              case '%' -> ANY_RUN;
              case '_' -> ANY_ONE;
              default -> points[i];
            };
      }
    }
    return new LikePattern(Arrays.copyOf(pattern, length));
  }

  boolean matches(String value) {
    int[] text = value.codePoints().toArray();
    int at = 0;
    int p = 0;
    int lastRun = -1;
    int runEnd = 0;
    while (at < text.length) {
      if (p < pattern.length && pattern[p] == ANY_RUN) {
        lastRun = p++;
        runEnd = at;
      } else if (p < pattern.length && (pattern[p] == ANY_ONE || pattern[p] == text[at])) {
        p++;
        at++;
      } else if (lastRun >= 0) {
        p = lastRun + 1;
        at = ++runEnd;
      } else {
        return false;
      }
    }
    while (p < pattern.length && pattern[p] == ANY_RUN) {
      p++;
    }
    return p == pattern.length;
  }
}
