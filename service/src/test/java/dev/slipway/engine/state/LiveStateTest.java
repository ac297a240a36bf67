package dev.slipway.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a process follows a log that others write to and trim. */
@ExtendWith(QuietLogs.class)
class LiveStateTest {
  private static final DatabaseState INITIAL = DatabaseState.initial("own");

  private final MapStore store = new MapStore(MetadataStore.MAX_VALUE_BYTES);
  private final LogStore log = new LogStore(store, "db/own");

  /** What looking for the newest checkpoint finds, one time after the other. */
  private final Queue<Supplier<DatabaseState>> found = new ArrayDeque<>();

  private DatabaseState reload() {
    return found.remove().get();
  }

  private static DatabaseState upTo(long revision) {
    DatabaseState state = INITIAL;
    for (long at = 1; at <= revision; at++) {
      state = state.apply(batch(at));
    }
    return state;
  }

  private void published(long upTo) {
    for (long at = 1; at <= upTo; at++) {
      log.publish(batch(at));
    }
  }

  @Test
  void refresh_byOneWhoSleptWhileAnotherWentOn_isNotReadOnly() {
    published(3);
    log.hollow(2);
    AtomicReference<@Nullable LiveState<DatabaseState>> live = new AtomicReference<>();
    found.add(() -> upTo(1));
    // The one that sleeps finds checkpoints gone, both times; another finds the newest meanwhile.
    found.add(() -> INITIAL);
    found.add(
        () -> {
          found.add(() -> upTo(3));
          Objects.requireNonNull(live.get()).refresh();
          return INITIAL;
        });
    live.set(new LiveState<>(log, this::reload));

    LiveState<DatabaseState> shared = Objects.requireNonNull(live.get());
    assertThat(shared.refresh().revision()).isEqualTo(3);
    assertThat(shared.poison()).isEmpty();
  }

  @Test
  void refresh_whoseFirstLookFoundCheckpointsBeingReplaced_looksAgain() {
    published(3);
    log.hollow(2);
    found.add(() -> upTo(1));
    found.add(() -> INITIAL);
    found.add(() -> upTo(3));
    LiveState<DatabaseState> live = new LiveState<>(log, this::reload);

    assertThat(live.refresh().revision()).isEqualTo(3);
    assertThat(live.poison()).isEmpty();
  }

  @Test
  void refresh_overAHollowRecordWithoutCheckpoint_isReadOnly() {
    published(3);
    log.hollow(2);
    for (int i = 0; i < 3; i++) {
      found.add(() -> upTo(1));
    }
    LiveState<DatabaseState> live = new LiveState<>(log, this::reload);

    assertThat(live.refresh().revision()).isEqualTo(1);
    assertThat(live.poison()).isPresent();
  }

  @Test
  void refresh_atARecordThatMayBeTakenBack_staysBeforeIt() {
    published(2);
    store.onGet(
        key -> {
          if (key.equals(log.key(2))) {
            throw StorageException.of(StorageErrorCode.OUTCOME_UNKNOWN, "on the disk or not");
          }
        });
    LiveState<DatabaseState> live = new LiveState<>(log, () -> INITIAL);

    assertThat(live.refresh().revision()).isEqualTo(1);
    assertThat(live.poison()).isEmpty();
  }

  private static LogBatch batch(long at) {
    return new LogBatch(
        "own",
        "n" + at,
        at,
        List.of(
            new LogEntry.Abort(
                new EntryHeader("op" + at, null, null, "tester", 0, at),
                "",
                "CANCELLED",
                "",
                List.of(),
                false,
                null)));
  }
}
