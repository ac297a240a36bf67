package dev.slipway.engine.state;

import dev.slipway.engine.log.CorruptRecordException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is decided, within the idempotency window: by operation id and by request id. Immutable.
 * Revisions are forgotten only once they are older than the window both in time and in revisions;
 * {@link #floor()} is one above the newest forgotten.
 *
 * <p>Those of whole blocks stay packed: hashes say of almost every id that it is new, and the one
 * block that may hold another is read when it is asked for.
 */
public final class Decisions {
  private final List<Page> pages;
  private final Recent recent;
  private final long floor;

  Decisions(List<Page> pages, Recent recent, long floor) {
    this.pages = pages;
    this.recent = recent;
    this.floor = floor;
  }

  /**
   * @throws CorruptRecordException if it may be decided, and what says so is damaged beyond what
   *     the log still tells
   */
  public Optional<Decision> operation(String op) {
    return find(recent.operation(op), op, decision -> op.equals(decision.op()));
  }

  /**
   * @throws CorruptRecordException if it may be decided, and what says so is damaged beyond what
   *     the log still tells
   */
  public Optional<Decision> request(String request) {
    return find(recent.request(request), request, decision -> request.equals(decision.request()));
  }

  private Optional<Decision> find(@Nullable Decision newest, String id, Predicate<Decision> is) {
    if (newest != null) {
      // The same id can be decided again only once it is forgotten: an older one is, too.
      return Optional.of(newest).filter(decision -> decision.revision() >= floor);
    }
    long hash = Page.hash(id);
    for (int i = pages.size() - 1; i >= 0 && pages.get(i).last() >= floor; i--) {
      Optional<Decision> found = pages.get(i).find(hash, floor, is);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
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

  /** Those that no page has, forgotten or not. */
  Recent recent() {
    return recent;
  }
}
