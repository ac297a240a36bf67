package dev.slipway.engine.cleanup;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupListener;
import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CleanupRow;
import dev.slipway.engine.Database;
import dev.slipway.engine.Databases;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * After two cleanups that keep the head alone and wait for nobody, no file is left that the head
 * doesn't refer to, and none is gone that it does. Works the references out on its own.
 */
public final class ReclaimOracle {
  private final StorageBackend backend;

  /**
   * @param backend the storage, past all faults
   */
  public ReclaimOracle(StorageBackend backend) {
    this.backend = backend;
  }

  /** Cleans up twice, and judges what is left. Nothing else may be going on. */
  public void check(Database database) {
    clean(database);
    clean(database);
    exactlyTheReferencedIsThere(database);
  }

  /** A cleanup that must succeed for every table. */
  public static CleanupReport clean(Database database) {
    List<CleanupRow> failed = new ArrayList<>();
    CleanupListener listener =
        row -> {
          if (row.failure().isPresent()) {
            failed.add(row);
          }
        };
    CleanupReport report = database.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, listener);
    assertThat(failed).as("tables that couldn't be cleaned up").isEmpty();
    assertThat(report.problems()).as("problems").isEmpty();
    return report;
  }

  /** Every file there is is referred to by the head, and every file it refers to is there. */
  public void exactlyTheReferencedIsThere(Database database) {
    String id = database.info().id();
    DatabaseState state = head(id);
    Set<String> tables = new TreeSet<>();
    for (Pin pin : state.branches().values().stream().flatMap(b -> b.pins().stream()).toList()) {
      tables.add(pin.table());
      TableId table = new TableId(id, pin.table());
      try (TableSnapshot snapshot = backend.tables().open(table, pin.ref())) {
        assertThat(backend.inlineResidual().listFiles(table))
            .as("files of table %s", pin.name())
            .containsExactlyInAnyOrderElementsOf(backend.tables().files(snapshot));
      }
    }
    assertThat(backend.inlineResidual().homes(id))
        .as("homes")
        .containsExactlyInAnyOrderElementsOf(tables);
    assertThat(backend.metadata().list("db/" + id + "/staged/", "", 100))
        .as("records of staged writes")
        .isEmpty();
  }

  /**
   * Reclaims folders twice; then nothing is left of those that no name means but empty log keys and
   * what says that they are deleted.
   */
  public void checkFolders(Databases databases) {
    for (int i = 0; i < 2; i++) {
      assertThat(databases.reclaim(TESTER, Duration.ZERO, false).failed())
          .as("folders that couldn't be reclaimed")
          .isEmpty();
    }
    Set<String> named = new TreeSet<>();
    databases.list(TESTER, "", 1_000).forEach(info -> named.add(info.id()));
    for (String key : backend.metadata().list("db/", "", 10_000)) {
      String id = key.split("/", -1)[1];
      if (!named.contains(id)) {
        assertThat(key).matches("db/[^/]+/(log|checkpoints|decided|pages)/[0-9]{19}(-[0-9]{19})?");
        assertThat(backend.inlineResidual().homes(id)).as("homes of %s", id).isEmpty();
      }
    }
  }

  /** The state at the head, from the newest checkpoint and the log, past the engine. */
  private DatabaseState head(String id) {
    LogStore log = new LogStore(backend.metadata(), "db/" + id);
    CheckpointStore checkpoints =
        new CheckpointStore(backend.metadata(), "db/" + id, FailureInjector.NONE);
    Optional<DatabaseState> checkpoint = checkpoints.newestUpTo(Long.MAX_VALUE);
    DatabaseState state = checkpoint.orElseGet(() -> DatabaseState.initial(id));
    while (log.read(state.revision() + 1) instanceof LogStore.Found.Batch found) {
      state = state.apply(found.batch());
    }
    return state;
  }
}
