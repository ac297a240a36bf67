package dev.slipway.engine.commit;

import dev.slipway.engine.Conflict;
import java.util.List;

/**
 * What the log keeps of why a commit was refused: enough for people, and so little that one refusal
 * doesn't crowd the rest of its batch out of the record.
 */
final class Abbreviation {
  private static final int MESSAGE = 1_000;
  private static final int PART = 200;
  private static final int CONFLICTS = 10;

  private Abbreviation() {}

  static String of(String message) {
    return cut(message, MESSAGE);
  }

  static List<Conflict> of(List<Conflict> conflicts) {
    return conflicts.stream()
        .limit(CONFLICTS)
        .map(
            conflict ->
                new Conflict(
                    cut(conflict.table(), PART),
                    conflict.kind(),
                    cut(conflict.expected(), PART),
                    cut(conflict.actual(), PART),
                    conflict.winner()))
        .toList();
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }
}
