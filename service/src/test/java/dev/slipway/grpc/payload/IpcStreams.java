package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import dev.slipway.storage.testkit.Rows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.compression.CommonsCompressionFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** IPC streams as other people's Arrow writes them, cut into pieces. */
public final class IpcStreams {
  private IpcStreams() {}

  /** All rows in one batch. */
  public static ByteString of(
      BufferAllocator allocator, Schema schema, List<Map<String, @Nullable Object>> rows) {
    return of(allocator, schema, rows, rows.size());
  }

  /** So many rows in a batch. */
  public static ByteString of(
      BufferAllocator allocator,
      Schema schema,
      List<Map<String, @Nullable Object>> rows,
      int batchRows) {
    return ByteString.copyFrom(write(Rows.reader(allocator, schema, rows, batchRows)));
  }

  static byte[] write(ArrowReader batches) {
    return write(batches, CompressionUtil.CodecType.NO_COMPRESSION);
  }

  /** Reads to the end and closes the reader. */
  static byte[] write(ArrowReader batches, CompressionUtil.CodecType codec) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (batches) {
      try (ArrowStreamWriter writer = writer(batches.getVectorSchemaRoot(), null, out, codec)) {
        writer.start();
        while (batches.loadNextBatch()) {
          writer.writeBatch();
        }
        writer.end();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static ArrowStreamWriter writer(
      VectorSchemaRoot root,
      @Nullable DictionaryProvider dictionaries,
      ByteArrayOutputStream out,
      CompressionUtil.CodecType codec) {
    if (codec == CompressionUtil.CodecType.NO_COMPRESSION) {
      return new ArrowStreamWriter(root, dictionaries, Channels.newChannel(out));
    }
    return new ArrowStreamWriter(
        root,
        dictionaries,
        Channels.newChannel(out),
        IpcOption.DEFAULT,
        CommonsCompressionFactory.INSTANCE,
        codec,
        Optional.empty());
  }

  static Pieces<ByteString> pieces(byte[] stream, int size) {
    List<ByteString> pieces = new ArrayList<>();
    for (int from = 0; from < stream.length; from += size) {
      pieces.add(ByteString.copyFrom(stream, from, Math.min(size, stream.length - from)));
    }
    return of(pieces);
  }

  static <T> Pieces<T> of(List<T> pieces) {
    Iterator<T> iterator = pieces.iterator();
    return () -> iterator.hasNext() ? iterator.next() : null;
  }

  /** Reads a stream in its own child allocator, which must be empty afterwards. */
  static List<Map<String, @Nullable Object>> read(
      BufferAllocator allocator, byte[] stream, int pieceSize, PayloadLimits limits) {
    try (BufferAllocator child = allocator.newChildAllocator("upload", 0, limits.memoryBytes());
        ArrowReader reader = new IpcReader(child, pieces(stream, pieceSize), limits)) {
      return Rows.read(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
