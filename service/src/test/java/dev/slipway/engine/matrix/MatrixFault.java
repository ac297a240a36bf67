package dev.slipway.engine.matrix;

import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.StoreCall;
import dev.slipway.engine.fault.TableCall;
import java.util.Locale;

/** What goes wrong at a window. */
enum MatrixFault {
  EXCEPTION {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.fail();
    }
  },
  CRASH {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return engine.dies();
    }
  },
  /** The next call of the metadata store fails, and does nothing. */
  STORE_FAILS {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(() -> engine.store().once(StoreCall.any(), Effect.fail()));
    }
  },
  /** The next change of the metadata store is made, and its answer is lost. */
  STORE_LOSES_ANSWER {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(() -> engine.store().once(StoreCall.anyChange(), Effect.loseAnswer()));
    }
  },
  /** The next change of the metadata store isn't made, and its answer is lost. */
  STORE_TIMES_OUT {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(() -> engine.store().once(StoreCall.anyChange(), Effect.vanish()));
    }
  },
  /** From the window on the metadata store fails, until the fault is over. */
  STORE_IS_AWAY {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(() -> engine.store().always(StoreCall.any(), Effect.fail()));
    }
  },
  /** From the window on the metadata store can be read, and every change times out. */
  STORE_LOSES_ALL_ANSWERS {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(() -> engine.store().always(StoreCall.anyChange(), Effect.loseAnswer()));
    }
  },
  /** The next operation on a table fails. */
  TABLE_FAILS {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(() -> engine.tables().before().once(TableCall.any(), Effect.fail()));
    }
  },
  /** The next operation on a table is done, and its answer is lost. */
  TABLE_LOSES_ANSWER {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(() -> engine.tables().after().once(TableCall.any(), Effect.fail()));
    }
  },
  /** A second process changes the same table in the window. */
  OTHER_WRITES {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(others::write);
    }
  },
  /** A second process gets the same request in the window. */
  OTHER_IS_ASKED {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(others::isAsked);
    }
  },
  /** A second process recovers in the window. */
  OTHER_RECOVERS {
    @Override
    Effect at(FaultyEngine engine, Others others) {
      return Effect.run(others::recover);
    }
  };

  /** What a second process can do meanwhile. */
  interface Others {
    void write();

    void isAsked();

    void recover();
  }

  abstract Effect at(FaultyEngine engine, Others others);

  /** Whether it comes to be when it is armed at a window that a change of a kind passes. */
  Reach reach(FailPoint window, MatrixKind kind) {
    return switch (this) {
      case EXCEPTION, CRASH, OTHER_WRITES, OTHER_IS_ASKED, OTHER_RECOVERS -> Reach.ALWAYS;
      case STORE_FAILS,
          STORE_LOSES_ANSWER,
          STORE_TIMES_OUT,
          STORE_IS_AWAY,
          STORE_LOSES_ALL_ANSWERS ->
          Reach.ofStore(window, kind);
      case TABLE_FAILS, TABLE_LOSES_ANSWER -> Reach.ofTables(window, kind);
    };
  }

  boolean needsOther() {
    return this == OTHER_WRITES || this == OTHER_IS_ASKED || this == OTHER_RECOVERS;
  }

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
