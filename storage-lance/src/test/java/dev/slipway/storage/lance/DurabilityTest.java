package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.Rebase;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything that a power loss must not take back has been forced when its call returns. */
class DurabilityTest {
  private static final TableId TABLE = new TableId("db", "t");
  private static final Schema SCHEMA = schema(int64("id"), utf8("name"), int64("n"));

  @TempDir Path folder;
  private Path root;
  private final WatchedDisk disk = new WatchedDisk();
  private BufferAllocator allocator;
  private LanceBackend backend;
  private VersionRef genesis;

  @BeforeEach
  void open() {
    root = folder.resolve("root");
    allocator = new RootAllocator();
    backend =
        new LanceBackend(
            LanceOptions.at(root), disk, allocator, StorageHooks.NONE, StorageLimits.DEFAULT);
    genesis = backend.inlineResidual().createHome(TABLE, SCHEMA).ref();
  }

  @AfterEach
  void close() {
    backend.close();
    allocator.close();
  }

  @Test
  void createHome_forcesTheHomeAndTheFoldersAboveIt() {
    Path home = home();

    assertThat(disk.forced())
        .contains(
            home.resolve(TableHomes.manifest(TableHomes.GENESIS)),
            home.resolve(TableHomes.transaction(0, genesis)),
            home,
            home.getParent(),
            root.resolve("db/db"),
            root.resolve("db"),
            root)
        .containsAll(TableHomes.FOLDERS.stream().map(home::resolve).toList());
  }

  @Test
  void createHome_ofOneThatADeadProcessBegan_forcesTheFoldersAboveItToo() throws IOException {
    TableId begun = new TableId("other", "begun");
    Path home = root.resolve("db/other/tables/begun");
    for (String folder : TableHomes.FOLDERS) {
      Files.createDirectories(home.resolve(folder));
    }
    disk.forced().clear();

    backend.inlineResidual().createHome(begun, SCHEMA);

    assertThat(disk.forced()).contains(home, home.getParent(), root.resolve("db/other"));
  }

  @Test
  void force_afterEachKindOfWrite_leavesNoFileUnforced() {
    TableVersion version = commit(append(genesis, rows(0, 10)));
    version = commit(append(version.ref(), rows(10, 20)));
    version =
        commit(on(version.ref(), s -> backend.tables().stageDelete(s, idIs(3), Cancellation.NONE)));
    version = commit(upsert(version.ref(), rows(5, 25), false));
    version = commit(upsert(version.ref(), List.of(Rows.row("id", 7L, "name", "partial")), true));
    version =
        commit(
            on(
                version.ref(),
                s ->
                    backend
                        .tables()
                        .stageUpdate(
                            s,
                            List.of(new Assignment("name", new Operand.NullLiteral())),
                            Optional.of(idIs(9)),
                            Cancellation.NONE)));
    Set<String> files = on(version.ref(), backend.tables()::files);

    assertForced(files);
  }

  @Test
  void forceStaged_ofEachKind_forcesItsFilesAndEachFolderOnce() {
    TableVersion version = commit(append(genesis, rows(0, 10)));
    StagedWrite append = append(version.ref(), rows(10, 15));
    StagedWrite upsert = upsert(version.ref(), rows(5, 7), false);
    StagedWrite partial =
        upsert(version.ref(), List.of(Rows.row("id", 7L, "name", "partial")), true);
    StagedWrite delete =
        on(version.ref(), s -> backend.tables().stageDelete(s, idIs(3), Cancellation.NONE));
    disk.forced().clear();

    backend.tables().forceStaged(List.of(append, upsert, partial, delete));

    for (StagedWrite staged : List.of(append, upsert, partial, delete)) {
      assertForced(backend.tables().files(staged));
    }
    assertThat(disk.forced())
        .contains(home().resolve(TableHomes.DATA), home().resolve(TableHomes.DELETIONS))
        .doesNotHaveDuplicates();
  }

