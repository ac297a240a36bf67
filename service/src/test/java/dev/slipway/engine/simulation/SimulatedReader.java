package dev.slipway.engine.simulation;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.ScanSpec;
import dev.slipway.engine.TableScan;
import dev.slipway.engine.log.Micros;
import dev.slipway.storage.testkit.Rows;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a client reads: at the head, at a revision, and as of a time. Notes what it saw. */
final class SimulatedReader {
  private static final ScanSpec ALL =
      new ScanSpec(List.of(), Optional.empty(), OptionalLong.empty(), 0, 1_000);

  private final String name;
  private final RandomGenerator random;
  private final Scheduler scheduler;
  private final Cluster cluster;
  private final Journal journal;
  private final Book book;
  private final Tally tally;

  SimulatedReader(
      String name,
      RandomGenerator random,
      Scheduler scheduler,
      Cluster cluster,
      Journal journal,
      Book book,
      Tally tally) {
    this.name = name;
    this.random = random;
    this.scheduler = scheduler;
    this.cluster = cluster;
    this.journal = journal;
    this.book = book;
    this.tally = tally;
  }

  /**
   * A time around some record's, or any other.
   *
   * @param revision the record's
   */
  ReadAt.Point time(long revision) {
    long micros =
        switch (random.nextInt(6)) {
          case 0 -> scheduler.micros();
          case 1 -> cluster.latestClock();
          case 2 -> journal.time(revision) + random.nextInt(4_000_000) - 2_000_000;
          default -> journal.time(revision) + random.nextInt(3) - 1;
        };
    return new ReadAt.Point.Time(Micros.instant(micros).plusNanos(random.nextInt(1_000)));
  }

  /** Reads a table and notes what it saw, or that it saw none. */
  void read(EngineProcess process, String table, ReadAt.Point point) {
    scheduler.step(name + " reads " + table + " at " + point + " from " + process.name());
    Book.Look look = new Book.Look(name, table, point, journal.head());
    ReadAt at = new ReadAt(ReadAt.MAIN, point, 0);
    boolean rows = random.nextInt(3) > 0;
    Attempt.of(
        name,
        process,
        () -> {
          Book.Seen seen = rows ? scan(process, look, at) : count(process, look, at);
          book.seen().add(seen);
          boolean past = point instanceof ReadAt.Point.Time && seen.revision() < look.before();
          tally.add(Happening.READS_AS_OF_THE_PAST, past ? 1 : 0);
        },
        reason -> isNoted(look, reason));
  }

  private boolean isNoted(Book.Look look, ErrorReason reason) {
    switch (reason) {
      case REVISION_EXPIRED -> {
        tally.add(Happening.READS_EXPIRED);
        book.expired().add(new Book.Expired(look, journal.head()));
        return true;
      }
      case TABLE_NOT_FOUND, REVISION_NOT_FOUND -> {
        boolean nothing = reason == ErrorReason.REVISION_NOT_FOUND;
        book.absent().add(new Book.Absent(look, nothing, journal.head()));
        return true;
      }
      default -> {
        return false;
      }
    }
  }

  private Book.Seen scan(EngineProcess process, Book.Look look, ReadAt at) {
    try (TableScan scan = process.database().scan(CallContext.of(name), look.table(), at, ALL)) {
      List<Map<String, @Nullable Object>> rows = Rows.read(scan.reader());
      return new Book.Seen(look, scan.revision(), rows.size(), rows, journal.head());
    }
  }

  private Book.Seen count(EngineProcess process, Book.Look look, ReadAt at) {
    var count = process.database().count(CallContext.of(name), look.table(), at, Optional.empty());
    return new Book.Seen(look, count.revision(), count.value(), null, journal.head());
  }
}
