package dev.slipway.engine.fault;

import java.util.function.Predicate;

/**
 * A call of a metadata store.
 *
 * @param key the key, or the prefix of a listing
 */
public record StoreCall(Kind kind, String key) {
  /** The store's operations. */
  public enum Kind {
    PUT,
    GET,
    LIST,
    HOLLOW,
    DELETE;

    public boolean changes() {
      return this == PUT || this == HOLLOW || this == DELETE;
    }
  }

  /** Calls of a kind whose key has {@code part} in it: {@code /log/}, {@code /intents/}. */
  public static Predicate<StoreCall> of(Kind kind, String part) {
    return call -> call.kind == kind && call.key.contains(part);
  }

  public static Predicate<StoreCall> any() {
    return call -> true;
  }

  public static Predicate<StoreCall> anyChange() {
    return call -> call.kind.changes();
  }
}
