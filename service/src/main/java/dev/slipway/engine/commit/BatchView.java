package dev.slipway.engine.commit;

import dev.slipway.engine.log.Pin;
import dev.slipway.engine.state.Branch;
import dev.slipway.engine.state.DatabaseState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.TreePMap;

/**
 * The state as the earlier operations of a batch will leave it. Changed by {@link Validator} while
 * it goes through the batch: an operation touches it only once it is known to fit.
 */
final class BatchView {
  private final DatabaseState state;
  private final Map<String, BranchView> branches;
  private final Set<String> consumed;
  private long revision;

  /** A branch in the view. */
  record BranchView(Branch branch, long head, TreePMap<String, TableView> changed) {
    /** By name in any case: the changed one, or the state's; empty if it was dropped. */
    Optional<TableView> occupant(String name) {
      String key = Branch.key(name);
      TableView view = changed.get(key);
      if (view != null) {
        return view.pin().version() == 0 ? Optional.empty() : Optional.of(view);
      }
      return branch.occupant(name).map(pin -> new TableView(pin, false));
    }

    Optional<TableView> table(String name) {
      return occupant(name).filter(view -> view.pin().name().equals(name));
    }

    Optional<TableView> byId(String id, String likelyName) {
      Optional<TableView> likely =
          occupant(likelyName).filter(view -> view.pin().table().equals(id));
      if (likely.isPresent()) {
        return likely;
      }
      for (TableView view : changed.values()) {
        if (view.pin().table().equals(id) && view.pin().version() > 0) {
          return Optional.of(view);
        }
      }
      return branch
          .tableById(id)
          .filter(pin -> !changed.containsKey(Branch.key(pin.name())))
          .map(pin -> new TableView(pin, false));
    }

    BranchView with(String name, TableView view) {
      return new BranchView(branch, head, changed.plus(Branch.key(name), view));
    }

    BranchView without(String name) {
      Pin gone = new Pin("", name, 0, 0, "", "", 0, List.of(), 0, 0, 0);
      return with(name, new TableView(gone, true));
    }
  }

  BatchView(DatabaseState state) {
    this(state, new HashMap<>(), new HashSet<>(), state.revision());
  }

  private BatchView(
      DatabaseState state, Map<String, BranchView> branches, Set<String> consumed, long revision) {
    this.state = state;
    this.branches = branches;
    this.consumed = consumed;
    this.revision = revision;
  }

  DatabaseState state() {
    return state;
  }

  /** The revision the next entry will have. */
  long next() {
    return revision + 1;
  }

  Optional<BranchView> branch(String name) {
    BranchView seen = branches.get(name);
    return seen != null
        ? Optional.of(seen)
        : state.branch(name).map(b -> new BranchView(b, b.head(), TreePMap.empty()));
  }

  boolean isConsumed(String stagedId) {
    return consumed.contains(stagedId) || state.consumed().containsKey(stagedId);
  }

  /** An operation's commit entry will stand at {@link #next()}. */
  void committed(BranchView after, Iterable<String> stagedIds) {
    long at = next();
    branches.put(after.branch().name(), new BranchView(after.branch(), at, after.changed()));
    stagedIds.forEach(consumed::add);
    revision = at;
  }

  /** Another entry will stand at {@link #next()}. */
  void entered() {
    revision++;
  }
}
