package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lance.Dataset;
import org.lance.Fragment;
import org.lance.ReadOptions;
import org.lance.ipc.LanceScanner;
import org.lance.ipc.ScanOptions;

/** Every text that the classifier knows, provoked. */
class LanceErrorsTest {
  private static final Schema SCHEMA = schema(int64("id"), utf8("name"));

  @TempDir Path root;
  private TestTable table;

  @BeforeEach
  void open() {
    table = new TestTable(root, SCHEMA);
  }

  @AfterEach
  void close() {
    table.close();
  }

  @Test
  void open_manifestGone_isVersionNotFound() throws IOException {
    VersionRef version = table.append(table.genesis(), rows(5));
    table.reopen();
    Files.delete(table.home().resolve(TableHomes.manifest(version.storageVersion())));

    fails(StorageErrorCode.VERSION_NOT_FOUND, () -> table.rows(version));
  }

  @Test
  void open_homeGone_isTableNotFound() {
    VersionRef version = table.append(table.genesis(), rows(5));
    table.backend().inlineResidual().purgeHome(TestTable.ID);

    fails(StorageErrorCode.TABLE_NOT_FOUND, () -> table.rows(version));
  }

  @Test
  void open_anotherTransactionsVersion_isVersionNotFound() {
    VersionRef version = table.append(table.genesis(), rows(5));
    VersionRef claimed = new VersionRef(version.storageVersion(), "no such transaction");

    fails(StorageErrorCode.VERSION_NOT_FOUND, () -> table.rows(claimed));
    table.reopen();
    fails(StorageErrorCode.VERSION_NOT_FOUND, () -> table.rows(claimed));
  }

  @Test
  void open_manifestCutShort_isCorrupt() throws IOException {
    VersionRef version = table.append(table.genesis(), rows(5));
    Path manifest = table.home().resolve(TableHomes.manifest(version.storageVersion()));
    table.reopen();
    spoil(manifest, bytes -> Arrays.copyOf(bytes, bytes.length / 2));

    fails(StorageErrorCode.CORRUPT, () -> table.rows(version));

    spoil(manifest, bytes -> new byte[0]);
    fails(StorageErrorCode.CORRUPT, () -> table.rows(version));
  }

  @Test
  void scan_dataFileGone_isMissingFile() throws IOException {
    VersionRef version = table.append(table.genesis(), rows(500));
    Path file = only("data");
    Files.delete(file);

    fails(StorageErrorCode.MISSING_FILE, () -> table.rows(version));
    assertThat(catchThrowableOfType(StorageException.class, () -> table.rows(version)).details())
        .containsEntry(StorageException.Detail.RESOURCE, "data/" + file.getFileName());
    fails(StorageErrorCode.MISSING_FILE, () -> table.count(version, idBelow(3)));
    fails(StorageErrorCode.MISSING_FILE, () -> table.delete(version, idBelow(3)));
  }

  @Test
  void scan_dataFileGoneSinceTheLastScan_isMissingFile() throws IOException {
    VersionRef version = table.append(table.genesis(), rows(500));
    assertThat(table.rows(version)).hasSize(500);
    Files.delete(only("data"));

    fails(StorageErrorCode.MISSING_FILE, () -> table.rows(version));
  }

  @Test
  void scan_dataFileSpoilt_isCorrupt() throws IOException {
    VersionRef version = table.append(table.genesis(), rows(500));
    Path file = only("data");
    byte[] whole = Files.readAllBytes(file);
    byte[] noise = new byte[whole.length];
    new Random(1).nextBytes(noise);
    byte[] halfZero = whole.clone();
    Arrays.fill(halfZero, 0, whole.length / 2, (byte) 0);

    // What the file says of its columns begins where its footer, of 40 bytes, says.
    byte[] columns = whole.clone();
    int at = (int) ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(whole.length - 40);
    Arrays.fill(columns, at, at + 4, (byte) 0);

    for (byte[] spoilt :
        List.of(new byte[0], Arrays.copyOf(whole, whole.length / 2), noise, halfZero, columns)) {
      table.reopen();
      Files.write(file, spoilt);
      fails(StorageErrorCode.CORRUPT, () -> table.rows(version));
    }
  }

  @Test
  void scan_deletionFileGoneOrSpoilt_isTold() throws IOException {
    VersionRef version = table.delete(table.append(table.genesis(), rows(500)), idBelow(3));
    table.reopen();
    spoil(only("_deletions"), bytes -> new byte[40]);
    fails(StorageErrorCode.CORRUPT, () -> table.rows(version));

    table.reopen();
    Files.delete(only("_deletions"));
    fails(StorageErrorCode.MISSING_FILE, () -> table.rows(version));
  }

  @Test
  void stageAppend_dataFolderIsAFile_isUnavailable() throws IOException {
    Path data = table.home().resolve("data");
    Files.delete(data);
    Files.write(data, new byte[0]);

    fails(StorageErrorCode.UNAVAILABLE, () -> table.append(table.genesis(), rows(1)));
  }

  @Test
  void commit_stagedFilesGone_isMissingFile() throws IOException {
    var staged = table.stageAppend(table.genesis(), rows(1));
    Files.delete(only("data"));

    fails(StorageErrorCode.MISSING_FILE, () -> table.commit(staged));
  }

