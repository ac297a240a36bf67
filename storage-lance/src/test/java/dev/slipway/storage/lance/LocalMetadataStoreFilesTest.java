package dev.slipway.storage.lance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the local store does to files, and what it does when they fail it. */
class LocalMetadataStoreFilesTest {
  private static final byte[] VALUE = "value".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;
  private Path root;
  private final WatchedDisk disk = new WatchedDisk();
  private MetadataStore store;

  @BeforeEach
  void open() throws IOException {
    root = folder.resolve("root");
    store = over(disk);
  }

  @AfterEach
  void close() {
    store.close();
    disk.close();
  }

  @Test
  void putIfAbsent_isForcedWithItsFolders_andLeavesNoTemporaryFile() throws IOException {
    disk.forced().clear();

    assertThat(store.putIfAbsent("db/x/log/1", VALUE)).isTrue();

    assertThat(disk.forced())
        .contains(root, root.resolve("db"), root.resolve("db/x"), root.resolve("db/x/log"))
        .anyMatch(path -> path.startsWith(root.resolve(LocalMetadataStore.TEMPORARY)));
    assertThat(root.resolve("db/x/log/1")).hasBinaryContent(VALUE);
    assertNoTemporaryFiles();
  }

  @Test
  void get_ofAKeySomebodyElseWrote_forcesItsFolderOnce() throws IOException {
    MetadataStore other = over(new DurableFiles(true));
    other.putIfAbsent("db/x/log/1", VALUE);
    disk.forced().clear();

    assertThat(store.get("db/x/log/1")).isPresent();
    assertThat(disk.forced()).containsExactly(root.resolve("db/x/log"));

    disk.forced().clear();
    assertThat(store.get("db/x/log/1")).isPresent();
    assertThat(disk.forced()).isEmpty();
    other.close();
  }

  @Test
  void get_ofAnOwnOrListedKey_forcesNothingMore() {
    store.putIfAbsent("db/x/log/1", VALUE);
    over(new DurableFiles(true)).putIfAbsent("db/x/log/2", VALUE);
    disk.forced().clear();

    assertThat(store.list("db/x/log/", "", 10)).containsExactly("db/x/log/1", "db/x/log/2");
    assertThat(disk.forced()).containsExactly(root.resolve("db/x/log"));
    disk.forced().clear();
    store.get("db/x/log/1");
    store.get("db/x/log/2");

    assertThat(disk.forced()).isEmpty();
  }

  @Test
  void list_calledDurable_onlyWhatWasThereWhenItForced() throws IOException {
    store.putIfAbsent("db/x/log/1", VALUE);
    Path log = root.resolve("db/x/log");
    AtomicInteger forced = new AtomicInteger();
    DurableFiles late =
        new DurableFiles(true) {
          @Override
          void sync(Path path, FileChannel channel) throws IOException {
            super.sync(path, channel);
            if (path.equals(log) && forced.getAndIncrement() == 0) {
              // Somebody links a key right after the folder was forced, and hasn't forced it.
              Files.copy(log.resolve("1"), log.resolve("2"));
            }
          }
        };
    try (MetadataStore other = over(late)) {
      assertThat(other.list("db/x/log/", "", 10)).contains("db/x/log/1");
      assertThat(forced).hasValue(1);

      assertThat(other.get("db/x/log/2")).contains(VALUE);

      assertThat(forced).hasValue(2);
    }
  }

  @Test
  void get_ofAKeySomebodyElseHollowed_forcesItsFolder() {
    store.putIfAbsent("db/x/log/1", VALUE);
    over(new DurableFiles(true)).hollow("db/x/log/1");
    disk.forced().clear();

    assertThat(store.get("db/x/log/1"))
        .contains(MetadataStore.HOLLOW.getBytes(StandardCharsets.UTF_8));
    assertThat(disk.forced()).containsExactly(root.resolve("db/x/log"));
  }

