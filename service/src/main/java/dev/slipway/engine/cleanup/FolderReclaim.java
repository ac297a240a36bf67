package dev.slipway.engine.cleanup;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.Layout.Folder;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.LiveState;
import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.TableId;
import java.util.HashMap;
import java.util.List;

/**
 * Frees what a database left that no name means. Its log's keys stay, hollow; its last checkpoint
 * stays too, so that a process that slept with it open learns that it is gone, and a run that broke
 * off can be done again. {@code format.json} goes last.
 */
final class FolderReclaim {
  private static final int PAGE = 10_000;
  private static final List<Folder> WHOLLY =
      List.of(Folder.INTENTS, Folder.STAGED, Folder.CANDIDATES);

  private final InlineResidual residual;
  private final MetadataStore store;
  private final FailureInjector failures;

  FolderReclaim(StorageBackend backend, FailureInjector failures) {
    this.residual = backend.inlineResidual();
    this.store = backend.metadata();
    this.failures = failures;
  }

  boolean isDone(String id) {
    return store.get(Layout.format(Layout.home(id))).isEmpty();
  }

  /**
   * @throws SlipwayException {@code CORRUPT_RECORD} if it has commits and no end
   */
  void run(String id) {
    String home = Layout.home(id);
    LogStore log = new LogStore(store, home);
    CheckpointStore checkpoints = new CheckpointStore(store, home, failures);
    DatabaseState state = last(id, log, checkpoints);
    boolean used = state.branches().values().stream().anyMatch(branch -> branch.head() > 0);
    if (used && !state.deleted()) {
      throw SlipwayException.of(
              ErrorReason.CORRUPT_RECORD,
              "database %s has commits up to revision %d and was never dropped, yet no name means"
                  + " it: it is left alone",
              id,
              state.revision())
          .with("resource", home);
    }
    sweepUp(id);
    if (state.revision() > 0) {
      checkpoints.write(state);
      // Read back before the log goes: from here on it alone says what the log did.
      for (CheckpointStore.Flaw flaw : checkpoints.flaws(state.revision(), new HashMap<>())) {
        throw new CorruptRecordException(flaw.key(), flaw.message(), null);
      }
      state = checkpoints.read(state.revision()).orElseThrow();
    }
    log.forEachRevision(PAGE, log::hollow);
    deleteAll(Folder.VERDICTS.in(home));
    var unused = checkpoints.deleteBelow(state);
    store.delete(Layout.format(home));
  }

  /**
   * Deletes what nobody can refer to: also what a process that slept wrote into a database that was
   * reclaimed meanwhile.
   */
  void sweepUp(String id) {
    for (String table : residual.homes(id)) {
      residual.purgeHome(new TableId(id, table));
    }
    WHOLLY.forEach(folder -> deleteAll(folder.in(Layout.home(id))));
  }

  private static DatabaseState last(String id, LogStore log, CheckpointStore checkpoints) {
    LiveState<DatabaseState> live = new LiveState<>(log, () -> checkpoints.newest(id));
    DatabaseState state = live.refresh();
    live.requireFollowed(() -> "the log of database " + id + " can't be read to its end");
    return state;
  }

  private void deleteAll(String prefix) {
    List<String> page;
    do {
      page = store.list(prefix, "", PAGE);
      page.forEach(store::delete);
    } while (page.size() == PAGE);
  }
}
