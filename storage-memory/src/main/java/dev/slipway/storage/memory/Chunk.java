package dev.slipway.storage.memory;

import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/**
 * Some rows as Arrow vectors, never changed once made. Counts its users, of which the home is the
 * first; the last one to leave frees the vectors.
 */
final class Chunk implements MemoryFile {
  private final VectorSchemaRoot root;
  private final long bytes;
  private int users = 1;

  Chunk(VectorSchemaRoot root) {
    this.root = root;
    this.bytes = root.getFieldVectors().stream().mapToLong(FieldVector::getBufferSize).sum();
  }

  /** For reading alone. */
  VectorSchemaRoot root() {
    return root;
  }

  int rows() {
    return root.getRowCount();
  }

  @Override
  public long bytes() {
    return bytes;
  }

  /** One more user; false if it is freed already. */
  synchronized boolean enter() {
    if (users == 0) {
      return false;
    }
    users++;
    return true;
  }

  synchronized void leave() {
    users--;
    if (users == 0) {
      root.close();
    }
  }

  @Override
  public void drop() {
    leave();
  }
}
