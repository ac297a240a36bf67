package dev.slipway.engine.verify;

import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.Finding;
import dev.slipway.engine.Finding.Kind;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.Folded;
import dev.slipway.engine.state.RefusedEntryException;
import dev.slipway.storage.MetadataStore;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Replays a log that has no checkpoints, the catalog's, from its first record. Where a record can't
 * be followed, those after it are still read, each for itself. Used by one thread, once.
 *
 * @param <S> what the log adds up to
 */
public final class PlainLogCheck<S extends Folded<S>> {
  private static final int PAGE = 1_000;

  private final LogStore log;
  private final Findings findings;
  private final SealedObjects sealed;
  private S state;
  private long records;

  /**
   * @param home of the log
   * @param initial the state before the first record
   */
  public PlainLogCheck(
      MetadataStore store, String home, S initial, VerifyListener listener, CancelSignal cancel) {
    this.log = new LogStore(store, home);
    this.state = initial;
    this.findings = new Findings(listener, cancel);
    this.sealed = new SealedObjects(store, home, findings);
  }

  public VerifySummary verify() {
    TreeSet<Long> unvisited = new TreeSet<>();
    log.forEachRevision(PAGE, unvisited::add);
    long total = unvisited.size();
    while (step(unvisited)) {
      if (++records % PAGE == 0) {
        findings.progress("log", records, total);
      }
    }
    unvisited.forEach(this::readAlone);
    findings.addVerdicts(log);
    sealed.folders();
    findings.progress("log", total, total);
    return new VerifySummary(
        state.revision(),
        records,
        0,
        0,
        0,
        0,
        0,
        0,
        findings.count(Finding.Severity.PROBLEM),
        findings.count(Finding.Severity.NOTICE));
  }

  /** Folds the next record; false at the end, or where the log can't be followed. */
  private boolean step(NavigableSet<Long> unvisited) {
    long next = state.revision() + 1;
    try {
      LogStore.Found found = log.read(next);
      if (found instanceof LogStore.Found.Batch batch) {
        state = state.apply(batch.batch());
        unvisited.remove(next);
        return true;
      }
      Long later = unvisited.higher(next);
      if (found instanceof LogStore.Found.Hollow || later != null) {
        unvisited.remove(next);
        findings.add(
            Kind.MISSING_RECORD,
            next,
            log.key(next),
            found instanceof LogStore.Found.Hollow
                ? "it is hollow, and nothing says what it held"
                : "it is gone: there is a later record, at revision " + later);
      }
    } catch (CorruptRecordException e) {
      unvisited.remove(next);
      findings.corrupt(next, e);
    } catch (RefusedEntryException e) {
      unvisited.remove(next);
      findings.add(Kind.REFUSED_RECORD, next, log.key(next), String.valueOf(e.getMessage()));
    }
    return false;
  }

  private void readAlone(long revision) {
    findings.cancel().check();
    try {
      var unused = log.read(revision);
    } catch (CorruptRecordException e) {
      findings.corrupt(revision, e);
    }
  }
}
