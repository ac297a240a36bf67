package dev.slipway.engine.simulation;

import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableStorage;
import dev.slipway.storage.TableVersion;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.Schema;

/** The shared storage as one process reaches it; hooks stand before its tables. */
final class SimulatedBackend implements StorageBackend {
  private final StorageBackend raw;
  private final EngineProcess process;
  private final MetadataStore store;
  private final Residual residual;

  SimulatedBackend(StorageBackend raw, EngineProcess process, MetadataStore store) {
    this.raw = raw;
    this.process = process;
    this.store = store;
    this.residual = new Residual(raw.inlineResidual());
  }

  /** Every call is a step at which others may go first. */
  private final class Residual implements InlineResidual {
    private final InlineResidual acting;

    Residual(InlineResidual acting) {
      this.acting = acting;
    }

    @Override
    public TableVersion createHome(TableId table, Schema schema) {
      process.residual("create home " + table.table());
      return acting.createHome(table, schema);
    }

    @Override
    public void purgeHome(TableId table) {
      process.residual("purge home " + table.table());
      acting.purgeHome(table);
    }

    @Override
    public List<String> homes(String database) {
      process.residual("list homes");
      return acting.homes(database);
    }

    @Override
    public List<String> listFiles(TableId table) {
      process.residual("list files of " + table.table());
      return acting.listFiles(table);
    }

    @Override
    public Map<String, Long> fileSizes(TableId table) {
      process.residual("list sizes of " + table.table());
      return acting.fileSizes(table);
    }

    /** One by one: whoever does it may be too late for any of them. */
    @Override
    public void deleteFiles(TableId table, Collection<String> files) {
      for (String file : files) {
        process.residual("delete " + file + " of " + table.table());
        acting.deleteFiles(table, List.of(file));
      }
    }
  }

  @Override
  public TableStorage tables() {
    return raw.tables();
  }

  @Override
  public InlineResidual inlineResidual() {
    return residual;
  }

  @Override
  public MetadataStore metadata() {
    return store;
  }

  @Override
  public String name() {
    return raw.name();
  }

  @Override
  public String location(TableId table) {
    return raw.location(table);
  }

  @Override
  public void close() {
    store.close();
  }
}
