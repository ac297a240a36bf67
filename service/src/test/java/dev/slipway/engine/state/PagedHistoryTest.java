package dev.slipway.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogStore;
import dev.slipway.storage.MetadataStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checkpoint, pages and the log after them say what the log says from its beginning: over random
 * logs, page sizes, windows and floors, while several processes write checkpoints into one store.
 */
class PagedHistoryTest {
  private static final String HOME = "db/" + SyntheticLog.INCARNATION;

  static LongStream seeds() {
    return LongStream.range(0, Integer.getInteger("slipway.pages.seeds", 60));
  }

  /** One process: its own stores, its own state. */
  private static final class Server {
    private final CheckpointStore checkpoints;
    private final LiveState<DatabaseState> live;

    Server(MetadataStore store, PageLayout layout) {
      checkpoints = new CheckpointStore(store, HOME, layout, FailureInjector.NONE);
      live =
          new LiveState<>(
              new LogStore(store, HOME), () -> checkpoints.newest(SyntheticLog.INCARNATION));
    }
  }

  private static PageLayout layout(Random random) {
    int fan = 2 + random.nextInt(3);
    return new PageLayout(1 + random.nextInt(7), fan, random.nextInt(4));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void checkpointsOfSeveralProcesses_withTheLogAfterThem_areTheFold(long seed) {
    Random random = new Random(seed);
    PageLayout layout = layout(random);
    MapStore store = new MapStore(MetadataStore.MAX_VALUE_BYTES);
    SyntheticLog source = new SyntheticLog(random);
    LogStore log = new LogStore(store, HOME);
    List<Server> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(new Server(store, layout));
    }
    DatabaseState fold = DatabaseState.initial(SyntheticLog.INCARNATION, layout);
    for (int step = 0; step < 120; step++) {
      LogBatch batch = source.next(9);
      fold = fold.apply(batch);
      assertThat(log.publish(batch)).isEqualTo(LogStore.Put.PUBLISHED);
      Server process = processes.get(random.nextInt(processes.size()));
      int what = random.nextInt(8);
      if (what < 3) {
        process.live.refresh();
      } else if (what < 6) {
        // Perhaps a state that is long past: it may have slept.
        process.checkpoints.write(process.live.known());
      } else if (what == 6) {
        processes.set(processes.indexOf(process), new Server(store, layout));
      } else {
        process.checkpoints.deleteBelow(process.checkpoints.newest(SyntheticLog.INCARNATION));
      }
      if (step % 10 == 9) {
        Server opened = new Server(store, layout);
        same(opened.live.refresh(), fold, source, random);
        for (Server each : processes) {
          same(each.live.refresh(), fold, source, random);
        }
        opened.checkpoints.write(fold);
        assertThat(opened.checkpoints.flaws(fold.revision(), new HashMap<>())).isEmpty();
        same(opened.checkpoints.read(fold.revision()).orElseThrow(), fold, source, random);
      }
    }
    int least = layout.levels() == 0 ? 1 : 2;
    assertThat(store.keys(HOME + "/pages/")).hasSizeGreaterThanOrEqualTo(least);
  }

  private static String text(DatabaseState state) {
    return new String(CheckpointStore.encode(state), StandardCharsets.UTF_8);
  }

  /** The same bytes as the fold, and what was said beside it. */
  static void same(DatabaseState state, DatabaseState fold, SyntheticLog said, Random random) {
    assertThat(text(state)).isEqualTo(text(fold));
    assertThat(state.decisions().floor()).isEqualTo(said.decisionsFloor());
    assertThat(state.timesFrom()).isLessThanOrEqualTo(Math.max(1, said.floor()));
    for (SyntheticLog.Entry entry : said.entries()) {
      if (entry.revision() >= state.timesFrom()) {
        assertThat(state.batchStart(entry.revision()))
            .as("start of the batch of %d", entry.revision())
            .isEqualTo(Math.max(entry.start(), state.timesFrom()));
        assertThat(state.parentOf(entry.revision())).isEqualTo(entry.parent());
        assertThat(state.revisionAt(entry.time())).isEqualTo(entry.revision());
        assertThat(state.revisionAt(entry.time() - 1))
            .isEqualTo(Math.max(entry.revision() - 1, state.timesFrom() - 1));
      } else {
        assertThat(state.parentOf(entry.revision())).isEqualTo(-1);
        assertThat(state.revisionAt(entry.time())).isEqualTo(state.timesFrom() - 1);
      }
      if (random.nextInt(4) == 0 || entry.revision() == state.decisions().floor()) {
        boolean remembered = entry.revision() >= state.decisions().floor();
        assertThat(state.decisions().operation(entry.op()).map(Decision::revision))
            .as("what decided %s", entry.op())
            .isEqualTo(remembered ? Optional.of(entry.revision()) : Optional.empty());
        if (!entry.request().isEmpty()) {
          Optional<Long> newest =
              said.entries().stream()
                  .filter(e -> e.request().equals(entry.request()))
                  .map(SyntheticLog.Entry::revision)
                  .filter(revision -> revision >= state.decisions().floor())
                  .reduce((first, second) -> second);
          assertThat(state.decisions().request(entry.request()).map(Decision::revision))
              .as("what decided %s", entry.request())
              .isEqualTo(newest);
        }
      }
    }
    assertThat(state.decisions().operation("op-never")).isEmpty();
    assertThat(state.decisions().request("request-never")).isEmpty();
  }
}
