package dev.slipway.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.CheckpointStore;
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
    return of(incarnation, batches(log, 1), layout);
  }

  /**
   * What a cleanup has left of it, which begins after the oldest checkpoint that records follow.
   *
   * @param incarnation the database's id
   */
  static LogReader readTrimmed(MetadataStore store, String incarnation) {
    String home = "db/" + incarnation;
    LogStore log = new LogStore(store, home);
    if (!log.isHollow(1)) {
      return read(store, incarnation);
    }
    CheckpointStore checkpoints = new CheckpointStore(store, home, FailureInjector.NONE);
    for (long revision : checkpoints.revisions()) {
      if (!log.isHollow(revision + 1)) {
        return from(checkpoints.read(revision).orElseThrow(), batches(log, revision + 1));
      }
    }
    throw new AssertionError("no checkpoint of " + incarnation + " leads to its head");
  }

  private static List<LogBatch> batches(LogStore log, long from) {
    List<LogBatch> batches = new ArrayList<>();
    long next = from;
    while (log.read(next) instanceof LogStore.Found.Batch found) {
      batches.add(found.batch());
      next = found.batch().last() + 1;
    }
    return batches;
  }

  /** The same of batches that were noted when they were published: storage may have lost some. */
  public static LogReader of(String incarnation, List<LogBatch> batches) {
    return of(incarnation, batches, PageLayout.DEFAULT);
  }

  private static LogReader of(String incarnation, List<LogBatch> batches, PageLayout layout) {
    return from(DatabaseState.initial(incarnation, layout), batches);
  }

  private static LogReader from(DatabaseState beginning, List<LogBatch> batches) {
    SortedMap<Long, DatabaseState> states = new TreeMap<>();
    DatabaseState state = beginning;
    states.put(state.revision(), state);
    for (LogBatch batch : batches) {
      state = state.apply(batch);
      states.put(state.revision(), state);
    }
    return new LogReader(batches, states);
  }

  /** The same log, folded for checkpoints of another layout; a trimmed one has its own. */
  LogReader paged(PageLayout layout) {
    if (states.firstKey() > 0) {
      assertThat(head().layout()).as("layout of all checkpoints").isEqualTo(layout);
      return this;
    }
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
