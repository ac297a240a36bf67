package dev.slipway.storage.memory;

import dev.slipway.storage.StagedState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a staged write does to its base: chunks by name, no rows.
 *
 * @param added chunks to add
 * @param thinned chunks of the base of which more rows are deleted
 * @param redo how to work it out on another base
 */
record MemoryStagedState(List<Manifest.Part> added, List<Thinned> thinned, Redo redo)
    implements StagedState {
  MemoryStagedState {
    added = List.copyOf(added);
    thinned = List.copyOf(thinned);
  }

  /**
   * @param deleted all of the chunk's deleted rows, old and new; empty if none is left
   */
  record Thinned(String chunk, Optional<Manifest.Deleted> deleted) {}

  long rowsAdded() {
    return added.stream().mapToLong(Manifest.Part::rows).sum();
  }

  long bytes() {
    return added.stream().mapToLong(Manifest.Part::bytes).sum()
        + thinned.stream()
            .mapToLong(t -> t.deleted().map(Manifest.Deleted::bytes).orElse(0L))
            .sum();
  }

  /** The files that a version made from it refers to. */
  List<String> committedFiles() {
    List<String> files = new ArrayList<>();
    added.forEach(part -> files.add(part.chunk()));
    thinned.forEach(t -> t.deleted().ifPresent(deleted -> files.add(deleted.set())));
    return files;
  }

  /** All files written for it. */
  Set<String> files() {
    Set<String> files = new TreeSet<>(committedFiles());
    data().forEach(part -> files.add(part.chunk()));
    return files;
  }

  /** Chunks that were written for it: to be added, and those it can be worked out from anew. */
  List<Manifest.Part> data() {
    List<Manifest.Part> parts = new ArrayList<>(added);
    if (redo instanceof Redo.Upsert upsert) {
      parts.addAll(upsert.source());
    }
    return parts;
  }

  /** Of all its files. */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new TreeMap<>();
    data().forEach(part -> sizes.put(part.chunk(), part.bytes()));
    thinned.forEach(
        t -> t.deleted().ifPresent(deleted -> sizes.put(deleted.set(), deleted.bytes())));
    return sizes;
  }
}
