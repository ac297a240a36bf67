package dev.slipway.storage;

import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;

/** Fits an upload to a table. PLACEHOLDER. */
final class SourceReader {
  private SourceReader() {}

  static ArrowReader full(ArrowReader source, Schema schema, BufferAllocator allocator) {
    return source;
  }

  static ArrowReader keyed(
      ArrowReader source,
      Schema schema,
      List<String> keyColumns,
      boolean partial,
      BufferAllocator allocator) {
    return source;
  }

  static StorageException failure(IOException e) {
    return new StorageException(
        StorageErrorCode.PAYLOAD_INVALID, String.valueOf(e.getMessage()), e);
  }
}
