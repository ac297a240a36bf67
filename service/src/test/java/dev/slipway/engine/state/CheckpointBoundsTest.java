package dev.slipway.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A window of any length can be checkpointed: no object grows with it, and little is written. */
class CheckpointBoundsTest {
  private static final String HOME = "db/bounds";
  private static final int BATCH = 250;

  private final MapStore store = new MapStore(MetadataStore.MAX_VALUE_BYTES);

  private static LogBatch batch(long first, int size) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      long revision = first + i;
      EntryHeader header =
          new EntryHeader(
              op(revision),
              request(revision),
              digest(revision),
              "tester",
              revision - 1,
              1_700_000_000_000_000L + revision * 80_000);
      entries.add(
          new LogEntry.Commit(
              header, "main", 0, revision - 1, "", Map.of(), List.of(), List.of(), null));
    }
    return new LogBatch("bounds", "nonce", first, entries);
  }

  private static String digits(long revision) {
    String text = Long.toString(revision);
    return "0".repeat(16 - text.length()) + text;
  }

  private static String digest(long revision) {
    return digits(revision).repeat(4);
  }

  private static String op(long revision) {
    return "01kdvdft88" + digits(revision);
  }

  private static String request(long revision) {
    return "8c7d6f7e-6a0b-4b5c-" + digits(revision);
  }

  private CheckpointStore checkpoints(PageLayout layout) {
    return new CheckpointStore(store, HOME, layout, FailureInjector.NONE);
  }

  /** All decisions in one object would take 120 MB. */
  @Test
  void manyDecisions_areCheckpointedAndReadAgain_inSmallObjects() {
    int many = 600_000;
    CheckpointStore writer = checkpoints(PageLayout.DEFAULT);
    DatabaseState state = DatabaseState.initial("bounds");
    while (state.revision() < many) {
      state = state.apply(batch(state.revision() + 1, BATCH));
      if (state.revision() % 100_000 == 0) {
        writer.write(state);
      }
    }
    assertThat(state.decisions().floor()).isZero();
    assertThat(store.greatest()).isLessThan(16 << 20);

    CheckpointStore reader = checkpoints(PageLayout.DEFAULT);
    long before = store.read();
    DatabaseState opened = reader.newest("bounds");

    assertThat(opened.revision()).isEqualTo(many);
    assertThat(store.read() - before).as("bytes read to open it").isLessThan(48L << 20);
    assertThat(opened.decisions().request("new")).isEmpty();
    for (long revision : List.of(1L, 1_024L, 1_025L, 262_144L, 262_145L, 524_289L, 600_000L)) {
      before = store.read();
      assertThat(opened.decisions().request(request(revision)))
          .get()
          .isEqualTo(
              new Decision(
                  revision,
                  1_700_000_000_000_000L + revision * 80_000,
                  true,
                  op(revision),
                  request(revision),
                  digest(revision)));
      assertThat(store.read() - before).as("bytes read to look one up").isLessThan(1 << 20);
      assertThat(opened.parentOf(revision)).isEqualTo(revision - 1);
      assertThat(opened.batchStart(revision)).isEqualTo((revision - 1) / BATCH * BATCH + 1);
    }
    assertThat(CheckpointStore.encode(opened)).isEqualTo(CheckpointStore.encode(state));
    assertThat(reader.flaws(many, new HashMap<>())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {20_000, 80_000})
  void checkpoint_ofALongerWindow_writesNoMore(int window) {
    CheckpointStore writer = checkpoints(PageLayout.DEFAULT);
    DatabaseState state = DatabaseState.initial("bounds");
    while (state.revision() < window) {
      state = state.apply(batch(state.revision() + 1, BATCH));
    }
    writer.write(state);
    long before = store.written();
    int checkpoints = 0;
    while (state.revision() < window + 4_000) {
      state = state.apply(batch(state.revision() + 1, BATCH));
      writer.write(state);
      checkpoints++;
    }
    assertThat((store.written() - before) / checkpoints)
        .as("bytes written by a checkpoint, one with another")
        .isLessThan(400_000);
  }

  @Test
  void manySmallPages_withATightBound_holdAnyWindow() {
    MapStore tight = new MapStore(6_000);
    PageLayout layout = new PageLayout(8, 2, 1);
    CheckpointStore writer = new CheckpointStore(tight, HOME, layout, FailureInjector.NONE);
    DatabaseState state = DatabaseState.initial("bounds", layout);
    while (state.revision() < 600) {
      state = state.apply(batch(state.revision() + 1, 3));
      writer.write(state);
    }
    DatabaseState opened =
        new CheckpointStore(tight, HOME, layout, FailureInjector.NONE).newest("bounds");
    assertThat(CheckpointStore.encode(opened)).isEqualTo(CheckpointStore.encode(state));
    for (long revision = 1; revision <= 600; revision++) {
      assertThat(opened.decisions().operation(op(revision)).map(Decision::revision))
          .contains(revision);
    }
  }
}
