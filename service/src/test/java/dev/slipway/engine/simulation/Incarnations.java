package dev.slipway.engine.simulation;

import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/** All databases that had the run's one name, in order, and whether one has it now. */
final class Incarnations {
  private static final String FOLDERS = "db/";
  private static final String CATALOG = "catalog";
  private static final String NAMES = CATALOG + "/log/";

  private final MetadataStore raw;
  private final IntFunction<Wishes> wishes;
  private final Map<String, Incarnation> folders = new LinkedHashMap<>();
  private final List<Incarnation> all = new ArrayList<>();
  private final Set<String> keys = new HashSet<>();
  private boolean nameIsFree = true;

  /**
   * @param raw the store as it lies in storage
   * @param wishes makes those of the so many-th
   */
  Incarnations(MetadataStore raw, IntFunction<Wishes> wishes) {
    this.raw = raw;
    this.wishes = wishes;
  }

  /** Those that ever had the name; the last may have it still. */
  List<Incarnation> all() {
    return all;
  }

  Incarnation newest() {
    return all.get(all.size() - 1);
  }

  /** Whether there is one, and never was another. */
  boolean isOne() {
    return all.size() == 1 && !newest().isDeleted();
  }

  /** The one that has the name, and no end yet. */
  Optional<Incarnation> named() {
    return all.isEmpty() || newest().isDeleted() ? Optional.empty() : Optional.of(newest());
  }

  /** Whether the catalog still says so. */
  boolean hasName(Incarnation one) {
    return !nameIsFree && newest().equals(one);
  }

  /** Those that have their end. */
  List<Incarnation> dropped() {
    return all.stream().filter(Incarnation::isDeleted).toList();
  }

  /** Most often the newest: somebody may hold on to an older one. */
  Incarnation any(RandomGenerator random) {
    return all.size() > 1 && random.nextInt(4) == 0
        ? all.get(random.nextInt(all.size()))
        : newest();
  }

  /** A process put this key, and it wasn't there. */
  void wasPut(EngineProcess by, String key) {
    if (key.startsWith(FOLDERS)) {
      String id = key.substring(FOLDERS.length(), key.indexOf('/', FOLDERS.length()));
      folder(id).journal().wasPut(by, key);
    } else if (key.startsWith(NAMES)) {
      wasNamed(by, key);
    }
  }

  private Incarnation folder(String id) {
    return folders.computeIfAbsent(
        id,
        fresh ->
            new Incarnation(fresh, new Journal(raw), new Book(), wishes.apply(folders.size())));
  }

  private void wasNamed(EngineProcess by, String key) {
    if (!keys.add(key)) {
      throw new AssertionError("catalog key " + key + " was given twice, to " + by.name());
    }
    long first = Long.parseLong(key.substring(NAMES.length()));
    if (!(new LogStore(raw, CATALOG).read(first) instanceof LogStore.Found.Batch found)) {
      throw new AssertionError("catalog key " + key + " isn't what " + by.name() + " put");
    }
    for (LogEntry entry : found.batch().entries()) {
      if (entry instanceof LogEntry.DatabaseCreated created) {
        require(nameIsFree, by, entry);
        require(raw.get(FOLDERS + created.id() + "/format.json").isPresent(), by, entry);
        nameIsFree = false;
        all.add(folder(created.id()));
      } else if (entry instanceof LogEntry.DatabaseDropped dropped) {
        require(!nameIsFree && newest().id().equals(dropped.id()), by, entry);
        require(newest().isDeleted(), by, entry);
        nameIsFree = true;
      }
    }
  }

  private static void require(boolean fits, EngineProcess by, LogEntry entry) {
    if (!fits) {
      throw new AssertionError(by.name() + " put " + entry + " into the catalog, out of turn");
    }
  }
}
