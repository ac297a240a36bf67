package dev.slipway.engine.testkit;

import static org.awaitility.Awaitility.await;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.CommitResult;
import dev.slipway.engine.Database;
import dev.slipway.engine.Databases;
import dev.slipway.engine.Ids;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.ScanSpec;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.TableScan;
import dev.slipway.engine.TableSchema;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.database.EngineParts;
import dev.slipway.engine.database.EngineThreads;
import dev.slipway.engine.database.OpenDatabases;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.state.PageLayout;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.testkit.Columns;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One engine over a backend and an allocator of its own. Closing it closes everything, so a leaked
 * buffer fails the test that leaked it.
 */
public final class EngineFixture implements AutoCloseable {
  /** So small that a few commits fill several. */
  public static final PageLayout SMALL_PAGES = new PageLayout(2, 2, 2);

  /** A table of people, to be keyed by id. */
  public static final Schema PEOPLE =
      Columns.schema(
          Columns.required(Columns.int64("id")), Columns.utf8("name"), Columns.int64("age"));

  public static final CallContext TESTER = CallContext.of("tester");

  private final BufferAllocator allocator;
  private final StorageBackend backend;
  private final boolean ownsStorage;
  private final EngineThreads threads = new EngineThreads(4);
  private final Busy busy = new Busy();
  private final OpenDatabases databases;

  private EngineFixture(
      BufferAllocator allocator,
      StorageBackend backend,
      boolean ownsStorage,
      FailureInjector failures,
      InstantSource clock,
      EngineOptions options,
      String instance) {
    this.allocator = allocator;
    this.backend = backend;
    this.ownsStorage = ownsStorage;
    Committer.Work work = threads.work();
    this.databases =
        new OpenDatabases(
            new EngineParts(
                backend,
                clock,
                new Ids(new Random(), clock),
                options,
                failures,
                new Committer.Work(
                    busy.around(work.runner()), work.tables(), work.delayer(), work.waiter()),
                busy.around(threads.background()),
                instance));
  }

  public static EngineFixture open(BackendKind kind, Path folder) {
    return open(kind, folder, FailureInjector.NONE, EngineOptions.DEFAULT);
  }

  public static EngineFixture open(
      BackendKind kind, Path folder, FailureInjector failures, EngineOptions options) {
    return open(kind, folder, failures, options, InstantSource.system());
  }

  public static EngineFixture open(
      BackendKind kind,
      Path folder,
      FailureInjector failures,
      EngineOptions options,
      InstantSource clock) {
    BufferAllocator allocator = new RootAllocator();
    return new EngineFixture(
        allocator,
        kind.open(folder, allocator, StorageHooks.NONE),
        true,
        failures,
        clock,
        options,
        "engine-1");
  }

  /** Another engine over the same storage: another process, as far as the log can tell. */
  public EngineFixture another(FailureInjector failures, EngineOptions options, String instance) {
    return over(allocator, backend, failures, InstantSource.system(), options, instance);
  }

  /** An engine over storage that somebody else closes. */
  public static EngineFixture over(
      BufferAllocator allocator,
      StorageBackend backend,
      FailureInjector failures,
      InstantSource clock,
      EngineOptions options,
      String instance) {
    return new EngineFixture(allocator, backend, false, failures, clock, options, instance);
  }

  /**
   * Waits until nothing goes on behind calls that have returned: an answer comes before the end.
   */
  public void awaitIdle() {
    busy.awaitIdle();
  }

  public BufferAllocator allocator() {
    return allocator;
  }

  public StorageBackend backend() {
    return backend;
  }

  public Databases databases() {
    return databases;
  }

  public Database create(String name) {
    databases.create(TESTER, name, Optional.empty());
    return databases.database(TESTER, name);
  }

  public Database database(String name) {
    return databases.database(TESTER, name);
  }

  /** Creates {@link #PEOPLE} keyed by id. */
  public static void createPeople(Database database, String table) {
    database.createTable(
        TESTER, ReadAt.MAIN, table, new TableSchema(PEOPLE, List.of("id")), Optional.empty());
  }

  public static Map<String, @Nullable Object> person(long id, @Nullable String name, long age) {
    return Rows.row("id", id, "name", name, "age", age);
  }

  public StagedWriteInfo stage(
      Database database,
      String table,
      WriteOperation operation,
      List<Map<String, @Nullable Object>> rows) {
    try (Upload upload = database.upload(TESTER, new WriteTarget(ReadAt.MAIN, table, operation));
        ArrowReader source = Rows.reader(allocator, upload.schema().columns(), rows)) {
      return upload.stage(
          Optional.empty(),
          () -> "digest",
          operation.takesData() ? Optional.of(source) : Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public CommitResult write(
      Database database,
      String table,
      WriteOperation operation,
      List<Map<String, @Nullable Object>> rows) {
    return write(database, table, operation, rows, CommitOptions.NONE);
  }

  public CommitResult write(
      Database database,
      String table,
      WriteOperation operation,
      List<Map<String, @Nullable Object>> rows,
      CommitOptions options) {
    try (Upload upload = database.upload(TESTER, new WriteTarget(ReadAt.MAIN, table, operation));
        ArrowReader source = Rows.reader(allocator, upload.schema().columns(), rows)) {
      return upload.write(options, operation.takesData() ? Optional.of(source) : Optional.empty());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public CommitResult append(
      Database database, String table, List<Map<String, @Nullable Object>> rows) {
    return write(database, table, new WriteOperation.Append(false), rows);
  }

  /** Options with a request id whose digest is the id. */
  public static CommitOptions request(String id) {
    return CommitOptions.NONE.withRequest(new RequestKey(id, () -> "digest of " + id));
  }

  /** The same for one that waits for others for a while, so that they share a batch. */
  public static CommitOptions patient(String id) {
    return new CommitOptions(
        request(id).request(), List.of(), "", Map.of(), false, Duration.ofSeconds(1));
  }

  /** Waits until a request is under way: it is in a batch, or waits for the next one. */
  public static void awaitInProgress(Database database, String request) {
    await().until(() -> database.outcome(TESTER, request, false) instanceof Outcome.InProgress);
  }

  public List<Map<String, @Nullable Object>> rows(Database database, String table) {
    return rows(database, table, ReadAt.HEAD);
  }

  public List<Map<String, @Nullable Object>> rows(Database database, String table, ReadAt at) {
    return read(database, table, at);
  }

  /** All rows of a table. */
  public static List<Map<String, @Nullable Object>> read(
      Database database, String table, ReadAt at) {
    ScanSpec spec = new ScanSpec(List.of(), Optional.empty(), OptionalLong.empty(), 0, 1_000);
    try (TableScan scan = database.scan(TESTER, table, at, spec)) {
      return Rows.read(scan.reader());
    }
  }

  @Override
  public void close() {
    databases.close();
    threads.close();
    if (ownsStorage) {
      backend.close();
      allocator.close();
    }
  }
}