  @Test
  void write_nullInRequiredColumn_isRowInvalid() {
    Schema required = schema(required(int64("id")));
    String uri = root.resolve("required").toString();
    try (BufferAllocator allocator = new RootAllocator()) {
      Dataset.write().uri(uri).allocator(allocator).schema(required).execute().close();
      try (VectorSchemaRoot rows = VectorSchemaRoot.create(required, allocator)) {
        rows.allocateNew();
        rows.setRowCount(2);
        fails(
            StorageErrorCode.ROW_INVALID,
            () ->
                LanceErrors.run(
                    "write",
                    () ->
                        Fragment.write()
                            .datasetUri(uri)
                            .allocator(allocator)
                            .data(rows)
                            .execute()));
      }
    }
  }

  @Test
  void filter_thatLanceCannotRead_isFilterInvalid() {
    table.on(
        table.genesis(),
        snapshot -> {
          fails(StorageErrorCode.FILTER_INVALID, () -> raw("`id` = "));
          fails(StorageErrorCode.FILTER_INVALID, () -> raw("`id` = 'x'"));
          return true;
        });
  }

  @Test
  void read_beyondTheAllocatorsLimit_isResourceExhausted() {
    table.append(table.genesis(), rows(500));
    fails(
        StorageErrorCode.RESOURCE_EXHAUSTED,
        () -> {
          try (BufferAllocator small = table.allocator().newChildAllocator("small", 0, 100)) {
            LanceErrors.run("scan", () -> firstBatch(small));
          }
        });
  }

  @Test
  void use_afterClose_isClosed() {
    Dataset dataset = dataset(table.allocator());
    dataset.close();

    fails(StorageErrorCode.CLOSED, () -> LanceErrors.run("count", dataset::countRows));
  }

  @Test
  void use_ofClosedBackend_isClosed() {
    TableSnapshot snapshot = table.tables().open(TestTable.ID, table.genesis());
    var tables = table.tables();
    table.backend().close();

    fails(StorageErrorCode.CLOSED, () -> tables.describe(snapshot));
    snapshot.close();
  }

  /** As the kernel and Lance say them; to fill a disk or unmount it takes another user. */
  @ParameterizedTest
  @CsvSource({
    "LanceError(IO): No space left on device (os error 28), UNAVAILABLE",
    "Generic LocalFileSystem error: Unable to copy data to file: No space left on device, UNAVAILABLE",
    "LanceError(IO): Read-only file system (os error 30), UNAVAILABLE",
    "LanceError(IO): Disk quota exceeded (os error 122), UNAVAILABLE",
    "LanceError(IO): Permission denied (os error 13), UNAVAILABLE",
    "LanceError(IO): Too many open files (os error 24), UNAVAILABLE",
    "something nobody has seen, INTERNAL"
  })
  void translate_ofKnownTexts_givesTheirCode(String text, StorageErrorCode code) {
    assertThat(LanceErrors.translate("write", new RuntimeException(text)).code()).isEqualTo(code);
  }

  @Test
  void translate_longMessage_isShortAndPlain() {
    String text =
        "[errno 22] CDataJniException{errno=22, message=External error: odd "
            + "x".repeat(2000)
            + ", /workspace/rust/lance-io/src/local.rs:133:40}";

    assertThat(LanceErrors.translate("scan table db/t", new IOException(text)))
        .hasMessageStartingWith("can't scan table db/t: External error: odd xxx")
        .extracting(e -> String.valueOf(e.getMessage()).length())
        .satisfies(length -> assertThat((int) length).isLessThan(400));
  }

  private long raw(String filter) {
    return LanceErrors.run(
        "scan",
        () -> {
          try (Dataset dataset = dataset(table.allocator())) {
            return dataset.countRows(filter);
          }
        });
  }

  private boolean firstBatch(BufferAllocator allocator) throws Exception {
    try (Dataset dataset = dataset(allocator)) {
      LanceScanner scanner = dataset.newScan(new ScanOptions.Builder().build());
      try (ArrowReader reader = scanner.scanBatches()) {
        return reader.loadNextBatch();
      } finally {
        scanner.close();
      }
    }
  }

  private Dataset dataset(BufferAllocator allocator) {
    return Dataset.open()
        .uri(table.home().toString())
        .allocator(allocator)
        .readOptions(new ReadOptions.Builder().build())
        .build();
  }

  private Path only(String folder) throws IOException {
    try (Stream<Path> files = Files.list(table.home().resolve(folder))) {
      return files.max(Comparator.naturalOrder()).orElseThrow();
    }
  }

  private static void spoil(Path file, UnaryOperator<byte[]> change) throws IOException {
    Files.write(file, change.apply(Files.readAllBytes(file)));
  }

  private static void fails(StorageErrorCode code, ThrowingCallable call) {
    StorageException failure = catchThrowableOfType(StorageException.class, call);
    assertThat(failure).as("expected a failure with code %s", code).isNotNull();
    assertThat(failure.code()).as("%s", failure).isEqualTo(code);
  }

  private static Predicate idBelow(long limit) {
    return new Predicate.Compare(
        new Operand.Column("id"),
        Predicate.Comparison.LESS,
        new Operand.NumberLiteral(BigDecimal.valueOf(limit)));
  }

  private static List<Map<String, @Nullable Object>> rows(int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      rows.add(Rows.row("id", i, "name", "name " + i));
    }
    return rows;
  }
}
