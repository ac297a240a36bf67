package dev.slipway.storage.memory;

/** What a table's home holds under a name: a chunk, a deletion set, a manifest. Immutable. */
sealed interface MemoryFile permits Chunk, DeletionSet, Manifest {
  /** Size in bytes, as if it were stored. */
  long bytes();

  /** The home no longer holds it. */
  default void drop() {}
}
