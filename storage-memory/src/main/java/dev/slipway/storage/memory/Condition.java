package dev.slipway.storage.memory;

/** A predicate laid on one chunk. */
@FunctionalInterface
interface Condition {
  Condition ALWAYS = row -> Truth.TRUE;

  Truth at(int row);
}
