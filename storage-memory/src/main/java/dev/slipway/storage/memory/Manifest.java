package dev.slipway.storage.memory;

import dev.slipway.storage.VersionRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * One immutable version: which chunks it has, in order, and which of their rows are deleted.
 *
 * @param ref its number and transaction
 * @param schema its columns
 * @param parts its chunks by name, in row order
 */
record Manifest(VersionRef ref, Schema schema, List<Part> parts) implements MemoryFile {
  Manifest {
    parts = List.copyOf(parts);
  }

  /** A chunk as one version sees it. */
  record Part(String chunk, int rows, long bytes, Optional<Deleted> deleted) {
    long liveRows() {
      return (long) rows - deleted.map(Deleted::rows).orElse(0);
    }
  }

  /** A deletion set by name. */
  record Deleted(String set, int rows, long bytes) {}

  static String name(long storageVersion) {
    return "_versions/" + storageVersion;
  }

  long rows() {
    return parts.stream().mapToLong(Part::liveRows).sum();
  }

  long dataBytes() {
    return parts.stream()
        .mapToLong(part -> part.bytes() + part.deleted().map(Deleted::bytes).orElse(0L))
        .sum();
  }

  /** Every file it needs, itself included. */
  Set<String> files() {
    Set<String> files = new TreeSet<>();
    files.add(name(ref.storageVersion()));
    for (Part part : parts) {
      files.add(part.chunk());
      part.deleted().ifPresent(deleted -> files.add(deleted.set()));
    }
    return files;
  }

  /** Of every file it needs but itself. */
  Map<String, Long> sizes() {
    Map<String, Long> sizes = new TreeMap<>();
    for (Part part : parts) {
      sizes.put(part.chunk(), part.bytes());
      part.deleted().ifPresent(deleted -> sizes.put(deleted.set(), deleted.bytes()));
    }
    return sizes;
  }

  @Override
  public long bytes() {
    return 64L + 64L * parts.size();
  }
}
