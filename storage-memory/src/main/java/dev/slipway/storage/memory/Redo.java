package dev.slipway.storage.memory;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.predicate.Predicate;
import java.util.List;
import java.util.Optional;

/** What a staged write needs to be worked out again on another base. */
sealed interface Redo {
  /** It doesn't depend on the base's rows. */
  record AsItIs() implements Redo {}

  /**
   * @param source chunks with the rows as they were given
   * @param partial the rows may lack columns
   */
  record Upsert(List<String> keyColumns, boolean partial, List<Manifest.Part> source)
      implements Redo {
    public Upsert {
      keyColumns = List.copyOf(keyColumns);
      source = List.copyOf(source);
    }
  }

  record Delete(Predicate predicate) implements Redo {}

  record Update(List<Assignment> assignments, Optional<Predicate> predicate) implements Redo {
    public Update {
      assignments = List.copyOf(assignments);
    }
  }
}
