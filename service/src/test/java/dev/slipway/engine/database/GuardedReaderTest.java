package dev.slipway.engine.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;

class GuardedReaderTest {
  /** A reader whose schema can't be read. */
  private static final class Broken extends ArrowReader {
    private boolean closed;

    Broken(BufferAllocator allocator) {
      super(allocator);
    }

    @Override
    public boolean loadNextBatch() {
      return false;
    }

    @Override
    public long bytesRead() {
      return 0;
    }

    @Override
    protected void closeReadSource() {
      closed = true;
    }

    @Override
    protected Schema readSchema() throws IOException {
      throw new IOException("injected: no schema");
    }
  }

  @Test
  void over_aReaderWithoutASchema_closesIt() {
    try (BufferAllocator allocator = new RootAllocator()) {
      Broken reader = new Broken(allocator);

      assertThatThrownBy(() -> GuardedReader.over(reader))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("injected");

      assertThat(reader.closed).isTrue();
    }
  }
}
