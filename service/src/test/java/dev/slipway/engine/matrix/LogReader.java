package dev.slipway.engine.matrix;

import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.PageLayout;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A database's log read straight from storage, past the engine, and folded anew. */
public final class LogReader {
  private final List<LogBatch> batches;
  private final SortedMap<Long, DatabaseState> states;

  private LogReader(List<LogBatch> batches, SortedMap<Long, DatabaseState> states) {
    this.batches = batches;
    this.states = states;
  }

  /**
   * @param incarnation the database's id
   */
  public static LogReader read(MetadataStore store, String incarnation) {
    return read(store, incarnation, PageLayout.DEFAULT);
  }

  /**
   * @param incarnation the database's id
   * @param layout of its checkpoints
   */
  public static LogReader read(MetadataStore store, String incarnation, PageLayout layout) {
    LogStore log = new LogStore(store, "db/" + incarnation);
    List<LogBatch> batches = new ArrayList<>();
    long next = 1;
    while (log.read(next) instanceof LogStore.Found.Batch found) {
      batches.add(found.batch());
      next = found.batch().last() + 1;
    }
    return of(incarnation, batches, layout);
  }

  /** The same of batches that were noted when they were published: storage may have lost some. */
  public static LogReader of(String incarnation, List<LogBatch> batches) {
    return of(incarnation, batches, PageLayout.DEFAULT);
  }

  private static LogReader of(String incarnation, List<LogBatch> batches, PageLayout layout) {
    SortedMap<Long, DatabaseState> states = new TreeMap<>();
    DatabaseState state = DatabaseState.initial(incarnation, layout);
    states.put(0L, state);
    for (LogBatch batch : batches) {
      state = state.apply(batch);
      states.put(state.revision(), state);
    }
    return new LogReader(batches, states);
  }

  /** The same log, folded for checkpoints of another layout. */
  LogReader paged(PageLayout layout) {
    return of(head().incarnation(), batches, layout);
  }

  /** The state at the head. */
  public DatabaseState head() {
    return java.util.Objects.requireNonNull(states.get(states.lastKey()));
  }

  /** The state after the batch that ends at {@code revision}. */
  public DatabaseState at(long revision) {
    DatabaseState state = states.get(revision);
    if (state == null) {
      throw new AssertionError("no batch ends at revision " + revision);
    }
    return state;
  }

  public boolean endsABatchAt(long revision) {
    return states.containsKey(revision);
  }

  /** The batches that begin after {@code revision}. */
  public List<LogBatch> after(long revision) {
    return batches.stream().filter(batch -> batch.first() > revision).toList();
  }

  /** All entries by revision. */
  public SortedMap<Long, LogEntry> entries() {
    SortedMap<Long, LogEntry> entries = new TreeMap<>();
    for (LogBatch batch : batches) {
      for (int i = 0; i < batch.entries().size(); i++) {
        entries.put(batch.first() + i, batch.entries().get(i));
      }
    }
    return entries;
  }
}
