package dev.slipway.engine.simulation;

/** One thing a request does, if it commits. */
sealed interface Step {
  record Create(String table) implements Step {}

  record Drop(String table) implements Step {}

  record Rename(String from, String to) implements Step {}

  /**
   * A write to the table that had its name when it was staged, whatever that is called by now.
   *
   * @param staged its id; empty if it is staged within the call
   */
  record Write(Writing writing, String staged) implements Step {}
}
