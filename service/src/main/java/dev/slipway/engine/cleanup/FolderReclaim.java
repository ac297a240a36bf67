package dev.slipway.engine.cleanup;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
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
  private static final List<String> WHOLLY = List.of("intents", "staged", "cleanup");

  private final InlineResidual residual;
  private final MetadataStore store;
  private final FailureInjector failures;

  FolderReclaim(StorageBackend backend, FailureInjector failures) {
    this.residual = backend.inlineResidual();
    this.store = backend.metadata();
    this.failures = failures;
  }

  boolean isDone(String id) {
    return store.get(format(id)).isEmpty();
  }

  /**
   * @throws SlipwayException {@code CORRUPT_RECORD} if it has commits and no end
   */
  void run(String id) {
    String home = home(id);
    LogStore log = new LogStore(store, home);
    CheckpointStore checkpoints = new CheckpointStore(store, home, failures);
    if (isEmptied(id, log, checkpoints)) {
      deleteAll(home + "/void/");
      store.delete(format(id));
      return;
    }
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
    hollowAll(log);
    deleteAll(home + "/void/");
    var unused = checkpoints.deleteBelow(state);
    store.delete(format(id));
  }

  /**
   * Deletes what nobody can refer to: also what a process that slept wrote into a database that was
   * reclaimed meanwhile.
   */
  void sweepUp(String id) {
    for (String table : residual.homes(id)) {
      residual.purgeHome(new TableId(id, table));
    }
    WHOLLY.forEach(folder -> deleteAll(home(id) + "/" + folder + "/"));
  }

  /**
   * Whether an earlier version broke off after it had emptied all there was: it kept no checkpoint
   * of a creation that had broken off. A database that was ever used has one, or a home.
   */
  private boolean isEmptied(String id, LogStore log, CheckpointStore checkpoints) {
    List<Long> records = log.revisions(-1, PAGE);
    return !records.isEmpty()
        && checkpoints.revisions().isEmpty()
        && residual.homes(id).isEmpty()
        && WHOLLY.stream()
            .allMatch(folder -> store.list(home(id) + "/" + folder + "/", "", 1).isEmpty())
        && records.stream().allMatch(log::isHollow);
  }

  private static DatabaseState last(String id, LogStore log, CheckpointStore checkpoints) {
    LiveState<DatabaseState> live = new LiveState<>(log, () -> checkpoints.newest(id));
    DatabaseState state = live.refresh();
    if (live.poison().isPresent()) {
      throw SlipwayException.of(
              ErrorReason.CORRUPT_RECORD,
              "the log of database %s can't be read to its end: %s",
              id,
              String.valueOf(live.poison().get().getMessage()))
          .causedBy(live.poison().get());
    }
    return state;
  }

  private void deleteAll(String prefix) {
    List<String> page;
    do {
      page = store.list(prefix, "", PAGE);
      page.forEach(store::delete);
    } while (page.size() == PAGE);
  }

  private static void hollowAll(LogStore log) {
    long after = 0;
    List<Long> page;
    do {
      page = log.revisions(after, PAGE);
      for (long first : page) {
        log.hollow(first);
        after = first;
      }
    } while (page.size() == PAGE);
  }

  private static String home(String id) {
    return "db/" + id;
  }

  private static String format(String id) {
    return home(id) + "/format.json";
  }
}
