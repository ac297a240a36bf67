package dev.slipway.storage;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * An upload fitted to a table: the table's fields in the table's order, every batch checked in full
 * before anybody else sees it. Batches pass one at a time and share the upload's buffers; nothing
 * is copied unless the two stand under different root allocators.
 *
 * <p>Closing it leaves the upload's reader open: that is the caller's. All failures are {@link
 * StorageException}, never {@link IOException}. One thread.
 */
final class SourceReader extends ArrowReader {
  private final ArrowReader source;
  private final SourceColumns columns;
  private final List<String> keyColumns;
  private long rows;

  private SourceReader(
      ArrowReader source, SourceColumns columns, List<String> keyColumns, BufferAllocator into) {
    super(into);
    this.source = source;
    this.columns = columns;
    this.keyColumns = keyColumns;
  }

  /**
   * All of the table's columns; nullable ones that the upload lacks are filled with null.
   *
   * @throws StorageException {@code SCHEMA_MISMATCH}, or whatever reading the upload's schema threw
   */
  static ArrowReader full(ArrowReader source, Schema schema, BufferAllocator allocator) {
    Schema uploaded = schemaOf(source);
    SourceColumns columns = SourceColumns.filled(uploaded, schema);
    return new SourceReader(source, columns, List.of(), allocator);
  }

  /**
   * All of the table's columns, or, if {@code partial}, those that the upload has. Rows whose key
   * has a null or NaN are refused.
   *
   * @throws StorageException as {@link #full}
   */
  static ArrowReader keyed(
      ArrowReader source,
      Schema schema,
      List<String> keyColumns,
      boolean partial,
      BufferAllocator allocator) {
    Schema uploaded = schemaOf(source);
    SourceColumns columns =
        partial
            ? SourceColumns.subset(uploaded, schema, keyColumns)
            : SourceColumns.complete(uploaded, schema);
    return new SourceReader(source, columns, keyColumns, allocator);
  }

  /** What a failed read of an upload means to the caller. */
  static StorageException failure(IOException e) {
    if (e.getCause() instanceof StorageException known) {
      return known;
    }
    return unreadable(e);
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    prepareLoadNextBatch();
    VectorSchemaRoot target = getVectorSchemaRoot();
    target.clear();
    VectorSchemaRoot batch = nextOfSource();
    if (batch == null) {
      return false;
    }
    try {
      fit(batch, target);
    } catch (OutOfMemoryException e) {
      throw outOfMemory(e);
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw unreadable(e);
    }
    rows += batch.getRowCount();
    return true;
  }

  @Override
  public long bytesRead() {
    return source.bytesRead();
  }

  @Override
  protected void closeReadSource() {}

  @Override
  protected Schema readSchema() {
    return columns.schema();
  }

  private @Nullable VectorSchemaRoot nextOfSource() {
    try {
      return source.loadNextBatch() ? source.getVectorSchemaRoot() : null;
    } catch (StorageException e) {
      throw e;
    } catch (IOException e) {
      throw failure(e);
    } catch (OutOfMemoryException e) {
      throw outOfMemory(e);
    } catch (RuntimeException | StackOverflowError e) {
      throw unreadable(e);
    }
  }

  private void fit(VectorSchemaRoot batch, VectorSchemaRoot target) {
    int count = batch.getRowCount();
    // First all of them, then the checks: it may write offsets, and the buffers of a damaged
    // upload may overlap.
    batch.getFieldVectors().forEach(SourceReader::settle);
    for (int i = 0; i < columns.size(); i++) {
      FieldVector to = target.getVector(i);
      int position = columns.position(i);
      if (position < 0) {
        to.setInitialCapacity(count);
        to.allocateNew();
        to.setValueCount(count);
      } else {
        VectorCheck.check(to.getName(), batch.getVector(position), count);
        share(batch.getVector(position), to);
        RequiredCheck.check(to, rows);
      }
    }
    target.setRowCount(count);
    for (String key : keyColumns) {
      RequiredCheck.checkKey(target.getVector(key), rows);
    }
  }

  /** Writes what the vector still owes its buffers. */
  private static void settle(FieldVector vector) {
    vector.getFieldBuffers();
    vector.getChildrenFromFields().forEach(SourceReader::settle);
  }

  private void share(FieldVector from, FieldVector to) {
    ArrowFieldNode node = new ArrowFieldNode(from.getValueCount(), from.getNullCount());
    List<ArrowBuf> buffers = from.getFieldBuffers();
    if (from.getAllocator().getRoot() == allocator.getRoot()) {
      to.loadFieldBuffers(node, buffers);
    } else {
      loadCopies(to, node, buffers);
    }
    List<FieldVector> children = from.getChildrenFromFields();
    for (int i = 0; i < children.size(); i++) {
      share(children.get(i), to.getChildrenFromFields().get(i));
    }
  }

  private void loadCopies(FieldVector to, ArrowFieldNode node, List<ArrowBuf> buffers) {
    List<ArrowBuf> copies = new ArrayList<>();
    try {
      for (ArrowBuf buffer : buffers) {
        ArrowBuf copy = allocator.buffer(buffer.capacity());
        copies.add(copy);
        copy.setBytes(0, buffer, 0, buffer.capacity());
        copy.writerIndex(buffer.writerIndex());
      }
      to.loadFieldBuffers(node, copies);
    } finally {
      copies.forEach(ArrowBuf::close);
    }
  }

  private static Schema schemaOf(ArrowReader source) {
    try {
      return source.getVectorSchemaRoot().getSchema();
    } catch (StorageException e) {
      throw e;
    } catch (IOException e) {
      throw failure(e);
    } catch (OutOfMemoryException e) {
      throw outOfMemory(e);
    } catch (RuntimeException | StackOverflowError e) {
      throw unreadable(e);
    }
  }

  private static StorageException unreadable(Throwable e) {
    return new StorageException(
        StorageErrorCode.PAYLOAD_INVALID,
        "the upload isn't valid Arrow data: " + Text.quote(String.valueOf(e.getMessage())),
        e);
  }

  private static StorageException outOfMemory(OutOfMemoryException e) {
    return new StorageException(
        StorageErrorCode.RESOURCE_EXHAUSTED, "no memory left for a batch of the upload", e);
  }
}
