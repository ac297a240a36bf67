package dev.slipway.storage.lance;

import java.util.Arrays;
import java.util.List;
import org.lance.fragment.DataFile;

/**
 * A data file of a fragment, in our own words: this is what tokens hold.
 *
 * @param path its name within the home's {@code data} folder
 * @param fields field ids of the columns in it
 * @param columns the position in the file of each of them
 * @param major format version of the file
 * @param minor format version of the file
 * @param bytes its size
 */
record StoredFile(
    String path, List<Integer> fields, List<Integer> columns, int major, int minor, long bytes) {
  StoredFile {
    fields = List.copyOf(fields);
    columns = List.copyOf(columns);
  }

  static StoredFile of(DataFile file) {
    Long bytes = file.getFileSizeBytes();
    return new StoredFile(
        file.getPath(),
        boxed(file.getFields()),
        boxed(file.getColumnIndices()),
        file.getFileMajorVersion(),
        file.getFileMinorVersion(),
        bytes == null ? 0 : bytes);
  }

  StoredFile withFields(List<Integer> wanted) {
    return new StoredFile(path, wanted, columns, major, minor, bytes);
  }

  DataFile toLance() {
    return new DataFile(path, unboxed(fields), unboxed(columns), major, minor, bytes, null);
  }

  private static List<Integer> boxed(int[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  private static int[] unboxed(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }
}
