package dev.slipway.storage.memory;

import java.util.ArrayList;
import java.util.List;

/**
 * Chunks in hand for the length of a block.
 *
 * @param list in the order of the parts
 */
record EnteredChunks(List<Chunk> list) implements AutoCloseable {
  /**
   * @throws dev.slipway.storage.StorageException {@code MISSING_FILE}
   */
  static EnteredChunks of(TableHome home, List<Manifest.Part> parts) {
    EnteredChunks entered = new EnteredChunks(new ArrayList<>());
    try {
      parts.forEach(part -> entered.list.add(home.enterChunk(part.chunk())));
      return entered;
    } catch (RuntimeException e) {
      entered.close();
      throw e;
    }
  }

  @Override
  public void close() {
    list.forEach(Chunk::leave);
  }
}
