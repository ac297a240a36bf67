package dev.slipway.grpc.payload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IpcWriterTest {
  @ParameterizedTest
  @ValueSource(ints = {10, 1_000, 1 << 20})
  void take_inPiecesOfAnySize_concatenatesToAStandardStream(int limit) throws IOException {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(300);
    try (BufferAllocator allocator = new RootAllocator()) {
      ByteString stream = ByteString.EMPTY;
      try (ArrowReader source = Rows.reader(allocator, EveryType.SCHEMA, rows, 100)) {
        IpcWriter writer = new IpcWriter(source.getVectorSchemaRoot().getSchema());
        List<ByteString> pieces = new ArrayList<>();
        while (source.loadNextBatch()) {
          writer.write(source.getVectorSchemaRoot());
          pieces.add(writer.take(limit));
          pieces.add(writer.take(limit));
        }
        writer.end();
        while (writer.pending() > 0) {
          pieces.add(writer.take(limit));
        }
        assertThat(pieces).allMatch(piece -> piece.size() <= limit);
        stream = ByteString.copyFrom(pieces);
      }
      assertThat(Rows.read(new ArrowStreamReader(stream.newInput(), allocator))).isEqualTo(rows);
    }
  }

  @Test
  void schemaOnly_readByArrow_isAWholeStreamWithoutRows() throws IOException {
    ByteString stream = IpcWriter.schemaOnly(EveryType.SCHEMA);

    try (BufferAllocator allocator = new RootAllocator();
        ArrowStreamReader reader = new ArrowStreamReader(stream.newInput(), allocator)) {
      assertThat(reader.getVectorSchemaRoot().getSchema()).isEqualTo(EveryType.SCHEMA);
      assertThat(reader.loadNextBatch()).isFalse();
    }
    assertThat(IpcReader.schemaOf(stream)).isEqualTo(EveryType.SCHEMA);
  }
}
