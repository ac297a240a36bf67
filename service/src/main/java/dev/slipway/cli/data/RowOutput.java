package dev.slipway.cli.data;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Writes rows as a file of one kind. Used by one thread; closes what it writes to. */
public interface RowOutput extends AutoCloseable {

  /** Writes one batch: what the reader's root holds. */
  void write(ArrowReader batches) throws IOException;

  @Override
  void close() throws IOException;

  /**
   * Begins a file. A CSV file gets its header, an Arrow stream its schema, also if no row follows.
   *
   * @param batches the batches that will be written
   */
  static RowOutput to(OutputStream out, DataFormat format, ArrowReader batches) throws IOException {
    return switch (format) {
      case CSV -> new CsvOutput(out, batches);
      case NDJSON -> new NdjsonOutput(out);
      case ARROW -> new ArrowOutput(out, batches);
    };
  }
}
