package dev.slipway.engine;

import dev.slipway.storage.StorageException;
import java.util.Map;

/** The one place where a backend's error becomes the engine's. */
public final class StorageErrors {
  private StorageErrors() {}

  public static SlipwayException translate(StorageException e) {
    ErrorReason reason =
        switch (e.code()) {
          case INVALID_ARGUMENT, TOKEN_INVALID -> ErrorReason.ARGUMENT_INVALID;
          case SCHEMA_MISMATCH -> ErrorReason.INCOMPATIBLE_SCHEMA;
          case ROW_INVALID -> ErrorReason.ROW_INVALID;
          case PAYLOAD_INVALID -> ErrorReason.PAYLOAD_INVALID;
          case COLUMN_NOT_FOUND -> ErrorReason.COLUMN_NOT_FOUND;
          case FILTER_INVALID -> ErrorReason.FILTER_INVALID;
          case TABLE_NOT_FOUND, VERSION_NOT_FOUND, MISSING_FILE -> ErrorReason.MISSING_FILE;
          case CORRUPT -> ErrorReason.CORRUPT_RECORD;
          case UNSUPPORTED -> ErrorReason.UNSUPPORTED;
          case UNAVAILABLE -> ErrorReason.BACKEND_UNAVAILABLE;
          case TOO_LARGE -> ErrorReason.TOO_LARGE;
          case RESOURCE_EXHAUSTED -> ErrorReason.OVERLOADED;
          case CANCELLED -> ErrorReason.CANCELLED;
          case CLOSED -> ErrorReason.SHUTTING_DOWN;
          case OUTCOME_UNKNOWN -> ErrorReason.OUTCOME_UNKNOWN;
          case INTERNAL -> ErrorReason.INTERNAL;
        };
    SlipwayException failure =
        SlipwayException.of(reason, "%s", String.valueOf(e.getMessage())).causedBy(e);
    for (Map.Entry<StorageException.Detail, String> detail : e.details().entrySet()) {
      failure = failure.with(key(reason, detail.getKey()), detail.getValue());
    }
    return failure;
  }

  /** What isn't there is the resource, also where it is a column. */
  private static String key(ErrorReason reason, StorageException.Detail detail) {
    return switch (detail) {
      case ROW -> "row";
      case COLUMN -> reason == ErrorReason.COLUMN_NOT_FOUND ? "resource" : "column";
      case RESOURCE -> "resource";
      case LIMIT -> "limit";
    };
  }

  /** The engine's own exceptions as they are, a backend's translated, others as they are. */
  public static RuntimeException translateAny(RuntimeException e) {
    return e instanceof StorageException storage ? translate(storage) : e;
  }
}
