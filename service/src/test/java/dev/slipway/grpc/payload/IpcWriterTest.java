package dev.slipway.grpc.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
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
        List<ByteString> pieces = new ArrayList<>();
        try (IpcWriter writer = new IpcWriter(source.getVectorSchemaRoot().getSchema())) {
          while (source.loadNextBatch()) {
            writer.write(source.getVectorSchemaRoot());
            pieces.add(take(writer, limit));
            pieces.add(take(writer, limit));
          }
          writer.end();
          while (writer.pending() > 0) {
            pieces.add(take(writer, limit));
          }
        }
        assertThat(pieces).allMatch(piece -> piece.size() <= limit);
        stream = ByteString.copyFrom(pieces);
      }
      assertThat(Rows.read(new ArrowStreamReader(stream.newInput(), allocator))).isEqualTo(rows);
    }
  }

  private static ByteString take(IpcWriter writer, int limit) {
    try (IpcPiece piece = writer.take(limit)) {
      ByteString bytes = piece.toByteString();
      assertThat(piece.size()).isEqualTo(bytes.size());
      return bytes;
    }
  }

  @Test
  void take_ofABatch_keepsItsMemoryUntilTheLastPieceIsClosed() {
    try (BufferAllocator allocator = new RootAllocator()) {
      long empty = allocator.getAllocatedMemory();
      VectorSchemaRoot root = Rows.root(allocator, EveryType.SCHEMA, EveryType.rows(300));
      IpcWriter writer = new IpcWriter(EveryType.SCHEMA);
      writer.write(root);
      root.close();
      int half = (int) writer.pending() / 2;
      assertThat(take(writer, half).size()).isEqualTo(half);
      assertThat(allocator.getAllocatedMemory()).isGreaterThan(empty);

      IpcPiece last = writer.take(Integer.MAX_VALUE);
      assertThat(allocator.getAllocatedMemory()).isGreaterThan(empty);
      last.close();

      assertThat(allocator.getAllocatedMemory()).isEqualTo(empty);
      assertThatThrownBy(last::toByteString).isInstanceOf(IllegalStateException.class);
      writer.close();
    }
  }

  @Test
  void close_withBatchesNobodyTook_letsGoOfThem() {
    try (BufferAllocator allocator = new RootAllocator()) {
      IpcWriter writer = new IpcWriter(EveryType.SCHEMA);
      try (VectorSchemaRoot root = Rows.root(allocator, EveryType.SCHEMA, EveryType.rows(9))) {
        writer.write(root);
      }
      assertThat(allocator.getAllocatedMemory()).isPositive();

      writer.close();

      assertThat(allocator.getAllocatedMemory()).isZero();
      assertThat(writer.pending()).isZero();
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
