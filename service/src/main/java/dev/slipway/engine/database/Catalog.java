package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.log.Publisher;
import dev.slipway.engine.state.LiveState;
import dev.slipway.engine.verify.PlainLogCheck;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The root's own log: the names of databases. Safe for use by many threads and processes. */
final class Catalog {
  private final EngineParts parts;
  private final LiveState<CatalogState> live;
  private final Publisher publisher;

  Catalog(EngineParts parts) {
    this.parts = parts;
    LogStore log = new LogStore(parts.backend().metadata(), Layout.CATALOG);
    this.live = new LiveState<>(log, CatalogState::initial);
    this.publisher = new Publisher(log, parts.failures(), parts.options().answerAttempts());
  }

  /**
   * The state at the last revision that can be followed. Enough to find databases: one that was
   * dropped behind it says so itself.
   */
  CatalogState readable() {
    return live.refresh();
  }

  /**
   * The state at the head, for what is to follow it.
   *
   * @throws SlipwayException {@code CORRUPT_RECORD} if a record stops the log
   */
  CatalogState now() {
    CatalogState state = live.refresh();
    live.requireFollowed(() -> "the catalog can't be read");
    return state;
  }

  VerifySummary verify(CallContext context, VerifyListener listener) {
    return new PlainLogCheck<>(
            parts.backend().metadata(),
            Layout.CATALOG,
            CatalogState.initial(),
            listener,
            context.cancel())
        .verify();
  }

  /**
   * Appends one entry.
   *
   * @param begun the head before anything was done for it
   * @param maker gives the entry that may follow a state, or nothing if there is nothing to do any
   *     more; throws if it must not be
   * @return the state with the entry, or the one with nothing to do
   */
  CatalogState append(
      long begun,
      String actor,
      @Nullable String request,
      @Nullable String digest,
      BiFunction<CatalogState, EntryHeader, Optional<LogEntry>> maker) {
    String op = parts.ids().ulid();
    for (int i = 0; i < parts.options().publishAttempts(); i++) {
      CatalogState state = now();
      long time = Math.max(Micros.now(parts.clock()), state.time() + 1);
      EntryHeader header = new EntryHeader(op, request, digest, actor, begun, time);
      Optional<LogEntry> entry = maker.apply(state, header);
      if (entry.isEmpty()) {
        return state;
      }
      LogBatch batch =
          new LogBatch(
              CatalogState.INCARNATION,
              parts.ids().ulid(),
              state.revision() + 1,
              List.of(entry.get()));
      state.apply(batch);
      if (publisher.publish(batch)) {
        return live.published(state, batch);
      }
    }
    throw SlipwayException.of(ErrorReason.OVERLOADED, "the catalog is busy; try again");
  }
}