  @Test
  void rebase_thatWritesAnew_forcesWhatItWrote() {
    TableVersion version = commit(append(genesis, rows(0, 10)));
    StagedWrite delete =
        on(version.ref(), s -> backend.tables().stageDelete(s, idIs(3), Cancellation.NONE));
    backend.tables().forceStaged(List.of(delete));
    version =
        commit(on(version.ref(), s -> backend.tables().stageDelete(s, idIs(4), Cancellation.NONE)));

    StagedWrite moved =
        on(
            version.ref(),
            s ->
                backend
                    .tables()
                    .rebase(delete, s, Cancellation.NONE)
                    .fold(
                        Rebase.Moved::staged,
                        refused -> {
                          throw new AssertionError(refused.reason());
                        }));

    assertThat(backend.tables().files(moved)).isNotEqualTo(backend.tables().files(delete));
    assertForced(backend.tables().files(moved));
  }

  @Test
  void force_ofManyVersions_forcesEachFolderOnce() {
    List<TableVersion> versions = new ArrayList<>();
    StagedWrite staged = append(genesis, rows(0, 1));
    for (int i = 0; i < 32; i++) {
      versions.add(backend.tables().commit(staged));
    }
    disk.forced().clear();

    backend.tables().force(versions);

    assertThat(disk.forced()).hasSize(66).doesNotHaveDuplicates();
  }

  @Test
  void force_ofAVersionThatAnotherProcessMade_forcesItsFiles() {
    TableVersion version = backend.tables().commit(append(genesis, rows(0, 1)));
    backend.close();
    backend =
        new LanceBackend(
            LanceOptions.at(root), disk, allocator, StorageHooks.NONE, StorageLimits.DEFAULT);
    TableVersion again =
        ((LanceTableStorage) backend.tables()).minted(TABLE, version.ref(), version.facts());
    disk.forced().clear();

    backend.tables().force(List.of(again));

    assertThat(disk.forced())
        .contains(
            home().resolve(TableHomes.manifest(version.ref().storageVersion())),
            home().resolve(TableHomes.transaction(1, version.ref())));
  }

  @Test
  void force_thatFails_isUnavailable() {
    TableVersion version = backend.tables().commit(append(genesis, rows(0, 1)));
    disk.failOn(path -> path.toString().endsWith(".manifest"));

    StorageException failure =
        catchThrowableOfType(
            StorageException.class, () -> backend.tables().force(List.of(version)));

    assertThat(failure.code()).isEqualTo(StorageErrorCode.UNAVAILABLE);
  }

  @Test
  void forceStaged_thatFails_isUnavailable() {
    StagedWrite staged = append(genesis, rows(0, 1));
    disk.failOn(path -> path.toString().endsWith(".lance"));

    StorageException failure =
        catchThrowableOfType(
            StorageException.class, () -> backend.tables().forceStaged(List.of(staged)));

    assertThat(failure.code()).isEqualTo(StorageErrorCode.UNAVAILABLE);
  }

  @Test
  void force_thatFails_endsAllWritingAndIsTold() {
    TableVersion version = backend.tables().commit(append(genesis, rows(0, 1)));
    StagedWrite staged = append(genesis, rows(0, 1));
    backend.metadata().putIfAbsent("db/db/log/1", new byte[1]);
    assertThat(backend.readOnly()).isEmpty();
    disk.failOn(path -> path.toString().endsWith(".manifest"));
    unavailable(() -> backend.tables().force(List.of(version)));
    disk.failOn(path -> false);

    // What the system lost of the files, another force would not tell.
    unavailable(() -> backend.tables().force(List.of(version)));
    unavailable(() -> backend.tables().forceStaged(List.of(staged)));
    unavailable(() -> backend.metadata().putIfAbsent("db/db/log/2", new byte[1]));
    assertThat(backend.metadata().get("db/db/log/1")).isPresent();
    assertThat(backend.readOnly()).get().asString().contains(".manifest");
  }

  @Test
  void force_onAFullDisk_worksAgainWhenThereIsRoom() {
    TableVersion version = backend.tables().commit(append(genesis, rows(0, 1)));
    disk.failOn(path -> path.toString().endsWith(".manifest"), "No space left on device");
    unavailable(() -> backend.tables().force(List.of(version)));
    disk.failOn(path -> false);

    backend.tables().force(List.of(version));

    assertThat(backend.readOnly()).isEmpty();
  }

