package dev.slipway.storage.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Writes rows into new chunks of a home. Small batches are gathered into one chunk. What it wrote
 * is deleted again unless it is kept. One thread.
 */
final class ChunkWriter implements AutoCloseable {
  private static final int CHUNK_ROWS = 65_536;
  private static final long CHUNK_BYTES = 16L << 20;

  private final TableHome home;
  private final MemoryArena arena;
  private final Schema schema;
  private final String suffix;
  private final Gather gather;
  private final List<Manifest.Part> written = new ArrayList<>();
  private final List<VectorSchemaRoot> pending = new ArrayList<>();
  private long pendingRows;
  private long pendingBytes;
  private boolean kept;

  /**
   * @param suffix ends the names of its files
   */
  ChunkWriter(TableHome home, MemoryArena arena, Schema schema, String suffix) {
    this.home = home;
    this.arena = arena;
    this.schema = schema;
    this.suffix = suffix;
    this.gather = new Gather(arena.allocator());
  }

  /** Adds all rows of a batch with the same columns. */
  void append(VectorSchemaRoot batch) {
    for (int start = 0; start < batch.getRowCount(); start += CHUNK_ROWS) {
      int first = start;
      int count = Math.min(CHUNK_ROWS, batch.getRowCount() - start);
      append(
          batch.getFieldVectors().stream()
              .map(vector -> List.of(new Segment(vector, first, count)))
              .toList());
    }
  }

  /** Adds rows whose values are gathered column by column; all columns have the same length. */
  void append(List<List<Segment>> columns) {
    int rows = Segment.rows(columns.get(0));
    if (rows == 0) {
      return;
    }
    VectorSchemaRoot copy = gathered(columns, rows);
    pending.add(copy);
    pendingRows += rows;
    pendingBytes += copy.getFieldVectors().stream().mapToLong(FieldVector::getBufferSize).sum();
    if (pendingRows >= CHUNK_ROWS || pendingBytes >= CHUNK_BYTES) {
      seal();
    }
  }

  /** The chunks with all rows so far; they stay only if {@link #keep} is called. */
  List<Manifest.Part> written() {
    seal();
    return List.copyOf(written);
  }

  void keep() {
    kept = true;
  }

  @Override
  public void close() {
    pending.forEach(VectorSchemaRoot::close);
    pending.clear();
    if (!kept) {
      home.delete(written.stream().map(Manifest.Part::chunk).toList());
    }
  }

  private void seal() {
    if (pending.isEmpty()) {
      return;
    }
    VectorSchemaRoot whole = pending.size() == 1 ? pending.get(0) : merged();
    Chunk chunk = new Chunk(whole);
    if (pending.size() > 1) {
      pending.forEach(VectorSchemaRoot::close);
    }
    pending.clear();
    pendingRows = 0;
    pendingBytes = 0;
    String name = "data/" + arena.newId() + suffix;
    home.add(name, chunk);
    written.add(new Manifest.Part(name, chunk.rows(), chunk.bytes(), Optional.empty()));
  }

  private VectorSchemaRoot merged() {
    List<List<Segment>> columns = new ArrayList<>();
    for (int i = 0; i < schema.getFields().size(); i++) {
      int column = i;
      columns.add(
          pending.stream()
              .map(root -> new Segment(root.getVector(column), 0, root.getRowCount()))
              .toList());
    }
    return gathered(columns, (int) pendingRows);
  }

  private VectorSchemaRoot gathered(List<List<Segment>> columns, int rows) {
    VectorSchemaRoot root = VectorSchemaRoot.create(schema, arena.allocator());
    try {
      for (int i = 0; i < columns.size(); i++) {
        gather.fill(root.getVector(i), columns.get(i));
      }
      root.setRowCount(rows);
      return root;
    } catch (RuntimeException e) {
      root.close();
      throw e;
    }
  }
}
