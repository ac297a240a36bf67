package dev.slipway.storage.lance;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.predicate.Predicate;
import java.util.List;
import java.util.Optional;

/** What a staged write needs to be worked out again on another version. */
sealed interface Redo {

  /** It is moved as it is. */
  record Nothing() implements Redo {}

  /**
   * @param keys the key columns
   * @param source the uploaded rows, if what was added are rows merged from them and the base's;
   *     without any, what was added are the uploaded rows
   * @param given the columns of {@code source}
   */
  record Upsert(List<String> keys, List<StoredFragment> source, List<String> given)
      implements Redo {
    public Upsert {
      keys = List.copyOf(keys);
      source = List.copyOf(source);
      given = List.copyOf(given);
    }
  }

  record Delete(Predicate predicate) implements Redo {}

  record Update(List<Assignment> assignments, Optional<Predicate> predicate) implements Redo {
    public Update {
      assignments = List.copyOf(assignments);
    }
  }
}