  @Test
  void force_onAnInterruptedThread_isCarriedOut() {
    TableVersion version = backend.tables().commit(append(genesis, rows(0, 1)));
    disk.forced().clear();
    Thread.currentThread().interrupt();

    backend.tables().force(List.of(version));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(disk.forced()).hasSize(4);
  }

  @Test
  void writes_afterTheRootVanished_areUnavailableAndMakeNothingAnew() throws IOException {
    Path elsewhere = root.resolveSibling("elsewhere");
    StagedWrite staged = append(genesis, rows(0, 1));
    TableSnapshot snapshot = backend.tables().open(TABLE, genesis);
    Files.move(root, elsewhere);
    try {
      unavailable(() -> append(snapshot, rows(0, 1)));
      unavailable(() -> backend.tables().commit(staged));
      unavailable(() -> backend.inlineResidual().createHome(new TableId("db", "u"), SCHEMA));
      assertThat(root).doesNotExist();
    } finally {
      Files.move(elsewhere, root);
    }
    snapshot.close();
    assertThat(commit(staged).facts().rows()).isEqualTo(1);
  }

  @Test
  void createHome_afterACrashBeforeLancesHint_isWholeWithoutIt() throws IOException {
    Files.delete(home().resolve(TableHomes.HINT));
    backend.close();
    backend =
        new LanceBackend(
            LanceOptions.at(root),
            new WatchedDisk(),
            allocator,
            StorageHooks.NONE,
            StorageLimits.DEFAULT);

    VersionRef again = backend.inlineResidual().createHome(TABLE, SCHEMA).ref();
    TableVersion version = commit(append(again, rows(0, 5)));

    assertThat(again).isEqualTo(genesis);
    Set<String> files = on(version.ref(), backend.tables()::files);
    assertThat(files)
        .allMatch(file -> Files.exists(home().resolve(file)))
        .isEqualTo(Set.copyOf(backend.inlineResidual().listFiles(TABLE)));
    assertThat(version.facts().rows()).isEqualTo(5);
  }

  private static void unavailable(ThrowingCallable call) {
    StorageException failure = catchThrowableOfType(StorageException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.code()).as("%s", failure).isEqualTo(StorageErrorCode.UNAVAILABLE);
  }

  private void assertForced(Set<String> files) {
    assertThat(disk.forced())
        .containsAll(files.stream().map(home()::resolve).collect(Collectors.toSet()));
  }

  private TableVersion commit(StagedWrite staged) {
    backend.tables().forceStaged(List.of(staged));
    TableVersion version = backend.tables().commit(staged);
    backend.tables().force(List.of(version));
    return version;
  }

  private StagedWrite append(VersionRef base, List<Map<String, @Nullable Object>> rows) {
    return on(base, s -> append(s, rows));
  }

  private StagedWrite append(TableSnapshot base, List<Map<String, @Nullable Object>> rows) {
    return sourced(SCHEMA, rows, r -> backend.tables().stageAppend(base, r));
  }

  private StagedWrite upsert(
      VersionRef base, List<Map<String, @Nullable Object>> rows, boolean partial) {
    Schema given = partial ? schema(int64("id"), utf8("name")) : SCHEMA;
    return on(
        base,
        s ->
            sourced(
                given,
                rows,
                r ->
                    backend.tables().stageUpsert(s, List.of("id"), r, partial, Cancellation.NONE)));
  }

  private <T> T on(VersionRef ref, Function<TableSnapshot, T> work) {
    try (TableSnapshot snapshot = backend.tables().open(TABLE, ref)) {
      return work.apply(snapshot);
    }
  }

  private <T> T sourced(
      Schema schema, List<Map<String, @Nullable Object>> rows, Function<ArrowReader, T> work) {
    try (ArrowReader source = Rows.reader(allocator, schema, rows)) {
      return work.apply(source);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path home() {
    return root.resolve("db/db/tables/t");
  }

  private static Predicate idIs(long id) {
    return new Predicate.Compare(
        new Operand.Column("id"),
        Predicate.Comparison.EQUAL,
        new Operand.NumberLiteral(BigDecimal.valueOf(id)));
  }

  private static List<Map<String, @Nullable Object>> rows(long from, long to) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long id = from; id < to; id++) {
      rows.add(Rows.row("id", id, "name", "n" + id, "n", id * 2));
    }
    return rows;
  }
}
