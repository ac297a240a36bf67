package dev.slipway.engine;

/**
 * Something that a check found.
 *
 * @param table the table's name and id; empty if it is about none
 * @param revision the revision it is about; 0 if it is about none
 * @param resource the object's key, or the file's path within its table's home
 * @param message for people
 */
public record Finding(Kind kind, String table, long revision, String resource, String message) {

  /** How bad it is. */
  public enum Severity {
    /** Nothing is wrong. */
    NOTICE,
    /** Something is damaged, or isn't as the log says. */
    PROBLEM
  }

  /** What it is. */
  public enum Kind {
    /** A stored object isn't what was written. */
    CORRUPT_RECORD(Severity.PROBLEM),
    /** A log record says what must not be. */
    REFUSED_RECORD(Severity.PROBLEM),
    /**
     * A log record is gone, or belongs to no place in the log; or a checkpoint's page is gone, or a
     * database's {@code format.json}.
     */
    MISSING_RECORD(Severity.PROBLEM),
    /** An operator voided a log record. */
    VOIDED_RECORD(Severity.NOTICE),
    /** A checkpoint isn't what the log before it adds up to. */
    CHECKPOINT_DIFFERS(Severity.PROBLEM),
    /** A file that a version needs is gone. */
    MISSING_FILE(Severity.PROBLEM),
    /** A file hasn't the size that its version or staged write has recorded. */
    WRONG_SIZE(Severity.PROBLEM),
    /** A version can't be opened or read. */
    UNREADABLE_VERSION(Severity.PROBLEM),
    /** A version hasn't the rows or the columns that the log says. */
    WRONG_CONTENT(Severity.PROBLEM),
    /** An intent is undecided and nobody resolves it, or it can't be. */
    DANGLING_INTENT(Severity.PROBLEM),
    /** An intent is decided, but nobody has deleted it yet. */
    LEFTOVER_INTENT(Severity.NOTICE),
    /** Nothing names a file or a table's home: garbage, or an upload under way. */
    UNREFERENCED(Severity.NOTICE);

    private final Severity severity;

    Kind(Severity severity) {
      this.severity = severity;
    }

    public Severity severity() {
      return severity;
    }
  }
}