  @Test
  void putIfAbsent_whoseFolderCannotBeForced_isUnknownAndEndsWriting() {
    store.putIfAbsent("log/1", VALUE);
    disk.failOn(root.resolve("log")::equals);

    fails(StorageErrorCode.OUTCOME_UNKNOWN, () -> store.putIfAbsent("log/2", VALUE));

    disk.failOn(path -> false);
    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("log/3", VALUE));
    fails(StorageErrorCode.UNAVAILABLE, () -> store.hollow("log/1"));
    fails(StorageErrorCode.UNAVAILABLE, () -> store.delete("log/1"));
    assertThat(store.get("log/1")).isPresent();
    // The system tells of a failed force once: another would succeed, and prove nothing.
    fails(StorageErrorCode.OUTCOME_UNKNOWN, () -> store.get("log/2"));
    assertThat(store.list("log/", "", 10)).containsExactly("log/1", "log/2");
    fails(StorageErrorCode.OUTCOME_UNKNOWN, () -> store.get("log/2"));
  }

  @Test
  void putIfAbsent_whoseContentsCannotBeForced_writesNothingAndEndsWriting() throws IOException {
    disk.failOn(path -> path.startsWith(root.resolve(LocalMetadataStore.TEMPORARY)));

    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("log/1", VALUE));

    disk.failOn(path -> false);
    assertThat(store.get("log/1")).isEmpty();
    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("log/1", VALUE));
    assertNoTemporaryFiles();
  }

  @Test
  void putIfAbsent_onAFullDisk_worksAgainWhenThereIsRoom() throws IOException {
    disk.failOn(
        path -> path.startsWith(root.resolve(LocalMetadataStore.TEMPORARY)),
        "No space left on device");

    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("log/1", VALUE));

    disk.failOn(path -> false);
    assertThat(store.putIfAbsent("log/1", VALUE)).isTrue();
    assertNoTemporaryFiles();
  }

  @Test
  void get_thatCannotForce_isUnknownFromThenOnAndEndsWriting() {
    over(new DurableFiles(true)).putIfAbsent("log/1", VALUE);
    disk.failOn(root.resolve("log")::equals);

    fails(StorageErrorCode.OUTCOME_UNKNOWN, () -> store.get("log/1"));

    disk.failOn(path -> false);
    fails(StorageErrorCode.OUTCOME_UNKNOWN, () -> store.get("log/1"));
    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("log/2", VALUE));
  }

  @Test
  void calls_afterTheRootVanished_areUnavailable() throws IOException {
    store.putIfAbsent("log/1", VALUE);
    Files.move(root, folder.resolve("elsewhere"));

    fails(StorageErrorCode.UNAVAILABLE, () -> store.get("log/1"));
    fails(StorageErrorCode.UNAVAILABLE, () -> store.list("log/", "", 10));
    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("log/2", VALUE));
    fails(StorageErrorCode.UNAVAILABLE, () -> store.hollow("log/1"));

    Files.move(folder.resolve("elsewhere"), root);
    assertThat(store.get("log/1")).isPresent();
    assertThat(store.putIfAbsent("log/2", VALUE)).isTrue();
  }

  @Test
  void calls_onAnEmptyFolderInTheRootsPlace_areUnavailable() throws IOException {
    store.putIfAbsent("log/1", VALUE);
    Files.move(root, folder.resolve("elsewhere"));
    Files.createDirectory(root);

    fails(StorageErrorCode.UNAVAILABLE, () -> store.get("log/1"));
    fails(StorageErrorCode.UNAVAILABLE, () -> store.list("log/", "", 10));
    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("log/1", VALUE));
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void list_asFoldersComeAndGo_neverGivesOneAsAKey() {
    MetadataStore other = over(new DurableFiles(false));
    MetadataStore lister = over(new DurableFiles(false));
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> busy =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !over.get(); i++) {
                String key = "db/x/staged/" + i % 3 + "/0";
                other.putIfAbsent(key, VALUE);
                other.delete(key);
                // Removes the folder.
                other.list("db/x/staged/", "", 10);
              }
            });
    for (int i = 0; i < 3_000; i++) {
      assertThat(lister.list("db/x/staged/", "", 10)).allMatch(key -> key.endsWith("/0"));
    }
    over.set(true);
    busy.join();
    other.close();
    lister.close();
  }

  @Test
  void list_doesNotEnterTheHomesOfTables() throws IOException {
    Path home = Files.createDirectories(root.resolve("db/x/tables/t/_versions"));
    Files.write(home.resolve("1.manifest"), VALUE);
    store.putIfAbsent("db/x/format.json", VALUE);
    store.putIfAbsent("db/x/log/1", VALUE);

    assertThat(store.list("db/", "", 10)).containsExactly("db/x/format.json", "db/x/log/1");
    assertThat(store.list("db/x/", "", 10)).hasSize(2);
    assertThat(home.resolve("1.manifest")).exists();
  }

  @Test
  void list_removesFoldersLeftEmpty() {
    store.putIfAbsent("db/x/staged/a/1", VALUE);
    store.putIfAbsent("db/x/staged/b/1", VALUE);
    store.delete("db/x/staged/a/1");

    assertThat(store.list("db/x/staged/", "", 10)).containsExactly("db/x/staged/b/1");

    assertThat(root.resolve("db/x/staged/a")).doesNotExist();
    assertThat(store.putIfAbsent("db/x/staged/a/2", VALUE)).isTrue();
  }

  @Test
  void list_ofFoldersLeftEmpty_forcesNoneOfThem() throws IOException {
    store.putIfAbsent("db/x/staged/b/1", VALUE);
    Path empty = Files.createDirectory(root.resolve("db/x/staged/a"));
    Files.createDirectory(root.resolve("db/x/intents"));
    disk.forced().clear();

    assertThat(store.list("db/x/", "", 10)).containsExactly("db/x/staged/b/1");

    assertThat(empty).doesNotExist();
    assertThat(root.resolve("db/x/intents")).isDirectory();
    assertThat(disk.forced())
        .containsExactly(
            root.resolve("db/x"), root.resolve("db/x/staged"), root.resolve("db/x/staged/b"));
  }

  @Test
  void delete_ofTheLastKeyOfAStagedWrite_removesItsFolderAlone() {
    store.putIfAbsent("db/x/staged/a/1", VALUE);
    store.putIfAbsent("db/x/staged/a/2", VALUE);
    store.putIfAbsent("db/x/intents/1", VALUE);

    store.delete("db/x/staged/a/1");
    assertThat(root.resolve("db/x/staged/a")).isDirectory();
    store.delete("db/x/staged/a/2");
    store.delete("db/x/intents/1");

    assertThat(root.resolve("db/x/staged")).isEmptyDirectory();
    // The next commit needs it.
    assertThat(root.resolve("db/x/intents")).isEmptyDirectory();
  }

  @Test
  void putIfAbsent_intoAFolderThatSomebodyElseMade_forcesItsEntryToo() throws IOException {
    store.putIfAbsent("db/x/format.json", VALUE);
    Files.createDirectories(root.resolve("db/x/log"));
    Files.createDirectories(root.resolve("db/x/staged/a"));
    disk.forced().clear();

    store.putIfAbsent("db/x/log/1", VALUE);
    assertThat(disk.forced()).contains(root.resolve("db/x"), root.resolve("db/x/log"));

    disk.forced().clear();
    store.putIfAbsent("db/x/staged/a/1", VALUE);
    assertThat(disk.forced())
        .contains(root.resolve("db/x"), root.resolve("db/x/staged"), root.resolve("db/x/staged/a"));
  }

  @Test
  void putIfAbsent_intoAFolderRemovedAndMadeAnewByOthers_forcesItsEntryAgain() {
    MetadataStore other = over(new DurableFiles(false));
    store.putIfAbsent("db/x/staged/a/1", VALUE);
    other.delete("db/x/staged/a/1");
    other.putIfAbsent("db/x/staged/a/1", VALUE);
    disk.forced().clear();

    store.putIfAbsent("db/x/staged/a/2", VALUE);

    assertThat(disk.forced()).contains(root.resolve("db/x/staged"), root.resolve("db/x/staged/a"));
    other.close();
  }

  @Test
  void read_ofAStagedWriteThatSomebodyElseMade_forcesTheEntryOfItsFolder() {
    MetadataStore other = over(new DurableFiles(false));
    other.putIfAbsent("db/x/staged/a/1", VALUE);
    other.putIfAbsent("db/x/staged/b/1", VALUE);
    disk.forced().clear();

    store.get("db/x/staged/a/1");
    assertThat(disk.forced()).contains(root.resolve("db/x/staged"), root.resolve("db/x/staged/a"));

    disk.forced().clear();
    store.list("db/x/staged/b/", "", 10);
    assertThat(disk.forced()).contains(root.resolve("db/x/staged"), root.resolve("db/x/staged/b"));
    other.close();
  }

  @Test
  void putIfAbsent_whoseFolderAboveCannotBeForced_writesNothingAndEndsWriting() {
    store.putIfAbsent("db/x/format.json", VALUE);
    disk.failOn(root.resolve("db/x")::equals);

    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("db/x/log/1", VALUE));

    disk.failOn(path -> false);
    fails(StorageErrorCode.UNAVAILABLE, () -> store.putIfAbsent("db/x/log/1", VALUE));
    assertThat(store.get("db/x/log/1")).isEmpty();
  }

  @Test
  void open_removesTemporaryFilesOfTheDead_andLeavesThoseInUse() throws IOException {
    Path old = root.resolve(LocalMetadataStore.TEMPORARY).resolve("old");
    Path fresh = root.resolve(LocalMetadataStore.TEMPORARY).resolve("fresh");
    Files.write(old, VALUE);
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(1, ChronoUnit.HOURS)));
    Files.write(fresh, VALUE);

    over(disk).close();

    assertThat(old).doesNotExist();
    assertThat(fresh).exists();
  }

  @Test
  void putIfAbsent_onAnInterruptedThread_isCarriedOut() {
    Thread.currentThread().interrupt();
    boolean created = store.putIfAbsent("log/1", VALUE);
    boolean found = store.get("log/1").isPresent();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(created).isTrue();
    assertThat(found).isTrue();
    assertThat(store.putIfAbsent("log/2", VALUE)).isTrue();
  }

  private MetadataStore over(DurableFiles files) {
    try {
      return new LocalMetadataStore(RootFolder.open(root, files), files);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertNoTemporaryFiles() throws IOException {
    try (Stream<Path> left = Files.list(root.resolve(LocalMetadataStore.TEMPORARY))) {
      assertThat(left).isEmpty();
    }
  }

  private static void fails(StorageErrorCode code, ThrowingCallable call) {
    StorageException failure = catchThrowableOfType(StorageException.class, call);
    assertThat(failure).as("expected a failure with code %s", code).isNotNull();
    assertThat(failure.code()).as("%s", failure).isEqualTo(code);
  }
}
