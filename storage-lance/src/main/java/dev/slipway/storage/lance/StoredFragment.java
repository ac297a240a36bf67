package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lance.FragmentMetadata;

/**
 * A piece of a table, in our own words: this is what tokens hold.
 *
 * @param id its number in the version; 0 for one that no version has yet
 * @param physicalRows rows in its files, deleted ones too
 * @param files its data files
 * @param deletion which of its rows are deleted
 */
record StoredFragment(
    int id, long physicalRows, List<StoredFile> files, Optional<StoredDeletion> deletion) {
  StoredFragment {
    files = List.copyOf(files);
  }

  static StoredFragment of(FragmentMetadata metadata) {
    if (metadata.getRowIdMeta() != null) {
      // Stable row ids give wrong rows on sibling versions; homes are made without them.
      throw StorageException.of(
          StorageErrorCode.CORRUPT, "fragment %d has stable row ids", metadata.getId());
    }
    return new StoredFragment(
        metadata.getId(),
        metadata.getPhysicalRows(),
        metadata.getFiles().stream().map(StoredFile::of).toList(),
        Optional.ofNullable(metadata.getDeletionFile()).map(StoredDeletion::of));
  }

  static List<FragmentMetadata> toLance(List<StoredFragment> fragments) {
    return fragments.stream().map(StoredFragment::toLance).toList();
  }

  FragmentMetadata toLance() {
    return new FragmentMetadata(
        id,
        files.stream().map(StoredFile::toLance).toList(),
        physicalRows,
        deletion.map(StoredDeletion::toLance).orElse(null),
        null);
  }

  long rows() {
    return physicalRows - deletion.map(StoredDeletion::rows).orElse(0L);
  }

  long dataBytes() {
    return files.stream().mapToLong(StoredFile::bytes).sum();
  }

  /**
   * Gives freshly written files, whose fields are numbered in preorder from 0, the field ids of the
   * version they will belong to.
   *
   * @param preorder the version's field ids in preorder
   */
  StoredFragment withFieldIds(List<Integer> preorder) {
    List<StoredFile> mapped = new ArrayList<>();
    for (StoredFile file : files) {
      mapped.add(file.withFields(file.fields().stream().map(preorder::get).toList()));
    }
    return new StoredFragment(id, physicalRows, mapped, deletion);
  }
}
