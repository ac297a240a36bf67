package dev.slipway.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes entries that change nothing straight into a database's log, past the engine, each a second
 * after the one before it.
 */
public final class PlantedLog {
  private static final long SECOND = 1_000_000;

  private final MetadataStore store;
  private final String incarnation;

  /**
   * @param incarnation the database's id
   */
  public PlantedLog(MetadataStore store, String incarnation) {
    this.store = store;
    this.incarnation = incarnation;
  }

  /** Commits and aborts in turn that {@code server-2} made of what {@code server-1} had begun. */
  public void recoveries(int count) {
    DatabaseState head = LogReader.read(store, incarnation).head();
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      boolean forward = i % 2 == 0;
      LogEntry.Recovery how =
          new LogEntry.Recovery(forward ? "ROLLED_FORWARD" : "ROLLED_BACK", "server-2", "server-1");
      EntryHeader header = header("recovered-" + i, head, i);
      entries.add(
          forward
              ? new LogEntry.Commit(
                  header,
                  DatabaseState.MAIN,
                  0,
                  i == 0
                      ? head.branch(DatabaseState.MAIN).orElseThrow().head()
                      : head.revision() + i - 1,
                  "",
                  Map.of(),
                  List.of(),
                  List.of(),
                  how)
              : new LogEntry.Abort(
                  header, "branch-" + i, "COMMIT_CONFLICT", "it moved", List.of(), true, how));
    }
    publish(head, entries);
  }

  /** Aborts of nobody's recovery, in one batch. */
  public void aborts(String name, int count) {
    DatabaseState head = LogReader.read(store, incarnation).head();
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(
          new LogEntry.Abort(
              header(name + "-" + i, head, i), "main", "CANCELLED", "", List.of(), false, null));
    }
    publish(head, entries);
  }

  private static EntryHeader header(String request, DatabaseState head, int at) {
    return new EntryHeader(
        "op-" + request,
        request,
        "d",
        "somebody",
        head.revision(),
        head.lastTime() + (at + 1) * SECOND);
  }

  private void publish(DatabaseState head, List<LogEntry> entries) {
    LogBatch batch = new LogBatch(incarnation, "planted", head.revision() + 1, entries);
    assertThat(new LogStore(store, "db/" + incarnation).publish(batch))
        .isEqualTo(LogStore.Put.PUBLISHED);
  }
}
