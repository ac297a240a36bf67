package dev.slipway.storage.lance;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a change that was worked out on one version still says of another: a fragment that is the
 * same in both loses the same rows. Only the other fragments need be looked at again, so moving a
 * change costs by what has happened since, not by the size of the table.
 *
 * @param updated the change's result for unchanged fragments that keep some rows
 * @param removed ids of unchanged fragments that the change empties
 * @param others the new base's fragments that must be looked at
 */
record Carried(List<StoredFragment> updated, List<Integer> removed, List<StoredFragment> others) {
  Carried {
    updated = List.copyOf(updated);
    removed = List.copyOf(removed);
    others = List.copyOf(others);
  }

  /** Nothing is known: all fragments must be looked at. */
  static Carried nothing(OpenVersion base) {
    return new Carried(List.of(), List.of(), base.fragments());
  }

  /**
   * @param former the version that the change was worked out on
   * @param base the one it is moved to
   */
  static Carried over(OpenVersion former, OpenVersion base, LanceStagedState change) {
    Set<StoredFragment> before = new HashSet<>(former.fragments());
    List<StoredFragment> others = new ArrayList<>();
    Set<Integer> unchanged = new HashSet<>();
    for (StoredFragment fragment : base.fragments()) {
      // Versions may number their fragments alike: files and deleted rows tell them apart.
      if (before.contains(fragment)) {
        unchanged.add(fragment.id());
      } else {
        others.add(fragment);
      }
    }
    return new Carried(
        change.updated().stream().filter(f -> unchanged.contains(f.id())).toList(),
        change.removed().stream().filter(unchanged::contains).toList(),
        others);
  }
}
