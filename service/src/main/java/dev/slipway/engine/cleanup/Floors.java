package dev.slipway.engine.cleanup;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.engine.state.DatabaseState;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Where history and staged writes end.
 *
 * @param floor reads below this revision are refused
 * @param stagedFloor what was begun below this revision can't commit any more
 * @param renewed staged writes begun below it that live on
 */
record Floors(long floor, long stagedFloor, Set<String> renewed) {
  /** So that the entry that names them stays small. */
  private static final int MAX_RENEWED = 10_000;

  static Floors of(DatabaseState state) {
    return new Floors(state.floor(), state.stagedFloor(), state.renewed());
  }

  /**
   * The floors that an entry right after {@code state} may have.
   *
   * @param renewed staged writes that were renewed, dead ones too
   */
  static Floors plan(
      DatabaseState state, CleanupPolicy policy, long nowMicros, List<StagedRecord> renewed) {
    Duration age =
        policy.olderThan().compareTo(policy.grace()) > 0 ? policy.olderThan() : policy.grace();
    long byAge =
        age.isZero() ? state.revision() : state.revisionAt(nowMicros - ClockCheck.micros(age));
    long byCount = state.revision() - policy.keepRevisions() + 1;
    long floor = Math.max(state.floor(), Math.min(byAge, byCount));
    // Without grace, whatever began before the entry itself is dead.
    long stagedFloor =
        Math.max(
            state.stagedFloor(),
            policy.grace().isZero()
                ? state.revision() + 1
                : state.revisionAt(nowMicros - ClockCheck.micros(policy.grace())));
    long wanted = stagedFloor;
    List<StagedRecord> live =
        renewed.stream()
            .filter(record -> record.begun() < wanted)
            // Whoever is dead or used up stays so: its use may be forgotten by now.
            .filter(record -> state.stagedLives(record.id(), record.begun()))
            .filter(record -> !state.consumed().containsKey(record.id()))
            .filter(record -> nowMicros <= keptUntil(record, state, policy))
            .sorted(Comparator.comparingLong(StagedRecord::begun).thenComparing(StagedRecord::id))
            .toList();
    if (live.size() > MAX_RENEWED) {
      stagedFloor = Math.max(state.stagedFloor(), live.get(MAX_RENEWED).begun());
      live = live.subList(0, MAX_RENEWED);
    }
    return new Floors(floor, stagedFloor, Set.copyOf(live.stream().map(StagedRecord::id).toList()));
  }

  /** Whoever lived on until now may just be renewed by a server whose clock is behind. */
  private static long keptUntil(StagedRecord record, DatabaseState state, CleanupPolicy policy) {
    long expires = record.expiresAt(state.settings());
    return state.renewed().contains(record.id())
        ? expires + ClockCheck.micros(policy.grace())
        : expires;
  }

  /** Whether what was begun at {@code begun} can still commit. */
  boolean lives(String stagedId, long begun) {
    return begun >= stagedFloor || renewed.contains(stagedId);
  }
}
