package dev.slipway.engine;

import java.util.Map;
import java.util.Optional;

/** What a write does. Filters and values are text in the filter language. */
public sealed interface WriteOperation {

  /**
   * @param unique refuse rows whose key is there already
   */
  record Append(boolean unique) implements WriteOperation {}

  record Overwrite() implements WriteOperation {}

  /**
   * @param partial the data may leave out nullable columns
   */
  record Upsert(boolean partial) implements WriteOperation {}

  /**
   * @param filter empty: all rows (the endpoint has made sure that is meant)
   */
  record Delete(Optional<String> filter) implements WriteOperation {}

  /**
   * @param set column to literal or column, at least one
   * @param filter empty: all rows (the endpoint has made sure that is meant)
   */
  record Update(Map<String, String> set, Optional<String> filter) implements WriteOperation {
    public Update {
      set = Map.copyOf(set);
    }
  }

  /** Whether the operation takes rows. */
  default boolean takesData() {
    return !(this instanceof Delete || this instanceof Update);
  }
}
