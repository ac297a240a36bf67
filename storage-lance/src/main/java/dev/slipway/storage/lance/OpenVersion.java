package dev.slipway.storage.lance;

import dev.slipway.storage.TableId;
import dev.slipway.storage.VersionRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.lance.Dataset;
import org.lance.Fragment;
import org.lance.ManifestSummary;
import org.lance.Transaction;
import org.lance.schema.LanceField;

/**
 * One version, open: the native handle, and what has been asked of it already. Shared by all who
 * use the version; {@link OpenVersions} counts them and closes it.
 */
final class OpenVersion {
  private final TableId table;
  private final VersionRef ref;
  private final Dataset dataset;
  private final Schema schema;
  private volatile @Nullable List<Integer> fieldIds;
  private volatile @Nullable List<StoredFragment> fragments;
  private volatile @Nullable Size size;

  /** Used by {@link OpenVersions}, under its lock. */
  int users;

  /**
   * Rows and bytes of a version.
   *
   * @param rows live rows
   * @param bytes of data and deletion files
   */
  record Size(long rows, long bytes) {}

  OpenVersion(TableId table, VersionRef ref, Dataset dataset, Schema schema) {
    this.table = table;
    this.ref = ref;
    this.dataset = dataset;
    this.schema = schema;
  }

  TableId table() {
    return table;
  }

  VersionRef ref() {
    return ref;
  }

  Dataset dataset() {
    return dataset;
  }

  Schema schema() {
    return schema;
  }

  /** The version's field ids in preorder. */
  List<Integer> fieldIds() {
    List<Integer> known = fieldIds;
    if (known == null) {
      List<Integer> found = new ArrayList<>();
      LanceErrors.run("read the schema of " + table, () -> dataset.getLanceSchema())
          .fields()
          .forEach(field -> collectIds(field, found));
      known = List.copyOf(found);
      fieldIds = known;
    }
    return known;
  }

  List<StoredFragment> fragments() {
    List<StoredFragment> known = fragments;
    if (known == null) {
      known =
          LanceErrors.run("list the fragments of " + table, () -> dataset.getFragments()).stream()
              .map(Fragment::metadata)
              .map(StoredFragment::of)
              .toList();
      fragments = known;
    }
    return known;
  }

  Size size(Path home) throws IOException {
    Size known = size;
    if (known == null) {
      ManifestSummary summary =
          LanceErrors.run(
              "read the manifest of " + table, () -> dataset.getVersion().getManifestSummary());
      long bytes = summary.getTotalFilesSize();
      if (summary.getTotalDeletionFiles() > 0) {
        for (StoredFragment fragment : fragments()) {
          Optional<StoredDeletion> deletion = fragment.deletion();
          if (deletion.isPresent()) {
            bytes += Files.size(home.resolve(TableHomes.deletion(fragment.id(), deletion.get())));
          }
        }
      }
      known = new Size(summary.getTotalRows(), bytes);
      size = known;
    }
    return known;
  }

  /** The version that this one was made on. */
  long readVersion() {
    try (Transaction transaction =
        LanceErrors.run("read the transaction of " + table, dataset::readTransaction)
            .orElseThrow()) {
      return transaction.readVersion();
    }
  }

  /** What the one who made this version knows of it already. */
  OpenVersion knowing(Size itsSize, Optional<List<Integer>> itsFieldIds) {
    size = itsSize;
    itsFieldIds.ifPresent(ids -> fieldIds = ids);
    return this;
  }

  /** The field ids, if somebody has asked for them. */
  Optional<List<Integer>> knownFieldIds() {
    return Optional.ofNullable(fieldIds);
  }

  void close() {
    dataset.close();
  }

  private static void collectIds(LanceField field, List<Integer> into) {
    into.add(field.getId());
    field.getChildren().forEach(child -> collectIds(child, into));
  }
}
