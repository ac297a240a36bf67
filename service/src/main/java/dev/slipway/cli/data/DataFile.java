package dev.slipway.cli.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * One file of rows.
 *
 * @param nullTexts texts that stand for null in a CSV file
 */
public record DataFile(Path path, DataFormat format, Set<String> nullTexts) {
  private static final int BUFFER = 1 << 16;

  /** Deflate makes nothing more than this many times smaller. */
  private static final long MOST_DEFLATED = 1_032;

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
    SchemaGuess guess = new SchemaGuess();
    for (DataFile file : files) {
      if (file.format == DataFormat.ARROW) {
        try (ArrowReader reader = file.arrow(allocator, consumed)) {
          return reader.getVectorSchemaRoot().getSchema();
        }
      }
      try (RecordReader records = file.records(consumed)) {
        guess.columns(records.columns());
        while (records.next()) {
          guess.add(records);
        }
      }
    }
    return guess.schema(files.get(0).path);
  }

  /**
   * The names of the columns that the file has values for: those of a CSV file's first line or of
   * an Arrow file, and those that any row of an NDJSON file names.
   *
   * @param consumed is told the bytes read, piece by piece
   */
  public Set<String> columns(BufferAllocator allocator, LongConsumer consumed) throws IOException {
    if (format == DataFormat.ARROW) {
      try (ArrowReader reader = arrow(allocator, consumed)) {
        return reader.getVectorSchemaRoot().getSchema().getFields().stream()
            .map(Field::getName)
            .collect(Collectors.toSet());
      }
    }
    try (RecordReader records = records(consumed)) {
      Set<String> names = new HashSet<>(records.columns());
      boolean named = !names.isEmpty();
      while (!named && records.next()) {
        names.addAll(records.row().keySet());
      }
      return names;
    }
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
    if (!DataFormat.isGzip(path) && IpcFooter.isArrowFile(path)) {
      IpcFooter.check(path);
      return ArrowInput.file(
          path, new CountedChannel(Files.newByteChannel(path), consumed), allocator);
    }
    long size = DataFormat.isGzip(path) ? Math.multiplyExact(size(), MOST_DEFLATED) : size();
    return ArrowInput.stream(path, new IpcFrames(path, stream(consumed), size), allocator);
  }

  private InputStream stream(LongConsumer consumed) throws IOException {
    InputStream file = new Counted(Files.newInputStream(path), consumed);
    if (!DataFormat.isGzip(path)) {
      return new BufferedInputStream(file, BUFFER);
    }
    try {
      return new BufferedInputStream(new Unzipped(path, file), BUFFER);
    } catch (ZipException | EOFException e) {
      file.close();
      throw notGzip(path, e);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static DataException notGzip(Path path, IOException cause) {
    return new DataException(path + ": expected a gzip file: " + cause.getMessage(), cause);
  }

  private static final class Unzipped extends GZIPInputStream {
    private final Path path;

    Unzipped(Path path, InputStream file) throws IOException {
      super(file, BUFFER);
      this.path = path;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (ZipException | EOFException e) {
        throw notGzip(path, e);
      }
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
