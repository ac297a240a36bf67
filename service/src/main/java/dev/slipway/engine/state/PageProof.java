package dev.slipway.engine.state;

import dev.slipway.engine.log.CorruptRecordException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Whether the pages that checkpoints name, and their blocks, are whole. Used by one thread. */
final class PageProof {
  private final PageStore pages;
  private final Map<String, Long> proven;
  private final Consumer<CheckpointStore.Flaw> flaws;

  /**
   * @param proven keys and seals found whole before, with the floor they were read for; those found
   *     whole now are added
   */
  PageProof(PageStore pages, Map<String, Long> proven, Consumer<CheckpointStore.Flaw> flaws) {
    this.pages = pages;
    this.proven = proven;
    this.flaws = flaws;
  }

  /**
   * Reads back what a checkpoint names, past everything that could stand in for it.
   *
   * @param floor blocks below it are forgotten
   */
  void prove(String incarnation, List<Page.Ref> refs, long floor) {
    for (Page.Ref ref : refs) {
      String key = pages.pageKey(ref.first(), ref.last());
      if (proven.getOrDefault(key + ref.checksum(), Long.MAX_VALUE) <= floor) {
        continue;
      }
      try {
        Page page = Page.of(pages.stored(incarnation, ref), ref.checksum(), pages);
        boolean whole = true;
        for (Block block : page.blocks()) {
          if (block.last() >= floor) {
            whole &= prove(block);
          }
        }
        if (whole) {
          proven.merge(key + ref.checksum(), floor, Math::min);
        }
      } catch (CorruptRecordException e) {
        tell(key, e);
      }
    }
  }

  private boolean prove(Block block) {
    String key = pages.blockKey(block.first(), block.last());
    if (proven.containsKey(key + block.checksum())) {
      return true;
    }
    try {
      long held =
          Packed.decisions(Packed.bytes(pages.stored(block).decisions())).stream()
              .filter(d -> d.revision() < block.first() || d.revision() > block.last())
              .count();
      if (held > 0) {
        throw new CorruptRecordException(key, "it holds decisions of other revisions", null);
      }
      proven.put(key + block.checksum(), 0L);
      return true;
    } catch (CorruptRecordException e) {
      tell(key, e);
      return false;
    }
  }

  private void tell(String key, CorruptRecordException why) {
    flaws.accept(
        new CheckpointStore.Flaw(key, pages.isGone(key), String.valueOf(why.getMessage())));
  }
}
