package dev.slipway.storage.memory;

import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Stage;
import dev.slipway.storage.Assignment;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.contract.BackendFixture;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.testkit.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is the in-memory backend's alone: bounds, freeing, independence, wiring. */
class MemoryStorageTest {
  private static final Schema SCHEMA = schema(required(int64("id")), utf8("text"));
  private static final TableId TABLE = new TableId("db", "t");

  private static BackendFixture fixture(long maxBytes) {
    return new BackendFixture(
        Path.of("unused"),
        (folder, allocator, hooks) ->
            MemoryStorage.create(allocator, hooks, StorageLimits.DEFAULT, maxBytes),
        StorageHooks.NONE);
  }

  private static List<Map<String, @Nullable Object>> rows(long from, long to, String text) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long id = from; id < to; id++) {
      rows.add(row("id", id, "text", text));
    }
    return rows;
  }

  @Test
  void stage_overTheBound_isRefusedAndLeavesTheStoreUsable() {
    try (BackendFixture fixture = fixture(1 << 20)) {
      TableVersion base = fixture.create(SCHEMA, rows(0, 100, "small"));
      List<String> before = fixture.backend().inlineResidual().listFiles(base.table());
      long used = fixture.allocator().getAllocatedMemory();
      List<Map<String, @Nullable Object>> big = rows(100, 400, "x".repeat(10_000));

      BackendFixture.fails(
          StorageErrorCode.RESOURCE_EXHAUSTED, () -> fixture.stageAppend(base, big));
      BackendFixture.fails(
          StorageErrorCode.RESOURCE_EXHAUSTED, () -> fixture.stageUpsert(base, List.of("id"), big));
      Assignment longText = new Assignment("text", new Operand.StringLiteral("y".repeat(100_000)));
      BackendFixture.fails(
          StorageErrorCode.RESOURCE_EXHAUSTED,
          () -> fixture.stageUpdate(base, Optional.empty(), longText));

      assertThat(fixture.allocator().getAllocatedMemory()).isEqualTo(used);
      assertThat(fixture.backend().inlineResidual().listFiles(base.table())).isEqualTo(before);
      assertThat(fixture.rows(fixture.append(base, rows(100, 101, "fits")))).hasSize(101);
    }
  }

  @Test
  void scan_ofAFullStore_stillWorks() {
    try (BackendFixture fixture = fixture(600_000)) {
      List<Map<String, @Nullable Object>> rows = rows(0, 50, "x".repeat(10_000));
      TableVersion version = fixture.create(SCHEMA, rows);

      assertThat(fixture.rows(version)).isEqualTo(rows);
    }
  }

  @Test
  void deleteFiles_ofAChunk_freesItsMemory() {
    try (BackendFixture fixture = fixture(1 << 24)) {
      TableVersion base = fixture.create(SCHEMA);
      long empty = fixture.allocator().getAllocatedMemory();
      StagedWrite staged = fixture.stageAppend(base, rows(0, 1_000, "text"));
      assertThat(fixture.allocator().getAllocatedMemory()).isGreaterThan(empty);

      fixture.backend().inlineResidual().deleteFiles(base.table(), fixture.tables().files(staged));

      assertThat(fixture.allocator().getAllocatedMemory()).isEqualTo(empty);
    }
  }

  @Test
  void deleteFiles_underAnOpenSnapshot_keepsItReadable() throws Exception {
    try (BackendFixture fixture = fixture(1 << 24)) {
      TableVersion version = fixture.create(SCHEMA, rows(0, 1_000, "text"));
      try (TableSnapshot snapshot = fixture.open(version);
          ArrowReader reader =
              fixture.tables().scan(snapshot, ScanRequest.ALL.withBatchRows(100))) {
        assertThat(reader.loadNextBatch()).isTrue();
        Set<String> files = fixture.tables().files(snapshot);
        fixture.backend().inlineResidual().deleteFiles(version.table(), files);

        assertThat(reader.loadNextBatch()).isTrue();
        assertThat(Rows.read(fixture.tables().scan(snapshot, ScanRequest.ALL))).hasSize(1_000);
      }
      assertThat(fixture.opens(version.table(), version.ref())).isFalse();
    }
  }

  @Test
  void close_underAnOpenReader_keepsItReadableAndLeaksNothing() throws Exception {
    try (BackendFixture fixture = fixture(1 << 24)) {
      TableVersion version = fixture.create(SCHEMA, rows(0, 1_000, "text"));
      TableSnapshot snapshot = fixture.open(version);
      ArrowReader reader = fixture.tables().scan(snapshot, ScanRequest.ALL.withBatchRows(100));
      assertThat(reader.loadNextBatch()).isTrue();
      fixture.backend().close();
      snapshot.close();

      assertThat(reader.loadNextBatch()).isTrue();
      reader.close();
      reader.close();
    }
  }

  @Test
  void backends_twoOfThem_shareNothing() {
    try (BufferAllocator allocator = new RootAllocator();
        StorageBackend left = create(allocator);
        StorageBackend right = create(allocator)) {
      left.inlineResidual().createHome(TABLE, SCHEMA);
      left.metadata().putIfAbsent("log/1", new byte[1]);

      assertThat(right.inlineResidual().homes("db")).isEmpty();
      assertThat(right.metadata().get("log/1")).isEmpty();
      assertThat(left.inlineResidual().createHome(TABLE, SCHEMA).ref())
          .isNotEqualTo(right.inlineResidual().createHome(TABLE, SCHEMA).ref());
    }
  }

  private static StorageBackend create(BufferAllocator allocator) {
    return MemoryStorage.create(
        allocator, StorageHooks.NONE, StorageLimits.DEFAULT, Long.MAX_VALUE);
  }

  @Test
  void create_seededRandom_makesTheSameNamesAgain() {
    List<List<String>> files = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      try (BackendFixture fixture =
          new BackendFixture(
              Path.of("unused"),
              (folder, allocator, hooks) ->
                  MemoryStorage.create(
                      allocator, hooks, StorageLimits.DEFAULT, 1 << 24, new Random(3)),
              StorageHooks.NONE)) {
        TableVersion version = fixture.create(SCHEMA, rows(0, 10, "x"));
        fixture.stageDelete(version, new Predicate.IsNull(new Operand.Column("text")));
        files.add(fixture.backend().inlineResidual().listFiles(version.table()));
      }
    }

    assertThat(files.get(0)).isEqualTo(files.get(1)).hasSizeGreaterThan(2);
  }

  @Test
  void module_installed_exposesTheBackendAlone() {
    try (BufferAllocator allocator = new RootAllocator()) {
      Injector injector =
          Guice.createInjector(
              Stage.PRODUCTION,
              new MemoryStorageModule(1 << 20),
              new AbstractModule() {
                @Override
                protected void configure() {
                  binder().requireExplicitBindings();
                  bind(BufferAllocator.class).toInstance(allocator);
                  bind(StorageHooks.class).toInstance(StorageHooks.NONE);
                  bind(StorageLimits.class).toInstance(StorageLimits.DEFAULT);
                }
              });
      try (StorageBackend backend = injector.getInstance(StorageBackend.class)) {
        assertThat(backend.name()).isEqualTo("memory");
        assertThat(backend).isSameAs(injector.getInstance(StorageBackend.class));
      }
    }
  }
}
