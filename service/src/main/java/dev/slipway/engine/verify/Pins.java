package dev.slipway.engine.verify;

import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.storage.VersionRef;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The versions that retained revisions name, by table id. Used by one thread. */
final class Pins {
  private final Map<String, Map<VersionRef, Named>> tables = new TreeMap<>();

  /**
   * A version and who names it first.
   *
   * @param revision a retained revision that names it
   */
  record Named(Pin pin, long revision) {}

  void add(Pin pin, long revision) {
    tables
        .computeIfAbsent(pin.table(), id -> new LinkedHashMap<>())
        .putIfAbsent(pin.ref(), new Named(pin, revision));
  }

  /** All that can be read at a state's revision. */
  void addAll(DatabaseState state) {
    state
        .branches()
        .values()
        .forEach(branch -> branch.pins().forEach(pin -> add(pin, state.revision())));
  }

  void addChanges(LogEntry entry, long revision) {
    if (entry instanceof LogEntry.Commit commit) {
      for (TableDelta delta : commit.tables()) {
        Pin pin = delta.pin();
        if (pin != null) {
          add(pin, revision);
        }
      }
    }
  }

  Map<String, Map<VersionRef, Named>> tables() {
    return tables;
  }

  long size() {
    return tables.values().stream().mapToLong(Map::size).sum();
  }
}
