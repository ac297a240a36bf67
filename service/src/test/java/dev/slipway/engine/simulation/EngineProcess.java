package dev.slipway.engine.simulation;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;

import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Ids;
import dev.slipway.engine.ReclaimReport;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.commit.Committer;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.database.EngineParts;
import dev.slipway.engine.database.OpenDatabases;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Life;
import dev.slipway.engine.matrix.Client;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageOperation;
import dev.slipway.storage.TableId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/** One engine, from its start to its end, with a clock, a store and threads of its own. */
final class EngineProcess {
  private final String name;
  private final Scheduler scheduler;
  private final Weather weather;
  private final Tally tally;
  private final Incarnations incarnations;
  private final SimulatedClock clock;
  private final Life life = new Life();
  private final OpenDatabases databases;
  private final Set<String> unforced = new HashSet<>();
  private final Turnstile opening;
  private final ProcessStrands strands;
  private final Random pacing;
  private final Map<String, Database> held = new HashMap<>();
  private long pausedUntil;
  private long awayUntil;

  EngineProcess(
      String name,
      Scheduler scheduler,
      Weather weather,
      StorageBackend storage,
      Incarnations incarnations,
      Tally tally,
      EngineOptions options,
      Duration clockSkew,
      long seed) {
    this.name = name;
    this.scheduler = scheduler;
    this.weather = weather;
    this.tally = tally;
    this.incarnations = incarnations;
    this.clock = new SimulatedClock(scheduler, clockSkew);
    this.opening = new Turnstile(scheduler);
    this.pacing = new Random(~seed);
    this.strands = new ProcessStrands(this, scheduler, tally, pacing);
    this.databases =
        new OpenDatabases(
            new EngineParts(
                new SimulatedBackend(
                    storage, this, new SimulatedStore(storage.metadata(), this, incarnations)),
                clock,
                new Ids(new Random(seed), clock),
                options,
                this::window,
                new Committer.Work(
                    strands.threads("commit"),
                    strands.threads("table"),
                    strands::later,
                    scheduler::await),
                strands.threads("background"),
                name));
  }

  String name() {
    return name;
  }

  Life life() {
    return life;
  }

  OpenDatabases databases() {
    return databases;
  }

  SimulatedClock clock() {
    return clock;
  }

  // ---- what happens to it

  long pausedUntil() {
    return pausedUntil;
  }

  /** The process ends: what is under way fails at its next step and reaches nothing. */
  void kill() {
    scheduler.step(name + " dies");
    life.end();
    pausedUntil = 0;
  }

  void pause(Duration time) {
    scheduler.step(name + " stands still for " + time);
    pausedUntil = scheduler.micros() + time.toNanos() / 1_000;
    scheduler.sleep(Duration.ZERO);
  }

  /** One of its records is in the log. */
  void published() {
    tally.add(Happening.CLOCKS_WRONG_FOR_ONE_RECORD, clock.published() ? 1 : 0);
  }

  void wake() {
    pausedUntil = 0;
    awayUntil = 0;
    clock.settle();
  }

  // ---- calls into it

  /** Looks at what is open in the background, so many times. */
  void backgroundPasses(int times) {
    strands.backgroundPasses(databases, times);
  }

  /** Makes a call into this process on the strand that runs. */
  <T> T call(Supplier<T> work) {
    Strand me = scheduler.running();
    EngineProcess outer = me.process();
    me.enter(this);
    try {
      return work.get();
    } finally {
      me.enter(outer);
    }
  }

  /**
   * An incarnation of the database: the one that is held, or else the one that has the name now,
   * opened by the first who asks; the others wait.
   *
   * @throws SlipwayException {@code DATABASE_NOT_FOUND} if that is another
   */
  Database database(Incarnation wanted) {
    Database known = held.get(wanted.id());
    return known != null && !asksByName() ? known : byName(wanted);
  }

  /** Whether a caller comes by name although somebody holds what it wants. */
  private boolean asksByName() {
    return !incarnations.isOne() && pacing.nextInt(3) == 0;
  }

  private Database byName(Incarnation wanted) {
    Database found =
        opening.alone(
            () -> {
              Database known = incarnations.isOne() ? held.get(wanted.id()) : null;
              Database opened = known == null ? databases.database(TESTER, Client.DATABASE) : known;
              held.put(opened.info().id(), opened);
              return opened;
            });
    if (!found.info().id().equals(wanted.id())) {
      throw SlipwayException.of(
          ErrorReason.DATABASE_NOT_FOUND, "the name means %s now", found.info().id());
    }
    return found;
  }

  /** What somebody has opened here, and may hold on to after it was dropped. */
  Optional<Database> held(Incarnation incarnation) {
    return Optional.ofNullable(held.get(incarnation.id()));
  }

