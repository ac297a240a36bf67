package dev.slipway.engine.database;

import dev.slipway.engine.CheckpointFailure;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a checkpoint every so many revisions, in the background. Safe for use by many threads. */
final class Checkpointer {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

  private final DatabaseInfo info;
  private final EngineParts parts;
  private final CheckpointStore checkpoints;
  private final AtomicLong last;
  private volatile Optional<CheckpointFailure> failure = Optional.empty();

  /**
   * @param last the newest checkpoint's revision
   */
  Checkpointer(DatabaseInfo info, EngineParts parts, CheckpointStore checkpoints, long last) {
    this.info = info;
    this.parts = parts;
    this.checkpoints = checkpoints;
    this.last = new AtomicLong(last);
  }

  /** Why the last attempt failed, if it did. */
  Optional<CheckpointFailure> failure() {
    return failure;
  }

  /** After a state is published. */
  void writeIfDue(DatabaseState state) {
    long before = last.get();
    if (state.revision() - before >= parts.options().checkpointEvery()
        && last.compareAndSet(before, state.revision())) {
      parts.background().execute(() -> write(state));
    }
  }

  /**
   * After a look at what others published: a process that only reads would hold every decision in
   * memory. While others write checkpoints their pages are enough.
   */
  void follow(DatabaseState state) {
    long before = last.get();
    if (state.revision() - before < parts.options().checkpointEvery()) {
      return;
    }
    List<Long> there = checkpoints.revisions();
    long newest = there.isEmpty() ? 0 : there.get(there.size() - 1);
    boolean due = state.revision() - newest >= parts.options().checkpointEvery();
    if (last.compareAndSet(before, due ? state.revision() : newest)) {
      attempt(state, due ? checkpoints::write : checkpoints::writePages);
    }
  }

  private void write(DatabaseState state) {
    attempt(state, checkpoints::write);
  }

  private void attempt(DatabaseState state, Consumer<DatabaseState> write) {
    try {
      write.accept(state);
      failure = Optional.empty();
    } catch (RuntimeException e) {
      // Derived: the next one is due soon enough.
      failed(state, e);
    } catch (Error e) {
      failed(state, e);
      throw e;
    }
  }

  private synchronized void failed(DatabaseState state, Throwable why) {
    LOG.error("no checkpoint of {} at revision {}", info.name(), state.revision(), why);
    Instant since = failure.map(CheckpointFailure::since).orElseGet(parts.clock()::instant);
    String message = why.getMessage();
    failure =
        Optional.of(
            new CheckpointFailure(
                since,
                state.revision(),
                message == null ? why.getClass().getSimpleName() : message));
  }
}
