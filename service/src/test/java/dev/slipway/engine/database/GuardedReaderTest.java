package dev.slipway.engine.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.testkit.BatchReader;
import dev.slipway.storage.testkit.Columns;
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

      assertThatThrownBy(() -> GuardedReader.over(reader, failure -> failure))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("injected");

      assertThat(reader.closed).isTrue();
    }
  }

  @Test
  void loadNextBatch_ofAReaderThatFails_throwsWhatTheFailureMeans() throws IOException {
    try (BufferAllocator allocator = new RootAllocator()) {
      Schema schema = Columns.schema(Columns.int64("id"));
      ArrowReader failing =
          new BatchReader(
              allocator,
              schema,
              1,
              (root, batch) -> {
                throw StorageException.of(StorageErrorCode.MISSING_FILE, "injected");
              });
      SlipwayException meaning = SlipwayException.of(ErrorReason.REVISION_EXPIRED, "expired");

      try (failing) {
        GuardedReader reader =
            GuardedReader.over(
                failing,
                failure ->
                    failure.reason() == ErrorReason.MISSING_FILE
                        ? meaning.causedBy(failure)
                        : failure);
        assertThatThrownBy(reader::loadNextBatch)
            .isInstanceOfSatisfying(
                SlipwayException.class,
                e -> assertThat(e.reason()).isEqualTo(ErrorReason.REVISION_EXPIRED));
      }
    }
  }
}
