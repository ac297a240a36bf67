package dev.slipway.engine.commit;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.Ids;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.database.EngineThreads;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.staging.StagedStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.History;
import dev.slipway.engine.state.LiveState;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scenario 18i, its other half: nobody publishes what its own fold refuses. */
@ExtendWith(QuietLogs.class)
class OwnFoldTest {
  private static final String HOME = "db/own";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void scenario18i_entryThatTheFoldRefuses_isNeverPublishedByACommitter(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder);
        EngineThreads threads = new EngineThreads(1)) {
      MetadataStore store = engine.backend().metadata();
      LogStore log = new LogStore(store, HOME);
      LiveState<DatabaseState> live = new LiveState<>(log, () -> DatabaseState.initial("own"));
      Committer committer = committer(engine, threads, log, live);

      for (long parent : List.of(5L, 99L)) {
        SlipwayException refused =
            catchThrowableOfType(
                SlipwayException.class,
                () ->
                    committer.append(
                        TESTER,
                        spec("op-" + parent),
                        (state, header) ->
                            new LogEntry.Commit(
                                header,
                                DatabaseState.MAIN,
                                0,
                                parent,
                                "",
                                Map.of(),
                                List.of(),
                                List.of(),
                                null),
                        false));
        assertThat(refused).isNotNull();
      }
      assertThat(store.list(HOME + "/log/", "", 10)).isEmpty();

      Committer.Decided decided =
          committer.append(
              TESTER,
              spec("op"),
              (state, header) ->
                  new LogEntry.Abort(header, "", "CANCELLED", "", List.of(), false, null),
              false);
      assertThat(decided.revision()).isEqualTo(1);
      committer.close();
    }
  }

  private static OperationSpec spec(String op) {
    return new OperationSpec(
        op, null, null, "tester", 0, "main", 0, List.of(), List.of(), "", Map.of());
  }

  private static Committer committer(
      EngineFixture engine, EngineThreads threads, LogStore log, LiveState<DatabaseState> live) {
    MetadataStore store = engine.backend().metadata();
    InstantSource clock = InstantSource.system();
    return new Committer(
        engine.backend(),
        "own",
        log,
        live,
        new History(
            log, new CheckpointStore(store, HOME, FailureInjector.NONE), "own", live::refresh),
        new IntentStore(store, HOME),
        new StagedStore(store, HOME, FailureInjector.NONE),
        FailureInjector.NONE,
        clock,
        new Ids(new Random(1), clock),
        EngineOptions.DEFAULT.committer(),
        "test",
        threads.work(),
        state -> {});
  }
}
