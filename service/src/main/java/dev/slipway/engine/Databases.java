package dev.slipway.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * All databases of one root. Each opens on first use; one that can't open fails alone. Safe for use
 * by many threads.
 */
public interface Databases extends AutoCloseable {
  DatabaseInfo create(CallContext context, String name, Optional<RequestKey> request);

  /**
   * Opens it, or gives the open one.
   *
   * @throws SlipwayException {@code DATABASE_NOT_FOUND}, or why it can't open
   */
  Database database(CallContext context, String name);

  /** In order of name, greater than {@code after} (compared ignoring case). */
  List<DatabaseInfo> list(CallContext context, String after, int limit);

  /**
   * Drops it for good.
   *
   * @param force also if it has tables
   */
  void drop(CallContext context, String name, boolean force);

  /**
   * From now on the listener is told of a database when it has been opened and after each
   * background pass over it. It must not block; there is one listener.
   */
  void watch(Consumer<Database> listener);

  /**
   * Frees the files of databases that no name means any more. Safe beside live writers and other
   * processes doing the same, and at any point to break off. A folder goes only once two calls
   * found it unnamed, at least the grace period apart; the keys of its log stay occupied for ever.
   *
   * @param grace creations younger than this are left alone
   * @param dryRun tell what would be done, and change nothing
   * @throws SlipwayException {@code CLOCK_SKEW} if the newest record is more than ten minutes ahead
   *     of this process's clock
   */
  ReclaimReport reclaim(CallContext context, Duration grace, boolean dryRun);

  /**
   * Checks the root's own log, the catalog, which says what databases there are: every record is
   * what was written, and they follow each other. It works also if the catalog can't be used.
   */
  VerifySummary verifyCatalog(CallContext context, VerifyListener listener);

  /** Finishes commits in flight, refuses new ones, releases everything. */
  @Override
  void close();
}
