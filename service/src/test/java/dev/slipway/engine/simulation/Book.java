package dev.slipway.engine.simulation;

import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.matrix.Ledger;
import dev.slipway.engine.matrix.Ledger.Answer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All that clients asked and saw, each with the head of the log before and after. */
final class Book {
  private final Ledger ledger = new Ledger();
  private final Map<String, Asked> asked = new LinkedHashMap<>();
  private final List<Acknowledged> acknowledged = new ArrayList<>();
  private final List<Seen> seen = new ArrayList<>();
  private final List<Told> told = new ArrayList<>();
  private final List<Missed> missed = new ArrayList<>();
  private final List<Expired> expired = new ArrayList<>();
  private final List<Absent> absent = new ArrayList<>();
  private final Set<String> discarded = new HashSet<>();
  private final Set<String> fenced = new HashSet<>();

  /** A request and the head when it was first asked. */
  record Asked(Request request, long before) {}

  /** A commit that a client was told of. */
  record Acknowledged(String request, long revision, long after) {}

  /** A read: of which table, where, and the head before it. */
  record Look(String who, String table, ReadAt.Point at, long before) {}

  /**
   * What a read gave.
   *
   * @param rows those of the table; null if only counted
   */
  record Seen(
      Look look,
      long revision,
      long count,
      @Nullable List<Map<String, @Nullable Object>> rows,
      long after) {}

  /**
   * What a client was told had become of a request.
   *
   * @param underWay whether an intent named the request when it asked
   */
  record Told(String request, Outcome outcome, boolean underWay, long before, long after) {}

  /** A staged write that a client was told isn't there. */
  record Missed(String staged, long after) {}

  /** A read that was refused for its age. */
  record Expired(Look look, long after) {}

  /**
   * A read that found no such table.
   *
   * @param nothing whether it was told that nothing was committed by then
   */
  record Absent(Look look, boolean nothing, long after) {}

  Ledger ledger() {
    return ledger;
  }

  Map<String, Asked> asked() {
    return asked;
  }

  List<Acknowledged> acknowledged() {
    return acknowledged;
  }

  List<Seen> seen() {
    return seen;
  }

  List<Told> told() {
    return told;
  }

  List<Missed> missed() {
    return missed;
  }

  List<Expired> expired() {
    return expired;
  }

  List<Absent> absent() {
    return absent;
  }

  /** Staged writes that somebody tried to discard. */
  Set<String> discarded() {
    return discarded;
  }

  /** Requests that somebody tried to fence off. */
  Set<String> fenced() {
    return fenced;
  }

  void asking(Request request, long head) {
    asked.computeIfAbsent(request.id(), id -> new Asked(request, head));
  }

  void answered(Request request, Answer answer, long head) {
    if (answer instanceof Answer.Acknowledged yes) {
      acknowledged.add(new Acknowledged(request.id(), yes.revision(), head));
    }
  }
}
