package dev.slipway.cli.data;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows of a text file, one after another. Used by one thread. */
interface RecordReader extends Closeable {
  /** The columns a header names, in order; empty if there is no header. */
  List<String> columns();

  /** Whether every value is a {@code String} or null, so that a list, say, is written as text. */
  boolean textual();

  /** Goes to the next row, or says that there is none. */
  boolean next() throws IOException;

  /**
   * The row: {@code String}, {@code Boolean}, {@code Long}, {@code JsonNumber}, {@code List},
   * {@code Map} or null by column.
   */
  Map<String, @Nullable Object> row();

  /** Where the row is: the file and the line. */
  String place();
}
