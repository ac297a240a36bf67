package dev.slipway.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where a soak's servers keep their data, and what else they write. */
record SoakFolder(Path root) {
  Path data() {
    return root.resolve("data");
  }

  /** Their output and temporary files. */
  Path children() {
    try {
      return Files.createDirectories(root.resolve("children"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Temporary files that servers left behind, by name. */
  List<String> temporary() {
    try (Stream<Path> files = Files.walk(children().resolve("tmp"))) {
      return files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
