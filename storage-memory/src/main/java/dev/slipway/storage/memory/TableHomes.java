package dev.slipway.storage.memory;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.arrow.vector.types.pojo.Schema;

/** All homes of one backend. */
final class TableHomes {
  private final Map<TableId, TableHome> homes = new ConcurrentHashMap<>();

  /**
   * @throws StorageException {@code TABLE_NOT_FOUND}
   */
  TableHome home(TableId table) {
    TableHome home = homes.get(table);
    if (home == null) {
      throw StorageException.of(
              StorageErrorCode.TABLE_NOT_FOUND, "table %s has no home here", table)
          .with(StorageException.Detail.RESOURCE, table);
    }
    return home;
  }

  /** The home that is there, or a new one with this schema. */
  TableHome homeOrNew(TableId table, Schema schema, MemoryArena arena) {
    return homes.computeIfAbsent(table, id -> new TableHome(id, schema, arena.newId()));
  }

  void purge(TableId table) {
    TableHome home = homes.remove(table);
    if (home != null) {
      home.purge();
    }
  }

  void purgeAll() {
    homes.keySet().forEach(this::purge);
  }

  List<String> tables(String database) {
    return homes.keySet().stream()
        .filter(table -> table.database().equals(database))
        .map(TableId::table)
        .sorted()
        .toList();
  }
}
