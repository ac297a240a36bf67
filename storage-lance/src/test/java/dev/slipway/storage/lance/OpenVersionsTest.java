package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lance.Dataset;

/** Native handles are shared, bounded, and closed exactly when nobody uses them any more. */
class OpenVersionsTest {
  private static final Schema SCHEMA = schema(int64("id"));

  @TempDir Path root;

  @Test
  void handles_thatNobodyUses_stayWithinTheBound() {
    LanceOptions options = LanceOptions.at(root).withFsync(false).withOpenVersions(4);
    List<VersionRef> refs = versions(options, 20);
    try (BufferAllocator allocator = new RootAllocator();
        OpenVersions versions = new OpenVersions(homes(), allocator, options)) {
      List<Dataset> seen = new ArrayList<>();
      for (int round = 0; round < 3; round++) {
        for (VersionRef ref : refs) {
          try (OpenVersions.Lease lease = versions.open(TestTable.ID, ref)) {
            seen.add(lease.version().dataset());
            assertThat(lease.version().dataset().closed()).isFalse();
          }
          assertThat(versions.size()).isLessThanOrEqualTo(4);
        }
      }
      assertThat(seen.stream().filter(dataset -> !dataset.closed()).distinct()).hasSize(4);
    }
  }

  @Test
  void handle_inUse_outlivesTheBoundAndTheCache() {
    LanceOptions options = LanceOptions.at(root).withFsync(false).withOpenVersions(1);
    List<VersionRef> refs = versions(options, 3);
    try (BufferAllocator allocator = new RootAllocator()) {
      OpenVersions versions = new OpenVersions(homes(), allocator, options);
      OpenVersions.Lease first = versions.open(TestTable.ID, refs.get(0));
      OpenVersions.Lease again = versions.open(TestTable.ID, refs.get(0));
      OpenVersions.Lease second = versions.open(TestTable.ID, refs.get(1));
      Dataset dataset = first.version().dataset();

      assertThat(again.version()).isSameAs(first.version());
      versions.forget(TestTable.ID);
      first.close();
      first.close();
      assertThat(dataset.closed()).isFalse();
      versions.close();
      assertThat(dataset.countRows()).isEqualTo(1);
      again.close();
      assertThat(dataset.closed()).isTrue();
      second.close();
      assertThat(second.version().dataset().closed()).isTrue();
    }
  }

  @Test
  void scan_thatCannotBegin_givesItsLeaseBack() {
    LanceOptions options = LanceOptions.at(root).withFsync(false);
    VersionRef ref = versions(options, 1).get(0);
    try (BufferAllocator allocator = new RootAllocator();
        OpenVersions versions = new OpenVersions(homes(), allocator, options)) {
      OpenVersions.Lease lease = versions.open(TestTable.ID, ref);
      OpenVersion version = lease.version();
      // Its fragments can't be listed.
      version.dataset().close();

      assertThatThrownBy(
              () ->
                  new Scans(allocator)
                      .scan(lease, ScanRequest.ALL.withFilter(new Predicate.IsNull(column("id")))))
          .isInstanceOf(StorageException.class);

      assertThat(version.users).isZero();
    }
  }

  private static Operand.Column column(String name) {
    return new Operand.Column(name);
  }

  @Test
  void handle_openedByManyThreadsAtOnce_isOne() throws Exception {
    LanceOptions options = LanceOptions.at(root).withFsync(false);
    VersionRef ref = versions(options, 1).get(0);
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (BufferAllocator allocator = new RootAllocator();
        OpenVersions versions = new OpenVersions(homes(), allocator, options)) {
      List<Future<OpenVersions.Lease>> opened = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        opened.add(threads.submit(() -> versions.open(TestTable.ID, ref)));
      }
      List<OpenVersions.Lease> leases = new ArrayList<>();
      for (Future<OpenVersions.Lease> one : opened) {
        leases.add(one.get());
      }
      assertThat(leases.stream().map(OpenVersions.Lease::version).distinct()).hasSize(1);
      leases.forEach(OpenVersions.Lease::close);
      assertThat(versions.size()).isEqualTo(1);
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void reader_outlivesItsSnapshotAndItsBackend() throws IOException {
    try (BufferAllocator allocator = new RootAllocator()) {
      TestTable table = new TestTable(root, SCHEMA);
      VersionRef version = table.append(table.genesis(), List.of(Rows.row("id", 1L)));
      TableSnapshot snapshot = table.tables().open(TestTable.ID, version);
      ArrowReader reader = table.tables().scan(snapshot, ScanRequest.ALL);
      snapshot.close();
      table.backend().close();

      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(Rows.read(reader.getVectorSchemaRoot())).containsExactly(Rows.row("id", 1L));
      reader.close();
      table.close();
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void chainOfCommits_opensNothing() {
    try (TestTable table = new TestTable(root, SCHEMA)) {
      VersionRef version = table.genesis();
      for (long i = 0; i < 50; i++) {
        version = table.append(version, List.of(Rows.row("id", i)));
      }
      VersionRef last = version;
      assertThat(table.rows(last)).hasSize(50);
      int fragments = table.on(last, s -> table.tables().describe(s).fragments());
      assertThat(fragments).isEqualTo(50);
    }
  }

  private TableHomes homes() {
    try {
      return new TableHomes(RootFolder.open(root, new DurableFiles(false)));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<VersionRef> versions(LanceOptions options, int count) {
    List<VersionRef> refs = new ArrayList<>();
    try (TestTable table = new TestTable(options, SCHEMA)) {
      for (long i = 0; i < count; i++) {
        refs.add(table.append(table.genesis(), List.of(Rows.row("id", i))));
      }
    }
    return refs;
  }
}
