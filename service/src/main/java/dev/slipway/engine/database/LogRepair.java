package dev.slipway.engine.database;

import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Verdict;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.Folded;
import dev.slipway.engine.state.LiveState;
import dev.slipway.storage.MetadataStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The way out when the newest record of a log, a database's or the catalog's, can't be read or is
 * refused: an operator declares it void. Works on a root that no server uses. Used by one thread.
 */
public final class LogRepair {
  private final MetadataStore store;

  public LogRepair(MetadataStore store) {
    this.store = store;
  }

  /**
   * A record that stops a log.
   *
   * @param home of the log
   * @param revision its first
   * @param entries how many revisions it takes up
   * @param why what is wrong with it
   */
  public record Poison(String home, long revision, String key, int entries, String why) {}

  /**
   * The record that stops a database's log, if there is one.
   *
   * @throws SlipwayException {@code DATABASE_NOT_FOUND}
   */
  public Optional<Poison> find(String database) {
    return Guard.guard(
        () -> {
          DatabaseInfo info = require(database);
          String home = Layout.home(info.id());
          CheckpointStore checkpoints = new CheckpointStore(store, home, FailureInjector.NONE);
          return find(home, () -> checkpoints.newest(info.id()));
        });
  }

  /** The record that stops the catalog's log, if there is one. */
  public Optional<Poison> findInCatalog() {
    return Guard.guard(() -> find(Layout.CATALOG, CatalogState::initial));
  }

  private <S extends Folded<S>> Optional<Poison> find(String home, Supplier<S> reload) {
    LogStore log = new LogStore(store, home);
    LiveState<S> live = new LiveState<>(log, reload);
    long revision = live.refresh().revision() + 1;
    return live.poison()
        .map(
            why ->
                new Poison(
                    home,
                    revision,
                    log.key(revision),
                    entries(log, revision),
                    String.valueOf(why.getMessage())));
  }

  /**
   * Declares the record void, for good: its entries count as empty from now on.
   *
   * @throws SlipwayException {@code ARGUMENT_INVALID} if a later record exists, or the record is
   *     hollow or gone: then something else is wrong
   */
  public void declareVoid(Poison poison, String actor, String reason, long micros) {
    Guard.guard(
        () -> {
          LogStore log = new LogStore(store, poison.home());
          List<Long> later = log.revisions(poison.revision(), 1);
          if (!later.isEmpty()) {
            throw refused(
                poison, "there is a later record, " + log.key(later.get(0)) + ": restore it");
          }
          byte[] record =
              log.bytes(poison.revision()).orElseThrow(() -> refused(poison, "it is gone"));
          if (LogStore.isHollow(record)) {
            throw refused(poison, "it is hollow: its checkpoint is missing, restore that");
          }
          Verdict verdict =
              Verdict.of(
                  poison.revision(), record, poison.entries(), poison.why(), reason, actor, micros);
          if (!log.verdicts().put(verdict)) {
            String there = log.verdicts().key(poison.revision());
            throw refused(
                poison,
                there
                    + " exists already"
                    + (verdict.isLike(log.verdicts().all().get(poison.revision()))
                        ? ""
                        : ", and is damaged or on other bytes: restore what it was on, or move it"
                            + " away"));
          }
        });
  }

  private static SlipwayException refused(Poison poison, String why) {
    return SlipwayException.of(
            ErrorReason.ARGUMENT_INVALID, "%s can't be voided: %s", poison.key(), why)
        .with("field", "database");
  }

  private static int entries(LogStore log, long revision) {
    try {
      return log.bytes(revision)
          .filter(bytes -> !LogStore.isHollow(bytes))
          .map(bytes -> log.parse(revision, bytes).entries().size())
          .orElse(1);
    } catch (CorruptRecordException e) {
      // Nobody can tell, and nothing follows it: one is enough to get past its key.
      return 1;
    }
  }

  private DatabaseInfo require(String name) {
    return new LiveState<>(new LogStore(store, Layout.CATALOG), CatalogState::initial)
        .refresh()
        .require(name);
  }
}
