package dev.slipway.engine.simulation;

/**
 * One database behind the one name that a run is about. What clients ask of it no other may carry
 * out: each has a log, a book and wishes of its own.
 */
record Incarnation(String id, Journal journal, Book book, Wishes wishes) {

  /** Whether its log has its end. */
  boolean isDeleted() {
    return journal.isDeleted();
  }
}
