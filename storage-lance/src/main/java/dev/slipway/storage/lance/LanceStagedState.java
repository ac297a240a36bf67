package dev.slipway.storage.lance;

import dev.slipway.storage.StagedState;
import java.util.List;

/**
 * What a staged write does to its base: plain data.
 *
 * @param added fragments to add, as written: without ids, fields numbered in preorder from 0
 * @param updated fragments of the base with more of their rows deleted
 * @param removed ids of fragments of the base of which nothing is left
 * @param bytesGrown size of the new version's files less the base's; for an overwrite, less nothing
 * @param redo how to work it out again on another base
 */
record LanceStagedState(
    List<StoredFragment> added,
    List<StoredFragment> updated,
    List<Integer> removed,
    long bytesGrown,
    Redo redo)
    implements StagedState {
  LanceStagedState {
    added = List.copyOf(added);
    updated = List.copyOf(updated);
    removed = List.copyOf(removed);
  }

  static LanceStagedState adding(FragmentWriter.Written written) {
    return new LanceStagedState(
        written.fragments(), List.of(), List.of(), written.bytes(), new Redo.Nothing());
  }
}
