package dev.slipway.engine.fault;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.util.function.Supplier;

/** What happens around a call that a fault is armed for. */
public interface Effect {
  /** Before the call takes effect; throwing keeps it from taking effect. */
  default void before() {}

  /** After it took effect; throwing loses its answer. */
  default void after() {}

  /** The call fails and nothing was done. */
  static Effect fail() {
    return failWith(
        () -> StorageException.of(StorageErrorCode.UNAVAILABLE, "injected: nothing was done"));
  }

  static Effect failWith(Supplier<? extends RuntimeException> failure) {
    return new Effect() {
      @Override
      public void before() {
        throw failure.get();
      }
    };
  }

  /** As {@link #failWith}, for what isn't an exception. */
  static Effect breakWith(Supplier<? extends Error> error) {
    return new Effect() {
      @Override
      public void before() {
        throw error.get();
      }
    };
  }

  /** The call succeeds, and its caller can't know. */
  static Effect loseAnswer() {
    return new Effect() {
      @Override
      public void after() {
        throw StorageException.of(StorageErrorCode.OUTCOME_UNKNOWN, "injected: it was done");
      }
    };
  }

  /** The call does nothing, and its caller can't know. */
  static Effect vanish() {
    return failWith(
        () -> StorageException.of(StorageErrorCode.OUTCOME_UNKNOWN, "injected: it wasn't done"));
  }

  /** Something else happens first, on the caller's thread. */
  static Effect run(Runnable action) {
    return new Effect() {
      @Override
      public void before() {
        action.run();
      }
    };
  }

  /** The process ends here. */
  static Effect kill(Life life) {
    return run(
        () -> {
          life.end();
          life.check();
        });
  }
}
