package dev.slipway.engine.staging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.WriteKind;
import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedStoreTest {
  private static final int MANY = 1_005;

  @TempDir Path folder;
  private BufferAllocator allocator;
  private StorageBackend backend;
  private MetadataStore store;
  private StagedStore staged;

  @BeforeEach
  void open() {
    allocator = new RootAllocator();
    backend = BackendKind.MEMORY.open(folder, allocator, StorageHooks.NONE);
    store = backend.metadata();
    staged = new StagedStore(store, "db/d", FailureInjector.NONE);
  }

  @AfterEach
  void close() {
    backend.close();
    allocator.close();
  }

  private static StagedRecord record() {
    return new StagedRecord(
        "a",
        0,
        "main",
        0,
        "person",
        "t",
        WriteKind.APPEND,
        false,
        new byte[] {1},
        1,
        new VersionRef(1, "tx"),
        1,
        1,
        0,
        10,
        "digest",
        "tester",
        5,
        5);
  }

  @Test
  void renew_moreThanAThousandTimes_keepsTheNewestAndNothingElse() {
    StagedRecord newest = record();
    assertThat(staged.put(newest)).isTrue();
    for (int i = 0; i < MANY; i++) {
      newest = newest.renewedAt(10 + i);
      assertThat(staged.renew(newest)).isTrue();
    }

    assertThat(staged.get("a").orElseThrow().renewals()).isEqualTo(MANY);
    assertThat(store.list("db/d/staged/", "", 10)).hasSize(1);
    staged.delete("a");
    assertThat(staged.get("a")).isEmpty();
  }

  @Test
  void delete_ofAWriteWithMoreThanAThousandRecords_leavesNone() {
    StagedRecord newest = record();
    for (int i = 0; i < MANY; i++) {
      assertThat(staged.put(newest)).isTrue();
      newest = newest.renewedAt(10 + i);
    }
    assertThat(staged.get("a").orElseThrow().renewals()).isEqualTo(MANY - 1);

    staged.delete("a");

    assertThat(staged.get("a")).isEmpty();
    assertThat(store.list("db/d/staged/", "", 10)).isEmpty();
  }
}
