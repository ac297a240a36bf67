package dev.slipway.engine.simulation;

import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReclaimReport;
import dev.slipway.engine.RequestKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Drops the database, creates it anew under its name, and reclaims what is left of old ones. */
final class Landlord {
  private static final int TRIES = 4;
  private static final int MOST = 4;

  private final World world;
  private final Map<String, String> created = new HashMap<>();
  private int requests;

  Landlord(World world) {
    this.world = world;
  }

  /** Drops the database, unless there were enough of them. */
  void drop(String name, EngineProcess process) {
    Incarnations all = world.incarnations();
    if (all.all().size() >= MOST) {
      return;
    }
    Optional<Incarnation> before = all.named();
    world.scheduler().step(name + " drops the database through " + process.name());
    Attempt.of(
        name,
        process,
        () -> {
          process.drop();
          if (before.isPresent() && !process.life().isOver()) {
            requireGone(before.get());
          }
          world.tally().add(Happening.DATABASES_DROPPED);
        },
        reason -> reason == ErrorReason.DATABASE_NOT_FOUND && !all.dropped().isEmpty());
  }

  private void requireGone(Incarnation dropped) {
    if (world.incarnations().hasName(dropped) || !dropped.isDeleted()) {
      throw new AssertionError("database " + dropped.id() + " is there after it was dropped");
    }
  }

  /**
   * Creates the database, and asks again until it is told; gives it if the caller was the one.
   *
   * @param processes gives any
   */
  Optional<Incarnation> create(String name, Supplier<EngineProcess> processes) {
    String request = "found-" + ++requests;
    for (int i = 0; i < TRIES; i++) {
      EngineProcess process = processes.get();
      world.scheduler().step(name + " creates the database through " + process.name());
      @Nullable DatabaseInfo[] told = new DatabaseInfo[1];
      Attempt.of(
          name,
          process,
          () -> told[0] = process.create(new RequestKey(request, () -> "digest of " + request)),
          // Another may have created it, and dropped it, since somebody looked.
          reason ->
              reason == ErrorReason.DATABASE_EXISTS
                  || reason == ErrorReason.DATABASE_NOT_FOUND
                  || (reason == ErrorReason.CLOCK_SKEW && world.regime().clocksJump()));
      DatabaseInfo info = told[0];
      if (info != null && !process.life().isOver()) {
        requireSame(request, info.id());
        return world.incarnations().all().stream()
            .filter(one -> one.id().equals(info.id()))
            .findFirst();
      }
      if (world.incarnations().named().isPresent()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private void requireSame(String request, String id) {
    String before = created.putIfAbsent(request, id);
    if (before != null && !before.equals(id)) {
      throw new AssertionError(request + " created " + before + " and " + id);
    }
  }

  /** Reclaims folders; another may be doing so, too. */
  void reclaim(String name, RandomGenerator random, EngineProcess process) {
    Duration grace = random.nextBoolean() ? Duration.ZERO : Regime.policy(random).grace();
    boolean dryRun = random.nextInt(10) == 0;
    world.scheduler().step(name + " reclaims through " + process.name() + ", grace " + grace);
    Attempt.of(
        name,
        process,
        () -> {
          ReclaimReport report = process.reclaim(grace, dryRun);
          if (!process.life().isOver()) {
            check(report);
          }
        },
        reason -> reason == ErrorReason.CLOCK_SKEW && world.regime().clocksJump());
  }

  private void check(ReclaimReport report) {
    for (Incarnation one : world.incarnations().all()) {
      if (!one.isDeleted() && report.reclaimed().contains(one.id())) {
        throw new AssertionError("database " + one.id() + " was reclaimed before it was dropped");
      }
    }
    report
        .failed()
        .forEach(
            (id, why) -> {
              if (!why.contains("simulated")) {
                throw new AssertionError("database " + id + " can't be reclaimed: " + why);
              }
            });
    world.tally().add(Happening.FOLDERS_RECLAIMED, report.dryRun() ? 0 : report.reclaimed().size());
  }
}
