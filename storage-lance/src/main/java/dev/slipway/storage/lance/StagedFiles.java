package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The files written for a staged write, relative to its home. */
final class StagedFiles {
  private StagedFiles() {}

  /** Forces files and their folders, each folder once. */
  static void force(Map<Path, Set<String>> filesByHome, DurableFiles disk) {
    Set<Path> paths = new LinkedHashSet<>();
    Set<Path> folders = new LinkedHashSet<>();
    filesByHome.forEach(
        (home, files) -> {
          for (String file : files) {
            Path path = home.resolve(file);
            paths.add(path);
            folders.add(Objects.requireNonNull(path.getParent()));
          }
        });
    paths.addAll(folders);
    try {
      disk.forceAll(paths);
    } catch (IOException e) {
      throw LanceErrors.translate("force the files of staged writes to disk", e);
    }
  }

  static Set<String> of(LanceStagedState state) {
    Set<String> files = new LinkedHashSet<>();
    data(state).forEach(fragment -> addData(fragment, files));
    for (StoredFragment fragment : state.updated()) {
      fragment
          .deletion()
          .ifPresent(deletion -> files.add(TableHomes.deletion(fragment.id(), deletion)));
    }
    return files;
  }

  /** Fragments that were written for it: to be added, and those it can be worked out from anew. */
  static List<StoredFragment> data(LanceStagedState state) {
    List<StoredFragment> fragments = new ArrayList<>(state.added());
    if (state.redo() instanceof Redo.Upsert upsert) {
      fragments.addAll(upsert.source());
    }
    return fragments;
  }

  static Map<String, Long> recordedSizes(LanceStagedState state) {
    return VersionFiles.recordedSizes(data(state));
  }

  /**
   * @throws StorageException {@code MISSING_FILE} if any of them is gone
   */
  static void require(TableId table, Set<String> files, Path home) {
    List<String> missing = new ArrayList<>();
    for (String file : files) {
      if (!Files.exists(home.resolve(file))) {
        missing.add(file);
      }
    }
    if (!missing.isEmpty()) {
      throw StorageException.of(
              StorageErrorCode.MISSING_FILE,
              "%d of the staged write's %d files are gone from table %s, the first is %s",
              missing.size(),
              files.size(),
              table,
              missing.get(0))
          .with(StorageException.Detail.RESOURCE, missing.get(0));
    }
  }

  static void addData(StoredFragment fragment, Set<String> files) {
    fragment.files().forEach(file -> files.add(TableHomes.data(file)));
  }
}
