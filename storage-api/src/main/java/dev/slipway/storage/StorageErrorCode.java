package dev.slipway.storage;

/**
 * Why a storage call failed. The code alone decides what a caller may do:
 *
 * <ul>
 *   <li>{@link #retryable()}: the same call may succeed later, unchanged.
 *   <li>{@link #safeToCleanUp()}: nothing of the failed call can still take effect, so what it left
 *       may be deleted. After {@link #OUTCOME_UNKNOWN} nobody deletes anything.
 * </ul>
 */
public enum StorageErrorCode {
  /** An argument is out of its range or of another kind than the call needs. */
  INVALID_ARGUMENT(Category.CALLER, false, true),
  /** The data's columns or types don't fit the table. */
  SCHEMA_MISMATCH(Category.CALLER, false, true),
  /** A row breaks a rule: a null where none may be, a duplicate or null or NaN key. */
  ROW_INVALID(Category.CALLER, false, true),
  /** The bytes aren't valid Arrow data. */
  PAYLOAD_INVALID(Category.CALLER, false, true),
  /** A named column doesn't exist. */
  COLUMN_NOT_FOUND(Category.CALLER, false, true),
  /** A predicate doesn't fit the columns it names. */
  FILTER_INVALID(Category.CALLER, false, true),
  /** A token isn't one of this backend's, or is of another format version. */
  TOKEN_INVALID(Category.CALLER, false, true),
  /** The table has no home here. */
  TABLE_NOT_FOUND(Category.CALLER, false, true),
  /** The version isn't there, or another transaction made what is found under its number. */
  VERSION_NOT_FOUND(Category.CORRUPTION, false, true),
  /** A file that a version refers to is gone. */
  MISSING_FILE(Category.CORRUPTION, false, true),
  /** Stored bytes aren't what was written. */
  CORRUPT(Category.CORRUPTION, false, true),
  /** This backend lacks the capability. */
  UNSUPPORTED(Category.CALLER, false, true),
  /** The backend can't be reached, is full, or refuses access. */
  UNAVAILABLE(Category.ENVIRONMENT, true, true),
  /** The call is over a bound that doesn't move: it must bring less. */
  TOO_LARGE(Category.CALLER, false, true),
  /** Memory is short for now; others may give some back. */
  RESOURCE_EXHAUSTED(Category.ENVIRONMENT, true, true),
  /** The caller gave up. */
  CANCELLED(Category.CALLER, true, true),
  /** The storage is closed. */
  CLOSED(Category.ENVIRONMENT, true, true),
  /** It may have happened and may not; it may even happen later. */
  OUTCOME_UNKNOWN(Category.ENVIRONMENT, true, false),
  /** The backend failed in a way it doesn't know. */
  INTERNAL(Category.ENVIRONMENT, false, false);

  /** Whose matter it is. */
  public enum Category {
    /** The call must change. */
    CALLER,
    /** Something around the store must change. */
    ENVIRONMENT,
    /** Stored data is damaged. */
    CORRUPTION
  }

  private final Category category;
  private final boolean retryable;
  private final boolean safeToCleanUp;

  StorageErrorCode(Category category, boolean retryable, boolean safeToCleanUp) {
    this.category = category;
    this.retryable = retryable;
    this.safeToCleanUp = safeToCleanUp;
  }

  public Category category() {
    return category;
  }

  public boolean retryable() {
    return retryable;
  }

  public boolean safeToCleanUp() {
    return safeToCleanUp;
  }
}
