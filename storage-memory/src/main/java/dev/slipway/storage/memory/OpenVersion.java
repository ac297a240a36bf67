package dev.slipway.storage.memory;

import dev.slipway.storage.SnapshotState;
import java.util.ArrayList;
import java.util.List;

/**
 * A version with its chunks in hand, whatever becomes of their files. Its readers are users too, so
 * a snapshot closed before its reader does no harm.
 */
final class OpenVersion implements SnapshotState {
  private final TableHome home;
  private final Manifest manifest;
  private final MemoryArena arena;
  private final List<Piece> pieces;
  private int users = 1;

  /** A chunk and what of it is deleted. */
  record Piece(Manifest.Part part, Chunk chunk, DeletionSet deletions) {}

  private OpenVersion(TableHome home, Manifest manifest, MemoryArena arena, List<Piece> pieces) {
    this.home = home;
    this.manifest = manifest;
    this.arena = arena;
    this.pieces = pieces;
  }

  /**
   * @throws dev.slipway.storage.StorageException {@code MISSING_FILE}
   */
  static OpenVersion open(TableHome home, Manifest manifest, MemoryArena arena) {
    arena.enter();
    List<Piece> pieces = new ArrayList<>();
    OpenVersion version = new OpenVersion(home, manifest, arena, pieces);
    try {
      for (Manifest.Part part : manifest.parts()) {
        DeletionSet deletions =
            part.deleted().map(deleted -> home.deletions(deleted.set())).orElse(DeletionSet.NONE);
        pieces.add(new Piece(part, home.enterChunk(part.chunk()), deletions));
      }
      return version;
    } catch (RuntimeException e) {
      version.close();
      throw e;
    }
  }

  TableHome home() {
    return home;
  }

  Manifest manifest() {
    return manifest;
  }

  List<Piece> pieces() {
    return pieces;
  }

  synchronized void enter() {
    users++;
  }

  @Override
  public synchronized void close() {
    users--;
    if (users == 0) {
      pieces.forEach(piece -> piece.chunk().leave());
      arena.leave();
    }
  }
}
