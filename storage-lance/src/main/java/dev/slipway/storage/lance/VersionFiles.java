package dev.slipway.storage.lance;

import dev.slipway.storage.VersionRef;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The files of a version, relative to its home. */
final class VersionFiles {
  private final OpenVersions versions;

  VersionFiles(OpenVersions versions) {
    this.versions = versions;
  }

  /**
   * All that reading the version needs. The first version's own files are among them: a home
   * without them isn't a dataset.
   */
  Set<String> of(OpenVersion version) {
    Set<String> files = new LinkedHashSet<>();
    VersionRef genesis = versions.genesis(version.table());
    files.add(TableHomes.manifest(genesis.storageVersion()));
    files.add(TableHomes.transaction(0, genesis));
    files.add(TableHomes.manifest(version.ref().storageVersion()));
    files.add(TableHomes.transaction(version.readVersion(), version.ref()));
    for (StoredFragment fragment : version.fragments()) {
      StagedFiles.addData(fragment, files);
      fragment
          .deletion()
          .ifPresent(deletion -> files.add(TableHomes.deletion(fragment.id(), deletion)));
    }
    return files;
  }

  /** Of its data files; Lance records no others. */
  static Map<String, Long> recordedSizes(List<StoredFragment> fragments) {
    Map<String, Long> sizes = new HashMap<>();
    for (StoredFragment fragment : fragments) {
      for (StoredFile file : fragment.files()) {
        // 0 stands for a size that wasn't recorded.
        if (file.bytes() > 0) {
          sizes.put(TableHomes.data(file), file.bytes());
        }
      }
    }
    return sizes;
  }
}
