package dev.slipway.storage.contract;

import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;
import org.junit.jupiter.api.Nested;

/**
 * The contract of {@link dev.slipway.storage.TableStorage} and {@link
 * dev.slipway.storage.InlineResidual}. A backend's test class extends this and says how to open it.
 */
public abstract class AbstractTableStorageContract {
  /**
   * @param folder empty, or as an earlier backend left it; a backend without files ignores it
   * @param allocator the parent of all memory the backend uses
   */
  protected abstract StorageBackend open(
      Path folder, BufferAllocator allocator, StorageHooks hooks);

  @Nested
  class Homes extends HomesGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Opening extends OpenGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Uploads extends UploadGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Append extends AppendGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Overwrite extends OverwriteGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Upsert extends UpsertGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Delete extends DeleteGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Update extends UpdateGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Cancelling extends CancelGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Scan extends ScanGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Filters extends FilterGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Capabilities extends CapabilityGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Commit extends CommitGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }

  @Nested
  class Hooks extends HooksGroup {
    @Override
    BackendFixture.Opener opener() {
      return AbstractTableStorageContract.this::open;
    }
  }
}
