package dev.slipway.engine.fault;

import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * What acts at once, with the faults that are armed for table operations. It deletes file by file,
 * so that a deletion can break off after any of them.
 */
final class FaultyResidual implements InlineResidual {
  private final InlineResidual residual;
  private final FaultyHooks hooks;

  FaultyResidual(InlineResidual residual, FaultyHooks hooks) {
    this.residual = residual;
    this.hooks = hooks;
  }

  @Override
  public TableVersion createHome(TableId table, Schema schema) {
    hooks.before(ResidualOperation.CREATE_HOME, table);
    TableVersion version = residual.createHome(table, schema);
    hooks.after(ResidualOperation.CREATE_HOME, table);
    return version;
  }

  @Override
  public void purgeHome(TableId table) {
    // The manifests first, as the backend itself does it.
    Comparator<String> manifestsFirst = Comparator.comparing(file -> !file.startsWith("_versions"));
    try {
      deleteFiles(table, residual.listFiles(table).stream().sorted(manifestsFirst).toList());
    } catch (StorageException e) {
      if (e.code() != StorageErrorCode.TABLE_NOT_FOUND) {
        throw e;
      }
    }
    hooks.before(ResidualOperation.PURGE_HOME, table);
    residual.purgeHome(table);
    hooks.after(ResidualOperation.PURGE_HOME, table);
  }

  @Override
  public List<String> homes(String database) {
    return residual.homes(database);
  }

  @Override
  public List<String> listFiles(TableId table) {
    hooks.before(ResidualOperation.LIST_FILES, table);
    return residual.listFiles(table);
  }

  @Override
  public Map<String, Long> fileSizes(TableId table) {
    hooks.before(ResidualOperation.LIST_FILES, table);
    return residual.fileSizes(table);
  }

  @Override
  public void deleteFiles(TableId table, Collection<String> files) {
    for (String file : files) {
      hooks.before(ResidualOperation.DELETE_FILE, table);
      residual.deleteFiles(table, List.of(file));
      hooks.after(ResidualOperation.DELETE_FILE, table);
    }
  }
}
