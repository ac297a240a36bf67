package dev.slipway.storage.lance;

import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableStorage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/** Tables, homes and metadata under one root. */
final class LanceBackend implements StorageBackend {
  static final String NAME = "lance";

  private final DurableFiles disk;
  private final TableHomes homes;
  private final OpenVersions versions;
  private final LanceTableStorage tables;
  private final LanceInlineResidual residual;
  private final MetadataStore metadata;

  LanceBackend(
      LanceOptions options,
      DurableFiles disk,
      BufferAllocator allocator,
      StorageHooks hooks,
      StorageLimits limits) {
    this.disk = disk;
    RootFolder root;
    try {
      root = RootFolder.open(options.root(), disk);
    } catch (FileAlreadyExistsException e) {
      throw new StorageException(
          StorageErrorCode.UNAVAILABLE,
          "can't make the root folder %s: %s isn't a folder"
              .formatted(options.root(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw LanceErrors.translate("make the root folder " + options.root(), e);
    }
    homes = new TableHomes(root);
    this.metadata = new LocalMetadataStore(root, disk);
    this.versions = new OpenVersions(homes, allocator, options);
    this.tables = new LanceTableStorage(homes, versions, disk, allocator, hooks, limits);
    this.residual = new LanceInlineResidual(homes, versions, disk, allocator, tables);
  }

  @Override
  public TableStorage tables() {
    return tables;
  }

  @Override
  public InlineResidual inlineResidual() {
    return residual;
  }

  @Override
  public MetadataStore metadata() {
    return metadata;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String location(TableId table) {
    return homes.uri(table);
  }

  @Override
  public Optional<String> readOnly() {
    return disk.failure();
  }

  @Override
  public void close() {
    tables.close();
    metadata.close();
    versions.close();
    disk.close();
  }
}
