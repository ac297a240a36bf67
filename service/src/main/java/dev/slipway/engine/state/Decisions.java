package dev.slipway.engine.state;

import dev.slipway.engine.log.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;

/**
 * What is decided, within the idempotency window: by operation id and by request id. Immutable.
 * Decisions are forgotten only once they are older than the window both in time and in revisions;
 * {@link #floor()} is one above the newest forgotten.
 *
 * <p>Those of the checkpoint a state was loaded from stay in their packed form; the ones since then
 * lie over it.
 */
public final class Decisions {
  public static final Decisions NONE = of(DecidedBefore.NONE, 0);

  private final DecidedBefore before;
  private final TreePMap<Long, Decision> byRevision;
  private final HashPMap<String, Decision> byOperation;
  private final HashPMap<String, Decision> byRequest;
  private final long floor;

  private Decisions(
      DecidedBefore before,
      TreePMap<Long, Decision> byRevision,
      HashPMap<String, Decision> byOperation,
      HashPMap<String, Decision> byRequest,
      long floor) {
    this.before = before;
    this.byRevision = byRevision;
    this.byOperation = byOperation;
    this.byRequest = byRequest;
    this.floor = floor;
  }

  /** As a checkpoint has them. */
  static Decisions of(DecidedBefore before, long floor) {
    return new Decisions(
        before, TreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty(), floor);
  }

  public Optional<Decision> operation(String op) {
    Decision since = byOperation.get(op);
    return since != null
        ? Optional.of(since)
        : before.operation(op).filter(decision -> decision.revision() >= floor);
  }

  public Optional<Decision> request(String request) {
    Decision since = byRequest.get(request);
    return since != null
        ? Optional.of(since)
        : before.request(request).filter(decision -> decision.revision() >= floor);
  }

  /** What decides an operation: an entry of its own, or one of its request id. */
  public Optional<Decision> of(String op, @Nullable String request) {
    Optional<Decision> own = operation(op);
    return own.isPresent() || request == null ? own : request(request);
  }

  /** An operation begun below this may have been decided and forgotten. */
  public long floor() {
    return floor;
  }

  /** In order of revision. */
  public List<Decision> all() {
    List<Decision> all = new ArrayList<>(before.from(floor));
    all.addAll(byRevision.values());
    return all;
  }

  Decisions plus(Decision decision) {
    String request = decision.request();
    return new Decisions(
        before,
        byRevision.plus(decision.revision(), decision),
        byOperation.plus(decision.op(), decision),
        request == null ? byRequest : byRequest.plus(request, decision),
        floor);
  }

  Decisions forget(Settings settings, long revision, long time) {
    long oldTime = time - settings.idempotencySeconds() * 1_000_000;
    long oldRevision = revision - settings.idempotencyCommits();
    long newFloor = before.forget(floor, oldRevision, oldTime);
    TreePMap<Long, Decision> revisions = byRevision;
    HashPMap<String, Decision> operations = byOperation;
    HashPMap<String, Decision> requests = byRequest;
    if (before.isBelow(newFloor)) {
      while (!revisions.isEmpty()) {
        Map.Entry<Long, Decision> oldest = revisions.firstEntry();
        Decision decision = oldest.getValue();
        if (decision.time() >= oldTime || decision.revision() >= oldRevision) {
          break;
        }
        revisions = revisions.minus(oldest.getKey());
        operations = operations.minus(decision.op());
        String request = decision.request();
        requests = request == null ? requests : requests.minus(request);
        newFloor = decision.revision() + 1;
      }
    }
    return newFloor == floor
        ? this
        : new Decisions(
            before.isBelow(newFloor) ? DecidedBefore.NONE : before,
            revisions,
            operations,
            requests,
            newFloor);
  }
}
