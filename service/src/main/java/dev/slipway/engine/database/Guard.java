package dev.slipway.engine.database;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.StorageErrors;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.storage.StorageException;
import java.util.function.Supplier;

/** Turns what the rooms below throw into the engine's one exception. */
final class Guard {
  private Guard() {}

  static <T> T guard(Supplier<T> work) {
    try {
      return work.get();
    } catch (StorageException e) {
      throw StorageErrors.translate(e);
    } catch (CorruptRecordException e) {
      throw SlipwayException.of(ErrorReason.CORRUPT_RECORD, "%s", String.valueOf(e.getMessage()))
          .with("resource", e.key())
          .causedBy(e);
    }
  }

  static void guard(Runnable work) {
    guard(
        () -> {
          work.run();
          return true;
        });
  }
}
