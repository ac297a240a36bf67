package dev.slipway.engine.recovery;

import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.commit.Intent;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.LiveState;
import dev.slipway.storage.StorageException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resolves intents that a crash left behind, in the order they were begun:
 *
 * <pre>
 * every operation is decided in the log        the intent is deleted
 * something is undecided and still fits        it is completed: ROLLED_FORWARD
 * something is undecided and doesn't fit       it is aborted: ROLLED_BACK
 * begun below the staged or idempotency floor  quarantined and reported; never completed
 * its versions can't be made for now           left, reported, the others go on
 * </pre>
 *
 * <p>Each outcome is a log entry, so two processes may resolve one intent at once, and a slow one
 * that comes back loses to the entry already there. Safe beside live writers.
 */
public final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final IntentStore intents;
  private final LiveState<DatabaseState> live;
  private final Committer committer;
  private final FailureInjector failures;
  private final Map<String, String> quarantined = new ConcurrentSkipListMap<>();
  private final Set<String> seen = new HashSet<>();

  public Recovery(
      IntentStore intents,
      LiveState<DatabaseState> live,
      Committer committer,
      FailureInjector failures) {
    this.intents = intents;
    this.live = live;
    this.committer = committer;
    this.failures = failures;
  }

  /** Intents that can't be resolved: id to why. */
  public Map<String, String> quarantined() {
    return Map.copyOf(quarantined);
  }

  /** Resolves everything but what this process is carrying out. */
  public RecoveryReport recover() {
    return pass(false);
  }

  /** As {@link #recover}, but leaves alone what it sees for the first time: it may be at work. */
  public RecoveryReport backgroundPass() {
    return pass(true);
  }

  private synchronized RecoveryReport pass(boolean onlyKnown) {
    failures.at(FailPoint.RECOVER_BEFORE_READ);
    List<String> ids = intents.ids();
    Set<String> own = committer.ownIntents();
    List<Intent> found = new ArrayList<>();
    Map<String, String> pending = new TreeMap<>();
    for (String id : ids) {
      boolean known = seen.contains(id);
      if (!own.contains(id) && (known || !onlyKnown)) {
        try {
          read(id).ifPresent(found::add);
        } catch (StorageException e) {
          LOG.warn("intent {} can't be read now", id, e);
          pending.put(id, String.valueOf(e.getMessage()));
        }
      }
    }
    seen.clear();
    seen.addAll(ids);
    quarantined.keySet().retainAll(ids);
    found.sort(Comparator.comparingLong(Intent::begun).thenComparing(Intent::id));
    int resolved = 0;
    for (Intent intent : found) {
      try {
        if (resolve(intent, pending)) {
          resolved++;
        }
      } catch (RuntimeException e) {
        LOG.warn("intent {} stays for now", intent.id(), e);
        pending.put(intent.id(), String.valueOf(e.getMessage()));
      }
    }
    return new RecoveryReport(resolved, pending, quarantined());
  }

  private Optional<Intent> read(String id) {
    try {
      return intents.get(id);
    } catch (CorruptRecordException e) {
      quarantine(id, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void quarantine(String id, String why) {
    if (quarantined.put(id, why) == null) {
      LOG.error("intent {} is quarantined: {}", id, why);
    }
  }

  private boolean resolve(Intent intent, Map<String, String> pending) {
    DatabaseState state = live.refresh();
    List<OperationSpec> undecided =
        intent.operations().stream()
            .filter(spec -> state.decisions().of(spec.op(), spec.request()).isEmpty())
            .toList();
    failures.at(FailPoint.RECOVER_AFTER_DECISION);
    if (undecided.isEmpty()) {
      intents.delete(intent.id());
      return true;
    }
    for (OperationSpec spec : undecided) {
      if (isTooOld(spec, state)) {
        quarantine(
            intent.id(),
            "operation "
                + spec.op()
                + " began at revision "
                + spec.begun()
                + ", below "
                + floor(state));
        return false;
      }
    }
    committer.resolve(
        intent, (spec, why) -> pending.put(intent.id(), String.valueOf(why.getMessage())));
    return !pending.containsKey(intent.id());
  }

  /** Whether an undecided operation of an intent can't be completed any more, by anyone. */
  public static boolean isTooOld(OperationSpec operation, DatabaseState state) {
    return operation.begun() < floor(state);
  }

  private static long floor(DatabaseState state) {
    return Math.max(state.stagedFloor(), state.decisions().floor());
  }
}
