package dev.slipway.storage.lance;

import java.util.LinkedHashSet;
import java.util.Set;

/** The files written for a staged write, relative to its home. */
final class StagedFiles {
  private StagedFiles() {}

  static Set<String> of(LanceStagedState state) {
    Set<String> files = new LinkedHashSet<>();
    state.added().forEach(fragment -> addData(fragment, files));
    for (StoredFragment fragment : state.updated()) {
      fragment
          .deletion()
          .ifPresent(deletion -> files.add(TableHomes.deletion(fragment.id(), deletion)));
    }
    return files;
  }

  static void addData(StoredFragment fragment, Set<String> files) {
    fragment.files().forEach(file -> files.add(TableHomes.data(file)));
  }
}
