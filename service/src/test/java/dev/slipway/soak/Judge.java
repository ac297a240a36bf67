package dev.slipway.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.testkit.Rows;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Compares what lies on disk with what clients were told. It follows the log as it grows, so that
 * looking after every kill costs little, and can look while servers write.
 */
final class Judge implements AutoCloseable {
  private final Witness witness;
  private final BufferAllocator allocator = new RootAllocator();
  private final StorageBackend backend;
  private final String incarnation;
  private final LogStore log;
  private final Map<String, Long> decided = new HashMap<>();
  private final Map<String, Long> operations = new HashMap<>();
  private final DiskCheck check;
  private DatabaseState state;
  private Model model = Model.EMPTY;

  /**
   * @param incarnation the database's id
   */
  Judge(Witness witness, Path data, String incarnation) {
    this.witness = witness;
    this.incarnation = incarnation;
    this.backend = BackendKind.LANCE.open(data, allocator, StorageHooks.NONE);
    this.log = new LogStore(backend.metadata(), "db/" + incarnation);
    this.check = new DiskCheck(backend, incarnation);
    this.state = DatabaseState.initial(incarnation);
  }

  /** Everything that clients were told by now is so, and every table at the head is whole. */
  void look() {
    Map<String, Long> told = witness.told();
    follow();
    told.forEach(
        (request, revision) ->
            assertThat(decided.get(request))
                .as("what the log at revision %d says of %s", state.revision(), request)
                .isEqualTo(revision));
    tablesHold();
  }

  /** As {@link DiskCheck#isClean()}. */
  void check() {
    check.isClean();
  }

  /** What each request was decided to be: its revision, or {@link Witness#REFUSED}. */
  Map<String, Long> decided() {
    return decided;
  }

  DatabaseState state() {
    return state;
  }

  private void follow() {
    while (true) {
      LogStore.Found found = log.read(state.revision() + 1);
      if (found instanceof LogStore.Found.Absent) {
        return;
      }
      if (!(found instanceof LogStore.Found.Batch record)) {
        throw new AssertionError(
            "revision %d went before requests of it were forgotten, or nobody looked for too long"
                .formatted(state.revision() + 1));
      }
      LogBatch batch = record.batch();
      state = state.apply(batch);
      for (int i = 0; i < batch.entries().size(); i++) {
        note(batch.first() + i, batch.entries().get(i));
      }
    }
  }

  private void note(long revision, LogEntry entry) {
    assertThat(operations.put(entry.header().op(), revision))
        .as("the revision that decided the operation of %d before", revision)
        .isNull();
    String id = entry.header().request();
    if (entry instanceof LogEntry.Commit) {
      Request request = id == null ? null : witness.asked().get(id);
      if (request == null) {
        throw new AssertionError("revision " + revision + " commits what nobody asked for: " + id);
      }
      decide(id, revision, revision);
      model = request.applyTo(model);
    } else if (entry instanceof LogEntry.Abort abort && abort.decidesRequest()) {
      decide(id, Witness.REFUSED, revision);
    }
  }

  private void decide(@Nullable String request, long outcome, long revision) {
    if (request != null) {
      assertThat(decided.put(request, outcome))
          .as("what decided %s before revision %d", request, revision)
          .isNull();
    }
  }

  private void tablesHold() {
    while (true) {
      long at = state.revision();
      try {
        tablesHoldNow();
        return;
      } catch (StorageException e) {
        follow();
        if (state.floor() <= at) {
          throw e;
        }
        // The floor passed what was being read, so it may be gone.
      }
    }
  }

  private void tablesHoldNow() {
    Map<String, Pin> pins = new HashMap<>();
    state
        .branch(DatabaseState.MAIN)
        .orElseThrow()
        .tables()
        .values()
        .forEach(pin -> pins.put(pin.name(), pin));
    assertThat(pins.keySet())
        .as("tables at revision %d", state.revision())
        .isEqualTo(model.tables().keySet());
    pins.values().forEach(this::holds);
  }

  private void holds(Pin pin) {
    try (TableSnapshot snapshot =
        backend.tables().open(new TableId(incarnation, pin.table()), pin.ref())) {
      List<Map<String, @Nullable Object>> rows =
          Rows.read(backend.tables().scan(snapshot, ScanRequest.ALL)).stream()
              .sorted(
                  Comparator.comparing(
                      row -> (Long) Optional.ofNullable(row.get("id")).orElseThrow()))
              .toList();
      assertThat(rows)
          .as("rows of %s at revision %d", pin.name(), state.revision())
          .isEqualTo(model.rows(pin.name()));
      assertThat(pin.rows()).as("row count of %s", pin.name()).isEqualTo(rows.size());
    }
  }

  @Override
  public void close() {
    backend.close();
    allocator.close();
  }
}
