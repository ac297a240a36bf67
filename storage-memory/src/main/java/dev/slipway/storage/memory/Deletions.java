package dev.slipway.storage.memory;

import dev.slipway.storage.memory.MemoryStagedState.Thinned;
import dev.slipway.storage.memory.OpenVersion.Piece;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Collects the rows of a version to delete, and writes the deletion sets. One thread. */
final class Deletions {
  private final OpenVersion base;
  private final Map<Integer, BitSet> byPiece = new TreeMap<>();
  private long rows;

  Deletions(OpenVersion base) {
    this.base = base;
  }

  /** Live rows that weren't added before. */
  void add(int piece, int start, int count) {
    byPiece
        .computeIfAbsent(piece, i -> (BitSet) base.pieces().get(i).deletions().rows().clone())
        .set(start, start + count);
    rows += count;
  }

  long rows() {
    return rows;
  }

  List<Thinned> write(MemoryArena arena) {
    List<Thinned> thinned = new ArrayList<>();
    byPiece.forEach(
        (index, deleted) -> {
          Piece piece = base.pieces().get(index);
          String chunk = piece.part().chunk();
          if (deleted.cardinality() == piece.chunk().rows()) {
            thinned.add(new Thinned(chunk, Optional.empty()));
            return;
          }
          DeletionSet set = new DeletionSet(deleted);
          String name = "_deletions/" + arena.newId() + ".set";
          base.home().add(name, set);
          thinned.add(
              new Thinned(
                  chunk,
                  Optional.of(new Manifest.Deleted(name, deleted.cardinality(), set.bytes()))));
        });
    return thinned;
  }
}
