package dev.slipway.storage.memory;

import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.memory.OpenVersion.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Streams the matching rows of an open version; every batch is a copy of its own. */
final class ScanReader extends ArrowReader {
  /** A batch ends early when it has about so many bytes. */
  private static final long BATCH_BYTES = 32L << 20;

  private final OpenVersion version;
  private final ScanRequest request;
  private final Schema schema;
  private final int[] columns;
  private final MatchingRuns runs;
  private final Gather gather;
  private long toSkip;
  private long toGive;
  private long read;
  private boolean closed;

  /**
   * @param allocator of the batches; not the bounded one, so that a full store can be read
   */
  ScanReader(OpenVersion version, ScanRequest request, BufferAllocator allocator) {
    super(allocator);
    Schema whole = version.manifest().schema();
    List<Field> fields = new ArrayList<>();
    List<String> names =
        request.columns().orElseGet(() -> whole.getFields().stream().map(Field::getName).toList());
    names.forEach(name -> fields.add(whole.findField(name)));
    this.version = version;
    this.request = request;
    this.schema = new Schema(fields, whole.getCustomMetadata());
    this.columns = fields.stream().mapToInt(whole.getFields()::indexOf).toArray();
    this.runs = new MatchingRuns(version, request.filter(), request.cancellation());
    this.gather = new Gather(allocator);
    this.toSkip = request.offset();
    this.toGive = request.limit().orElse(Long.MAX_VALUE);
    version.enter();
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    request.cancellation().check();
    VectorSchemaRoot root = getVectorSchemaRoot();
    root.clear();
    List<List<Segment>> batch = new ArrayList<>();
    for (int i = 0; i < columns.length; i++) {
      batch.add(new ArrayList<>());
    }
    int rows = collect(batch);
    if (rows == 0) {
      return false;
    }
    try {
      for (int i = 0; i < columns.length; i++) {
        gather.fill(root.getVector(i), batch.get(i));
      }
    } catch (OutOfMemoryException e) {
      root.clear();
      throw new StorageException(
          StorageErrorCode.RESOURCE_EXHAUSTED, "no memory left for a batch of the scan", e);
    }
    root.setRowCount(rows);
    return true;
  }

  @Override
  public long bytesRead() {
    return read;
  }

  @Override
  protected void closeReadSource() {
    if (!closed) {
      closed = true;
      version.close();
    }
  }

  @Override
  protected Schema readSchema() {
    return schema;
  }

  private int collect(List<List<Segment>> batch) {
    int rows = 0;
    long bytes = 0;
    while (rows < request.batchRows() && toGive > 0 && bytes < BATCH_BYTES) {
      int wanted = (int) Math.min(request.batchRows() - rows, toGive);
      int max = toSkip > 0 ? (int) Math.min(Integer.MAX_VALUE, toSkip) : wanted;
      if (!runs.next(max)) {
        break;
      }
      if (toSkip > 0) {
        toSkip -= runs.count();
        continue;
      }
      Piece piece = runs.piece();
      for (int i = 0; i < columns.length; i++) {
        batch
            .get(i)
            .add(
                new Segment(
                    piece.chunk().root().getVector(columns[i]), runs.start(), runs.count()));
      }
      rows += runs.count();
      toGive -= runs.count();
      bytes += piece.chunk().bytes() * runs.count() / piece.chunk().rows();
    }
    read += bytes;
    return rows;
  }
}
