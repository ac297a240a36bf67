package dev.slipway.cli.data;

import java.nio.file.Path;
import java.util.Locale;

/** Kinds of data files. */
public enum DataFormat {
  /** With a header line, comma-separated. */
  CSV,
  /** One JSON object a line. */
  NDJSON,
  /** Arrow IPC, as a file or as a stream. */
  ARROW;

  /**
   * By the file's name, a {@code .gz} at its end aside.
   *
   * @throws DataException if it tells nothing
   */
  public static DataFormat of(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    String plain = isGzip(file) ? name.substring(0, name.length() - 3) : name;
    if (plain.endsWith(".csv")) {
      return CSV;
    }
    if (plain.endsWith(".ndjson") || plain.endsWith(".jsonl")) {
      return NDJSON;
    }
    if (plain.endsWith(".arrow") || plain.endsWith(".arrows") || plain.endsWith(".ipc")) {
      return ARROW;
    }
    throw new DataException(
        file
            + ": expected a name that ends in .csv, .ndjson, .jsonl, .arrow, .arrows or .ipc"
            + " (and perhaps .gz); or say --format");
  }

  static boolean isGzip(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
  }
}
