package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.ArmedFailures;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.Options;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * A process that makes one change on Lance, and is halted where the system property says. What it
 * prints is what its client would have been told.
 */
final class HaltedChild {
  static final String REQUEST = "the-request";
  static final String ACKNOWLEDGED = "acknowledged: ";

  private HaltedChild() {}

  /** Arguments: a folder, a {@link MatrixKind}, and revisions between checkpoints. */
  public static void main(String[] arguments) {
    FailureInjector armed = ArmedFailures.parse(System.getProperty(ArmedFailures.PROPERTY));
    MatrixKind kind = MatrixKind.valueOf(arguments[1]);
    try (FaultyStorage storage = FaultyStorage.open(BackendKind.LANCE, Path.of(arguments[0]))) {
      EngineOptions options =
          kind == MatrixKind.CREATE_DATABASE
              ? DatabaseRun.OPTIONS
              : Options.checkpointEvery(Integer.parseInt(arguments[2]));
      FaultyEngine engine = storage.start("child", options, InstantSource.system());
      for (FailPoint point : FailPoint.values()) {
        engine.windows().always(point::equals, Effect.run(() -> armed.at(point)));
      }
      print(ACKNOWLEDGED + act(engine, kind));
      engine.fixture().awaitIdle();
    }
  }

  private static String act(FaultyEngine engine, MatrixKind kind) {
    if (kind == MatrixKind.CREATE_DATABASE) {
      return engine
          .fixture()
          .databases()
          .create(TESTER, DatabaseRun.FRESH, Optional.of(Client.key(DatabaseRun.REQUEST)))
          .id();
    }
    if (kind == MatrixKind.CLEANUP) {
      return String.valueOf(CleanupRun.clean(engine));
    }
    Client client = new Client(engine);
    if (kind == MatrixKind.DROP_DATABASE) {
      String id = client.database().info().id();
      engine.fixture().databases().drop(TESTER, Client.DATABASE, true);
      return id;
    }
    return String.valueOf(kind.act(client, REQUEST));
  }

  private static void print(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
