package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.StorageException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;

/** What a native scan holds is given back whatever fails. */
class NativeBatchesTest {
  private final AtomicInteger sources = new AtomicInteger();

  private AutoCloseable source() {
    sources.incrementAndGet();
    return sources::decrementAndGet;
  }

  @Test
  void open_thatCannotBeRead_closesTheSource() {
    assertThatThrownBy(
            () ->
                NativeBatches.open(
                    "read",
                    this::source,
                    source -> {
                      throw new IOException("injected");
                    }))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("injected");

    assertThat(sources).hasValue(0);
  }

  @Test
  void close_ofBatchesThatFailToClose_closesTheSource() {
    try (BufferAllocator allocator = new RootAllocator()) {
      NativeBatches batches =
          NativeBatches.open("read", this::source, source -> new FailsToClose(allocator));
      assertThat(sources).hasValue(1);

      assertThatThrownBy(batches::close)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("injected");

      assertThat(sources).hasValue(0);
    }
  }

  private static final class FailsToClose extends ArrowReader {
    FailsToClose(BufferAllocator allocator) {
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
    protected void closeReadSource() throws IOException {
      throw new IOException("injected");
    }

    @Override
    protected Schema readSchema() {
      return schema(int64("id"));
    }
  }
}
