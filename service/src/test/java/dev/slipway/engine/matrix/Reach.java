package dev.slipway.engine.matrix;

import dev.slipway.engine.fault.FailPoint;

/**
 * Whether a fault that waits for the next call comes to be after a window: the change must have
 * such a call still to make, and make it.
 */
enum Reach {
  ALWAYS,
  /** The call is made at the same time, and may be over. */
  BY_CHANCE,
  NEVER;

  /** For a fault of the metadata store: every change calls it until its work is over. */
  static Reach ofStore(FailPoint window, MatrixKind kind) {
    return switch (window) {
      case CHECKPOINT_AFTER_WRITE -> kind == MatrixKind.CLEANUP ? BY_CHANCE : NEVER;
      case DATABASE_AFTER_CLAIM -> NEVER;
      case COMMIT_PUBLISH_ANSWER_LOST -> when(kind != MatrixKind.CREATE_DATABASE);
      default -> ALWAYS;
    };
  }

  /**
   * For a fault of a table: the change must have versions to make, an answer that describes a
   * table, or tables to clean up.
   */
  static Reach ofTables(FailPoint window, MatrixKind kind) {
    boolean makesVersions = kind.writesRows() || kind == MatrixKind.CREATE_TABLE;
    boolean describes = kind == MatrixKind.CREATE_TABLE || kind == MatrixKind.RENAME_TABLE;
    return switch (window) {
      case STAGE_BEFORE_FILES,
          STAGE_AFTER_FILES_BEFORE_RECORD,
          STAGE_AFTER_RECORD,
          COMMIT_BEFORE_INTENT,
          COMMIT_AFTER_FIRST_TABLE,
          TABLE_BEFORE_HOME_CREATED,
          TABLE_AFTER_HOME_CREATED ->
          when(makesVersions || describes);
      // Versions are made while the intent is written.
      case COMMIT_AFTER_INTENT -> describes ? ALWAYS : makesVersions ? BY_CHANCE : NEVER;
      case COMMIT_AFTER_TABLES,
          COMMIT_BEFORE_PUBLISH,
          COMMIT_PUBLISH_ANSWER_LOST,
          COMMIT_AFTER_PUBLISH ->
          when(describes || kind == MatrixKind.CLEANUP);
      // The call goes on while the intent and the checkpoint are seen to.
      case COMMIT_BEFORE_INTENT_DELETE,
          CHECKPOINT_BEFORE_WRITE,
          CHECKPOINT_AFTER_PAGES,
          CHECKPOINT_AFTER_WRITE ->
          describes || kind == MatrixKind.CLEANUP ? BY_CHANCE : NEVER;
      // Recovery describes nothing to anybody.
      case RECOVER_BEFORE_READ, RECOVER_AFTER_DECISION -> when(makesVersions);
      case RECOVER_BEFORE_PUBLISH, RECOVER_AFTER_PUBLISH -> NEVER;
      case DATABASE_BEFORE_CLAIM, DATABASE_AFTER_CLAIM, DATABASE_DELETE_AFTER_MARK -> NEVER;
      case CLEANUP_BEFORE_FLOOR, CLEANUP_AFTER_FLOOR, CLEANUP_TABLE, CLEANUP_AFTER_FIRST_FILE ->
          ALWAYS;
      case CLEANUP_AFTER_FIRST_RECORD -> NEVER;
    };
  }

  private static Reach when(boolean condition) {
    return condition ? ALWAYS : NEVER;
  }
}
