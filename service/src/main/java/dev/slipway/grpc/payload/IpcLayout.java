package dev.slipway.grpc.payload;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * What a record batch says about its body: each number is in its range and each buffer inside the
 * body; whether they fit the columns is checked when they are loaded.
 */
record IpcLayout(int rows, List<Node> nodes, List<Range> buffers, Compression compression) {

  /** One vector: how many values, how many of them null. */
  record Node(int length, int nulls) {}

  /** One buffer's place in the body. */
  record Range(long offset, long length) {}

  enum Compression {
    NONE,
    LZ4,
    ZSTD
  }

  static IpcLayout read(IpcMessages messages, RecordBatch batch, long bodyLength) {
    return messages.decoded(() -> checked(messages, batch, bodyLength));
  }

  private static IpcLayout checked(IpcMessages messages, RecordBatch batch, long bodyLength) {
    if (batch.length() < 0 || batch.length() > Integer.MAX_VALUE - 8) {
      throw messages.invalid("a record batch can't have %d rows", batch.length());
    }
    // Sixteen bytes each in the metadata, which is bounded: a length beyond it fails on reading.
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < batch.nodesLength(); i++) {
      FieldNode node = batch.nodes(i);
      if (node.length() < 0
          || node.length() > Integer.MAX_VALUE - 8
          || node.nullCount() < 0
          || node.nullCount() > node.length()) {
        throw messages.invalid(
            "vector %d can't have %d values, %d of them null", i, node.length(), node.nullCount());
      }
      nodes.add(new Node((int) node.length(), (int) node.nullCount()));
    }
    List<Range> buffers = new ArrayList<>();
    for (int i = 0; i < batch.buffersLength(); i++) {
      Buffer buffer = batch.buffers(i);
      if (buffer.offset() < 0
          || buffer.length() < 0
          || buffer.offset() > bodyLength
          || buffer.length() > bodyLength - buffer.offset()) {
        throw messages.invalid(
            "buffer %d at %d with %d bytes isn't inside the body of %d bytes",
            i, buffer.offset(), buffer.length(), bodyLength);
      }
      buffers.add(new Range(buffer.offset(), buffer.length()));
    }
    if (batch.variadicBufferCountsLength() != 0) {
      throw messages.invalid("view types aren't supported");
    }
    return new IpcLayout((int) batch.length(), nodes, buffers, compression(messages, batch));
  }

  private static Compression compression(IpcMessages messages, RecordBatch batch) {
    BodyCompression compression = batch.compression();
    if (compression == null) {
      return Compression.NONE;
    }
    return switch (compression.codec()) {
      case CompressionType.LZ4_FRAME -> Compression.LZ4;
      case CompressionType.ZSTD -> Compression.ZSTD;
      default ->
          throw messages.invalid(
              "expected compression LZ4_FRAME or ZSTD, found %d", compression.codec());
    };
  }
}
