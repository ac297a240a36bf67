package dev.slipway.engine.simulation;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;

import dev.slipway.engine.Database;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.TableInfo;
import dev.slipway.engine.cleanup.ReclaimOracle;
import dev.slipway.storage.StorageBackend;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** How a run ends: all is well again, everybody who lives must show it, and all is judged. */
final class Ending {
  private final StorageBackend storage;
  private final World world;
  private final SimulatedClient founder;
  private final Landlord landlord;

  /**
   * @param storage past all faults
   * @param founder asks for what must be granted by now
   */
  Ending(StorageBackend storage, World world, SimulatedClient founder, Landlord landlord) {
    this.storage = storage;
    this.world = world;
    this.founder = founder;
    this.landlord = landlord;
  }

  void check() {
    EngineProcess last = world.cluster().another();
    Incarnation in = named(last);
    var unused = last.call(() -> last.recover(in));
    haveStandingTables(last, in);
    world.cluster().all().stream()
        .filter(process -> !process.life().isOver())
        .forEach(process -> goesOn(process, in));
    letAllClose(last);
    for (Incarnation dropped : world.incarnations().dropped()) {
      Judge judge = new Judge(dropped, world.regime());
      judge.judge();
      new Aftermath(storage, dropped, judge, world.tally()).checkDropped(dropped.id());
    }
    if (!world.incarnations().isOne()) {
      // By a clock that may have been ahead.
      world.scheduler().passUntil(world.cluster().latestClock());
      inside(last, process -> new ReclaimOracle(storage).checkFolders(process.databases()));
    }
    Judge judge = new Judge(in, world.regime());
    Aftermath aftermath = new Aftermath(storage, in, judge, world.tally());
    inside(last, process -> aftermath.check(process.database(in)));
    judge.judge();
    if (world.regime().reclaims()) {
      // Renewed staged writes live on until their time is up, by a clock that was ahead too.
      world.scheduler().passUntil(world.cluster().latestClock());
      world.scheduler().pass(Duration.ofDays(2));
      inside(last, process -> aftermath.checkReclaimed(process.database(in)));
    }
    inside(last, process -> process.databases().close());
  }

  private static void inside(EngineProcess process, Consumer<EngineProcess> work) {
    var unused =
        process.call(
            () -> {
              work.accept(process);
              return true;
            });
  }

  /** The database; if its name is free, it must be possible to create it. */
  private Incarnation named(EngineProcess process) {
    return world
        .incarnations()
        .named()
        .or(() -> landlord.create("founder", () -> process))
        .orElseThrow(() -> new AssertionError("with all well again it must be created"));
  }

  /** Whoever created the database in bad times may not have got that far. */
  private void haveStandingTables(EngineProcess process, Incarnation in) {
    Database database = process.call(() -> process.database(in));
    List<TableInfo> there =
        process.call(() -> database.tables(TESTER, ReadAt.HEAD, "", 100).value());
    in.wishes()
        .missing(there.stream().map(TableInfo::name).collect(Collectors.toSet()))
        .forEach(request -> founder.demand(process, in, request));
  }

  /** Whoever lived through it must see what all see, and must be able to write on. */
  private void goesOn(EngineProcess process, Incarnation in) {
    founder.demand(process, in, in.wishes().append("a"));
    founder.demand(process, in, in.wishes().stagedAppend("b"));
    founder.readStanding(process, in);
    for (Incarnation dropped : world.incarnations().dropped()) {
      founder.readStanding(process, dropped);
    }
  }

  private void letAllClose(EngineProcess last) {
    for (EngineProcess process : world.cluster().all()) {
      if (process != last && !process.life().isOver()) {
        inside(process, closing -> closing.databases().close());
      }
    }
    // What still goes on behind the answers.
    world.scheduler().sleep(Duration.ofHours(2));
  }
}
