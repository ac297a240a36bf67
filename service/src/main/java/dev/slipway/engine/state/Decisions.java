package dev.slipway.engine.state;

import dev.slipway.engine.log.Settings;
import java.util.Collection;
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
 */
public final class Decisions {
  public static final Decisions NONE =
      new Decisions(TreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty(), 0);

  private final TreePMap<Long, Decision> byRevision;
  private final HashPMap<String, Decision> byOperation;
  private final HashPMap<String, Decision> byRequest;
  private final long floor;

  private Decisions(
      TreePMap<Long, Decision> byRevision,
      HashPMap<String, Decision> byOperation,
      HashPMap<String, Decision> byRequest,
      long floor) {
    this.byRevision = byRevision;
    this.byOperation = byOperation;
    this.byRequest = byRequest;
    this.floor = floor;
  }

  /** As a checkpoint has them. */
  static Decisions of(Collection<Decision> kept, long floor) {
    Decisions all = new Decisions(NONE.byRevision, NONE.byOperation, NONE.byRequest, floor);
    TreePMap<Long, Decision> revisions = all.byRevision;
    HashPMap<String, Decision> operations = all.byOperation;
    HashPMap<String, Decision> requests = all.byRequest;
    for (Decision decision : kept) {
      revisions = revisions.plus(decision.revision(), decision);
      operations = operations.plus(decision.op(), decision);
      if (decision.request() != null) {
        requests = requests.plus(decision.request(), decision);
      }
    }
    return new Decisions(revisions, operations, requests, floor);
  }

  public Optional<Decision> operation(String op) {
    return Optional.ofNullable(byOperation.get(op));
  }

  public Optional<Decision> request(String request) {
    return Optional.ofNullable(byRequest.get(request));
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
  public Collection<Decision> all() {
    return byRevision.values();
  }

  Decisions plus(Decision decision) {
    return new Decisions(
        byRevision.plus(decision.revision(), decision),
        byOperation.plus(decision.op(), decision),
        decision.request() == null ? byRequest : byRequest.plus(decision.request(), decision),
        floor);
  }

  Decisions forget(Settings settings, long revision, long time) {
    TreePMap<Long, Decision> revisions = byRevision;
    HashPMap<String, Decision> operations = byOperation;
    HashPMap<String, Decision> requests = byRequest;
    long newFloor = floor;
    while (!revisions.isEmpty()) {
      Map.Entry<Long, Decision> oldest = revisions.firstEntry();
      Decision decision = oldest.getValue();
      boolean old =
          decision.time() < time - settings.idempotencySeconds() * 1_000_000
              && decision.revision() < revision - settings.idempotencyCommits();
      if (!old) {
        break;
      }
      revisions = revisions.minus(oldest.getKey());
      operations = operations.minus(decision.op());
      if (decision.request() != null) {
        requests = requests.minus(decision.request());
      }
      newFloor = decision.revision() + 1;
    }
    return newFloor == floor ? this : new Decisions(revisions, operations, requests, newFloor);
  }
}
