package dev.slipway.storage.lance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  private static final String FILE = "libexample.so";

  @TempDir Path temp;

  @Test
  void shared_askedTwice_isUnpackedOnce() throws IOException {
    Path folder = temp.resolve("native");
    URL library = library("code");

    Path copy = NativeLibrary.shared(folder, library, FILE).orElseThrow();
    FileTime unpacked = Files.getLastModifiedTime(copy);
    Files.setLastModifiedTime(copy, FileTime.from(unpacked.toInstant().minusSeconds(60)));

    assertThat(copy).startsWith(folder).hasFileName(FILE).hasContent("code");
    assertThat(NativeLibrary.shared(folder, library, FILE)).contains(copy);
    assertThat(Files.getLastModifiedTime(copy)).isLessThan(unpacked);
  }

  @Test
  void shared_ofAnotherLibrary_isAnotherCopy() throws IOException {
    Path folder = temp.resolve("native");

    Optional<Path> first = NativeLibrary.shared(folder, library("code"), FILE);
    Optional<Path> second = NativeLibrary.shared(folder, library("longer code"), FILE);

    assertThat(first).isNotEqualTo(second);
    assertThat(second.orElseThrow()).hasContent("longer code");
  }

  @Test
  void shared_aTornCopy_isUnpackedAgain() throws IOException {
    Path folder = temp.resolve("native");
    URL library = library("code");
    Path copy = NativeLibrary.shared(folder, library, FILE).orElseThrow();
    Files.writeString(copy, "co");

    assertThat(NativeLibrary.shared(folder, library, FILE).orElseThrow()).hasContent("code");
  }

  @Test
  void shared_whereAProcessDiedUnpacking_removesWhatItLeft() throws IOException {
    Path folder = temp.resolve("native");
    URL library = library("code");
    Path copy = NativeLibrary.shared(folder, library, FILE).orElseThrow();
    Path old = copy.resolveSibling(FILE + ".1.partial");
    Path current = copy.resolveSibling(FILE + ".2.partial");
    Files.writeString(old, "co");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(1, ChronoUnit.HOURS)));
    Files.writeString(current, "co");
    Files.delete(copy);

    NativeLibrary.shared(folder, library, FILE);

    assertThat(old).doesNotExist();
    assertThat(current).exists();
  }

  @Test
  void shared_folderThatCannotBeMade_isNone() throws IOException {
    Path file = Files.writeString(temp.resolve("file"), "not a folder");

    assertThat(NativeLibrary.shared(file.resolve("native"), library("code"), FILE)).isEmpty();
  }

  @Test
  void lance_isLoadedFromTheConfiguredFolder() throws IOException {
    org.lance.JniLoader.ensureLoaded();

    try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertThat(left).noneMatch(path -> path.toString().contains("lance_jni"));
    }
    try (Stream<Path> shared = Files.walk(NativeLibrary.folder())) {
      assertThat(shared).anyMatch(path -> path.toString().contains("lance_jni"));
    }
  }

  private URL library(String contents) throws IOException {
    Path folder = Files.createTempDirectory(temp, "resources");
    return Files.writeString(folder.resolve(FILE), contents).toUri().toURL();
  }
}
