package dev.slipway.storage.lance;

import org.lance.fragment.DeletionFile;
import org.lance.fragment.DeletionFileType;

/**
 * The rows of a fragment that are deleted.
 *
 * @param id random, part of the file's name
 * @param readVersion the version it was made on, part of the file's name
 * @param rows how many rows it deletes
 * @param form how the file stores them
 */
record StoredDeletion(long id, long readVersion, long rows, Form form) {
  /** The names are stored in tokens. */
  enum Form {
    ARRAY("arrow"),
    BITMAP("bin");

    private final String suffix;

    Form(String suffix) {
      this.suffix = suffix;
    }
  }

  static StoredDeletion of(DeletionFile file) {
    Long rows = file.getNumDeletedRows();
    return new StoredDeletion(
        file.getId(),
        file.getReadVersion(),
        rows == null ? 0 : rows,
        file.getFileType() == DeletionFileType.BITMAP ? Form.BITMAP : Form.ARRAY);
  }

  DeletionFile toLance() {
    DeletionFileType type = form == Form.BITMAP ? DeletionFileType.BITMAP : DeletionFileType.ARRAY;
    return new DeletionFile(id, readVersion, rows, type, null);
  }

  /** Its name within the home's {@code _deletions} folder. */
  String fileName(int fragment) {
    return fragment
        + "-"
        + Long.toUnsignedString(readVersion)
        + "-"
        + Long.toUnsignedString(id)
        + "."
        + form.suffix;
  }
}