  RecoveryReport recover(Incarnation incarnation) {
    Database database = database(incarnation);
    return strands.recovering(() -> database.recover(TESTER));
  }

  DatabaseInfo create(RequestKey request) {
    return databases.create(TESTER, Client.DATABASE, Optional.of(request));
  }

  /** Opens it if need be, which others may be about to do. */
  void drop() {
    var unused =
        opening.alone(
            () -> {
              databases.drop(TESTER, Client.DATABASE, true);
              return true;
            });
  }

  ReclaimReport reclaim(Duration grace, boolean dryRun) {
    return databases.reclaim(TESTER, grace, dryRun);
  }

  // ---- where it can break

  private void window(FailPoint point) {
    step("at " + point.windowName());
    strikeBefore(weather.atWindow(), point.windowName());
  }

  /**
   * What must hold here: the engine may catch what a check throws, the run is lost all the same.
   */
  void demand(Runnable check) {
    try {
      check.run();
    } catch (AssertionError e) {
      scheduler.fail(e);
      throw e;
    }
  }

  /** A call to the store. */
  <T> T store(String what, boolean changes, Supplier<T> work) {
    step(what);
    if (!weather.isCalm() && scheduler.micros() < awayUntil) {
      throw StorageException.of(StorageErrorCode.UNAVAILABLE, "simulated: the store is away");
    }
    Weather.Strike strike = weather.atStore(changes);
    strikeBefore(strike, what);
    T result = work.get();
    if (changes) {
      strikeAfter(strike, what);
    }
    return result;
  }

  private void strikeAfter(Weather.Strike strike, String what) {
    if (strike == Weather.Strike.CRASH_AFTER) {
      kill();
    }
    step("did " + what);
    if (strike == Weather.Strike.LOSE_ANSWER) {
      scheduler.step("the answer is lost");
      throw StorageException.of(StorageErrorCode.OUTCOME_UNKNOWN, "simulated: %s was done", what);
    }
  }

  void beforeTable(StorageOperation operation, TableId table) {
    step(operation + " " + table.table());
    strikeBefore(weather.atTable(), operation.name());
  }

  void afterTable(StorageOperation operation, TableId table, boolean byEngineThread) {
    if (operation == StorageOperation.COMMIT && byEngineThread) {
      unforced.add(table.table());
    } else if (operation == StorageOperation.FORCE) {
      unforced.clear();
    }
    strikeBefore(weather.atTable(), operation + "'s answer");
  }

  /** Whether a version of the table was made for a commit and not forced to disk since. */
  boolean hasUnforced(String table) {
    return unforced.contains(table);
  }

  void step(String what) {
    life.check();
    scheduler.step(what);
    if (weather.isSleepy()) {
      fallAsleep();
    }
    weather.clockJump().ifPresent(this::jump);
    life.check();
  }

  private void jump(SimulatedClock.Jump jump) {
    scheduler.step(name + "'s clock: " + jump);
    tally.add(Happening.CLOCKS_JUMPED);
    clock.jump(jump);
  }

  /** Stands still for long between two steps: all of it, or only what goes on here. */
  private void fallAsleep() {
    Strand me = scheduler.running();
    tally.add(Happening.SLEPT_IN_A_COMMIT, me.name().startsWith(name + ".commit") ? 1 : 0);
    tally.add(Happening.SLEPT_IN_A_CLEANUP, me.isCleaning() ? 1 : 0);
    Duration time = weather.slumber();
    if (weather.coin()) {
      pause(time);
    } else {
      scheduler.step("sleeps for " + time);
      scheduler.sleep(time);
    }
  }

  /** A call to what acts at once. */
  void residual(String what) {
    step(what);
    strikeBefore(weather.atTable(), what);
  }

  private void strikeBefore(Weather.Strike strike, String what) {
    switch (strike) {
      case FAIL -> {
        scheduler.step(what + " fails");
        throw StorageException.of(StorageErrorCode.UNAVAILABLE, "simulated: %s failed", what);
      }
      case VANISH -> {
        scheduler.step(what + " vanishes");
        throw StorageException.of(
            StorageErrorCode.OUTCOME_UNKNOWN, "simulated: %s wasn't done", what);
      }
      case AWAY -> {
        Duration span = weather.span();
        scheduler.step("the store is away for " + span);
        awayUntil = scheduler.micros() + span.toNanos() / 1_000;
        throw StorageException.of(StorageErrorCode.UNAVAILABLE, "simulated: %s failed", what);
      }
      case SLOW -> {
        Duration span = weather.span();
        scheduler.step(what + " takes " + span);
        scheduler.sleep(span);
      }
      case PAUSE -> pause(weather.span());
      case CRASH_BEFORE -> kill();
      case NONE, LOSE_ANSWER, CRASH_AFTER -> {}
    }
    life.check();
  }
}
