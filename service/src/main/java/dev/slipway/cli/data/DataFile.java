package dev.slipway.cli.data;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * One file of rows.
 *
 * @param nullTexts texts that stand for null in a CSV file
 */
public record DataFile(Path path, DataFormat format, Set<String> nullTexts) {
  private static final byte[] ARROW_FILE_MAGIC = {'A', 'R', 'R', 'O', 'W', '1'};
  private static final int BUFFER = 1 << 16;

  public DataFile {
    nullTexts = Set.copyOf(nullTexts);
  }

  /** Size on disk. */
  public long size() throws IOException {
    return Files.size(path);
  }

  /**
   * The columns that hold the rows of all files: an Arrow file says them, of text files every row
   * is read.
   *
   * @param files one at least
   * @param consumed is told the bytes read, piece by piece
   */
  public static Schema schema(
      List<DataFile> files, BufferAllocator allocator, LongConsumer consumed) throws IOException {
    boolean textual = files.stream().allMatch(file -> file.format == DataFormat.CSV);
    SchemaGuess guess = new SchemaGuess(textual);
    for (DataFile file : files) {
      if (file.format == DataFormat.ARROW) {
        try (ArrowReader reader = file.arrow(allocator, consumed)) {
          return reader.getVectorSchemaRoot().getSchema();
        }
      }
      try (RecordReader records = file.records(consumed)) {
        guess.columns(records.columns());
        while (records.next()) {
          guess.add(records.row());
        }
      }
    }
    return guess.schema(files.get(0).path);
  }

  /**
   * The rows, in batches of these columns.
   *
   * @param schema ignored for an Arrow file, which has its own
   */
  public ArrowReader open(
      Schema schema, int batchRows, BufferAllocator allocator, LongConsumer consumed)
      throws IOException {
    return format == DataFormat.ARROW
        ? arrow(allocator, consumed)
        : new RecordBatches(allocator, records(consumed), schema, batchRows);
  }

  private RecordReader records(LongConsumer consumed) throws IOException {
    InputStream in = stream(consumed);
    try {
      return format == DataFormat.CSV
          ? new CsvRecords(path, in, nullTexts)
          : new NdjsonRecords(path, in);
    } catch (RuntimeException | IOException e) {
      in.close();
      throw e;
    }
  }

  private ArrowReader arrow(BufferAllocator allocator, LongConsumer consumed) throws IOException {
    if (!DataFormat.isGzip(path) && isArrowFile()) {
      return new ArrowFileReader(
          new CountedChannel(Files.newByteChannel(path), consumed),
          allocator,
          CommonsCompressionFactory.INSTANCE);
    }
    return new ArrowStreamReader(stream(consumed), allocator, CommonsCompressionFactory.INSTANCE);
  }

  private boolean isArrowFile() throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return Arrays.equals(in.readNBytes(ARROW_FILE_MAGIC.length), ARROW_FILE_MAGIC);
    }
  }

  private InputStream stream(LongConsumer consumed) throws IOException {
    InputStream file = new Counted(Files.newInputStream(path), consumed);
    if (!DataFormat.isGzip(path)) {
      return new BufferedInputStream(file, BUFFER);
    }
    try {
      return new BufferedInputStream(new GZIPInputStream(file, BUFFER), BUFFER);
    } catch (IOException e) {
      file.close();
      throw new DataException(path + ": expected a gzip file: " + e.getMessage(), e);
    }
  }

  private static final class Counted extends FilterInputStream {
    private final LongConsumer consumed;

    Counted(InputStream in, LongConsumer consumed) {
      super(in);
      this.consumed = consumed;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      if (read >= 0) {
        consumed.accept(1);
      }
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read > 0) {
        consumed.accept(read);
      }
      return read;
    }
  }
}
