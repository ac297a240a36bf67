package dev.slipway.cli.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.SeekableReadChannel;

/** Arrow IPC that was written by anybody: what can't be read is a {@link DataException}. */
final class ArrowInput {
  private ArrowInput() {}

  static ArrowReader file(Path path, SeekableByteChannel file, BufferAllocator allocator) {
    return new ArrowFileReader(
        new SeekableReadChannel(file), allocator, CommonsCompressionFactory.INSTANCE) {
      @Override
      public void initialize() throws IOException {
        reading(
            path,
            () -> {
              super.initialize();
              return true;
            });
      }

      @Override
      public boolean loadNextBatch() throws IOException {
        return reading(path, super::loadNextBatch);
      }
    };
  }

  static ArrowReader stream(Path path, InputStream in, BufferAllocator allocator) {
    return new ArrowStreamReader(in, allocator, CommonsCompressionFactory.INSTANCE) {
      @Override
      protected void initialize() throws IOException {
        reading(
            path,
            () -> {
              super.initialize();
              return true;
            });
      }

      @Override
      public boolean loadNextBatch() throws IOException {
        return reading(path, super::loadNextBatch);
      }
    };
  }

  private interface Step {
    boolean run() throws IOException;
  }

  /** The reader meets malformed metadata with exceptions of many kinds. */
  private static boolean reading(Path path, Step step) {
    try {
      return step.run();
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new DataException(
          path + ": not readable as Arrow IPC: " + String.valueOf(e.getMessage()), e);
    }
  }
}
