package dev.slipway.engine;

/**
 * One reason why a commit couldn't be applied.
 *
 * @param table the table's name; empty for the branch
 * @param expected what the commit needed
 * @param actual what there was
 * @param winner the revision that got there first; 0 if unknown
 */
public record Conflict(String table, Kind kind, String expected, String actual, long winner) {

  /** As a part of a message. */
  public String sentence() {
    String where = table.isEmpty() ? "" : "table " + table + ": ";
    return where + "expected " + expected + ", found " + actual;
  }

  /** Kinds of conflict. The names are stored in the log: never rename one. */
  public enum Kind {
    BRANCH,
    TABLE_CHANGED,
    SCHEMA_CHANGED,
    TABLE_DROPPED,
    /** Not made: a name that is taken is {@link ErrorReason#TABLE_EXISTS}. */
    TABLE_EXISTS,
    EXPECTATION
  }
}
