package dev.slipway.storage.lance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shortest way through the backend, with everything closed and opened again in between. */
class LanceStorageRoundTripTest {
  private static final TableId TABLE = new TableId("db1", "t1");
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Field.notNullable("id", new ArrowType.Int(64, true)),
              Field.nullable("name", ArrowType.Utf8.INSTANCE)));

  @TempDir Path root;
  private BufferAllocator allocator;
  private StorageBackend backend;

  @BeforeEach
  void open() {
    allocator = new RootAllocator();
    backend = backend();
  }

  @AfterEach
  void close() {
    backend.close();
    allocator.close();
  }

  @Test
  void commit_ofAppendedAndOverwrittenRows_isReadBackAfterReopening() throws IOException {
    VersionRef empty = backend.inlineResidual().createHome(TABLE, SCHEMA).ref();
    StagedWrite staged = append(empty, rows(0, 10));
    byte[] token = backend.tables().toToken(staged);
    backend.close();
    backend = backend();

    TableVersion first = backend.tables().commit(backend.tables().fromToken(token));
    TableVersion second = backend.tables().commit(append(first.ref(), rows(10, 12)));
    TableVersion sibling = backend.tables().commit(append(first.ref(), rows(20, 21)));
    TableVersion replaced;
    try (TableSnapshot base = backend.tables().open(TABLE, second.ref());
        ArrowReader source = Rows.reader(allocator, SCHEMA, rows(5, 7))) {
      replaced = backend.tables().commit(backend.tables().stageOverwrite(base, source));
    }
    backend.tables().force(List.of(first, second, sibling, replaced));
    backend.close();
    backend = backend();

    assertThat(read(empty)).isEmpty();
    assertThat(read(first.ref())).isEqualTo(rows(0, 10));
    assertThat(read(second.ref())).isEqualTo(rows(0, 12));
    assertThat(read(sibling.ref())).hasSize(11);
    assertThat(read(replaced.ref())).isEqualTo(rows(5, 7));
    assertThat(second.facts().rows()).isEqualTo(12);
    assertThat(replaced.facts().rowsRemoved()).isEqualTo(12);
    try (TableSnapshot snapshot = backend.tables().open(TABLE, second.ref())) {
      assertThat(backend.tables().describe(snapshot).bytes()).isEqualTo(second.facts().bytes());
      assertThat(backend.tables().count(snapshot, Optional.empty(), Cancellation.NONE))
          .isEqualTo(12);
      assertThat(backend.inlineResidual().listFiles(TABLE))
          .containsAll(backend.tables().files(snapshot));
      assertThat(
              Rows.read(
                  backend
                      .tables()
                      .scan(
                          snapshot,
                          ScanRequest.ALL
                              .withColumns(List.of("name"))
                              .withOffset(3)
                              .withLimit(5)
                              .withBatchRows(2))))
          .hasSize(5)
          .first()
          .isEqualTo(Rows.row("name", "n3"));
    }
  }

  private StagedWrite append(VersionRef base, List<Map<String, @Nullable Object>> rows)
      throws IOException {
    try (TableSnapshot snapshot = backend.tables().open(TABLE, base);
        ArrowReader source = Rows.reader(allocator, SCHEMA, rows)) {
      return backend.tables().stageAppend(snapshot, source);
    }
  }

  private List<Map<String, @Nullable Object>> read(VersionRef ref) {
    try (TableSnapshot snapshot = backend.tables().open(TABLE, ref)) {
      return Rows.read(backend.tables().scan(snapshot, ScanRequest.ALL));
    }
  }

  private StorageBackend backend() {
    return LanceStorage.open(
        LanceOptions.at(root), allocator, StorageHooks.NONE, StorageLimits.DEFAULT);
  }

  private static List<Map<String, @Nullable Object>> rows(long from, long to) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long id = from; id < to; id++) {
      rows.add(Rows.row("id", id, "name", "n" + id));
    }
    return rows;
  }
}
