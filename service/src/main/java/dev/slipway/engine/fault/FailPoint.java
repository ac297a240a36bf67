package dev.slipway.engine.fault;

import java.util.Locale;

/**
 * The windows of the failure matrix: places between durable steps where a process may end and
 * others go on. A test fails when a window has no cell, and when a change passes one that the
 * matrix doesn't break it at.
 *
 * <p>Not every two steps have a window between them. What is done in many small ones (a cleanup's
 * deletions, reclaiming a folder, a renewal, the first objects of a database, a verdict) is ended
 * before each of its calls of storage instead, by a test of its own.
 */
public enum FailPoint {
  STAGE_BEFORE_FILES,
  STAGE_AFTER_FILES_BEFORE_RECORD,
  STAGE_AFTER_RECORD,
  COMMIT_BEFORE_INTENT,
  COMMIT_AFTER_INTENT,
  COMMIT_AFTER_FIRST_TABLE,
  COMMIT_AFTER_TABLES,
  COMMIT_BEFORE_PUBLISH,
  COMMIT_PUBLISH_ANSWER_LOST,
  COMMIT_AFTER_PUBLISH,
  COMMIT_BEFORE_INTENT_DELETE,
  RECOVER_BEFORE_READ,
  RECOVER_AFTER_DECISION,
  RECOVER_BEFORE_PUBLISH,
  RECOVER_AFTER_PUBLISH,
  CHECKPOINT_BEFORE_WRITE,
  CHECKPOINT_AFTER_PAGES,
  CHECKPOINT_AFTER_WRITE,
  TABLE_BEFORE_HOME_CREATED,
  TABLE_AFTER_HOME_CREATED,
  DATABASE_BEFORE_CLAIM,
  DATABASE_AFTER_CLAIM,
  DATABASE_DELETE_AFTER_MARK,
  CLEANUP_BEFORE_FLOOR,
  CLEANUP_AFTER_FLOOR,
  CLEANUP_TABLE,
  CLEANUP_AFTER_FIRST_FILE,
  CLEANUP_AFTER_FIRST_RECORD;

  /** The window's name in documents and system properties: {@code commit.after_intent}. */
  public String windowName() {
    String lower = name().toLowerCase(Locale.ROOT);
    int split = lower.indexOf('_');
    return lower.substring(0, split) + "." + lower.substring(split + 1);
  }

  /**
   * The window of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static FailPoint of(String windowName) {
    for (FailPoint point : values()) {
      if (point.windowName().equals(windowName)) {
        return point;
      }
    }
    throw new IllegalArgumentException("no window " + windowName);
  }
}
