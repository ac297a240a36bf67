package dev.slipway.storage.memory;

import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.Schema;

/** Homes and their files, in maps. */
final class MemoryInlineResidual implements InlineResidual {
  private final MemoryTableStorage tables;
  private final MemoryArena arena;
  private final TableHomes homes;

  MemoryInlineResidual(MemoryTableStorage tables, MemoryArena arena, TableHomes homes) {
    this.tables = tables;
    this.arena = arena;
    this.homes = homes;
  }

  @Override
  public TableVersion createHome(TableId table, Schema schema) {
    tables.checkOpen();
    SchemaRules.check(schema);
    TableHome home = homes.homeOrNew(table, schema, arena);
    String expected = SchemaRules.fingerprint(schema);
    String found = SchemaRules.fingerprint(home.genesis().schema());
    if (!found.equals(expected)) {
      throw StorageException.of(
          StorageErrorCode.SCHEMA_MISMATCH,
          "table %s has a home with schema %s, expected %s",
          table,
          found,
          expected);
    }
    return tables.genesis(home);
  }

  @Override
  public void purgeHome(TableId table) {
    tables.checkOpen();
    homes.purge(table);
  }

  @Override
  public List<String> homes(String database) {
    tables.checkOpen();
    return homes.tables(database);
  }

  @Override
  public List<String> listFiles(TableId table) {
    tables.checkOpen();
    return homes.home(table).list();
  }

  @Override
  public Map<String, Long> fileSizes(TableId table) {
    tables.checkOpen();
    return homes.home(table).sizes();
  }

  @Override
  public void deleteFiles(TableId table, Collection<String> files) {
    tables.checkOpen();
    homes.home(table).delete(files);
  }
}
