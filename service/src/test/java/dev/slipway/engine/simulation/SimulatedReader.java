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
  private final World world;

  SimulatedReader(String name, RandomGenerator random, World world) {
    this.name = name;
    this.random = random;
    this.world = world;
  }

  /**
   * A time around some record's, or any other.
   *
   * @param revision the record's
   */
  ReadAt.Point time(Journal journal, long revision) {
    long micros =
        switch (random.nextInt(6)) {
          case 0 -> world.scheduler().micros();
          case 1 -> world.cluster().latestClock();
          case 2 -> journal.time(revision) + random.nextInt(4_000_000) - 2_000_000;
          default -> journal.time(revision) + random.nextInt(3) - 1;
        };
    return new ReadAt.Point.Time(Micros.instant(micros).plusNanos(random.nextInt(1_000)));
  }

  /** Reads a table and notes what it saw, or that it saw none. */
  void read(EngineProcess process, Incarnation in, String table, ReadAt.Point point) {
    world.scheduler().step(name + " reads " + table + " at " + point + " from " + process.name());
    Book.Look look = new Book.Look(name, table, point, in.journal().head());
    ReadAt at = new ReadAt(ReadAt.MAIN, point, 0);
    boolean rows = random.nextInt(3) > 0;
    Attempt.of(
        name,
        process,
        () -> {
          Book.Seen seen = rows ? scan(process, in, look, at) : count(process, in, look, at);
          in.book().seen().add(seen);
          boolean past = point instanceof ReadAt.Point.Time && seen.revision() < look.before();
          world.tally().add(Happening.READS_AS_OF_THE_PAST, past ? 1 : 0);
        },
        reason -> isNoted(in, look, reason));
  }

  private boolean isNoted(Incarnation in, Book.Look look, ErrorReason reason) {
    switch (reason) {
      case REVISION_EXPIRED -> {
        world.tally().add(Happening.READS_EXPIRED);
        in.book().expired().add(new Book.Expired(look, in.journal().head()));
        return true;
      }
      case TABLE_NOT_FOUND, REVISION_NOT_FOUND -> {
        boolean nothing = reason == ErrorReason.REVISION_NOT_FOUND;
        in.book().absent().add(new Book.Absent(look, nothing, in.journal().head()));
        return true;
      }
      default -> {
        return Attempt.isGone(in, reason);
      }
    }
  }

  private Book.Seen scan(EngineProcess process, Incarnation in, Book.Look look, ReadAt at) {
    try (TableScan scan = process.database(in).scan(CallContext.of(name), look.table(), at, ALL)) {
      List<Map<String, @Nullable Object>> rows = Rows.read(scan.reader());
      return new Book.Seen(look, scan.revision(), rows.size(), rows, in.journal().head());
    }
  }

  private Book.Seen count(EngineProcess process, Incarnation in, Book.Look look, ReadAt at) {
    var count =
        process.database(in).count(CallContext.of(name), look.table(), at, Optional.empty());
    return new Book.Seen(look, count.revision(), count.value(), null, in.journal().head());
  }
}
