package dev.slipway.engine.fault;

import static dev.slipway.engine.fault.StoreCall.Kind.DELETE;
import static dev.slipway.engine.fault.StoreCall.Kind.GET;
import static dev.slipway.engine.fault.StoreCall.Kind.PUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultsTest {
  @TempDir Path folder;

  @Test
  void put_thatFails_leavesNothing() {
    withStore(
        (store, faults) -> {
          faults.once(StoreCall.of(PUT, "log/"), Effect.fail());
          assertThat(codeOf(() -> store.putIfAbsent("log/1", new byte[1])))
              .isEqualTo(StorageErrorCode.UNAVAILABLE);
          assertThat(store.get("log/1")).isEmpty();
          assertThat(store.putIfAbsent("log/1", new byte[1])).isTrue();
        });
  }

  @Test
  void put_whoseAnswerIsLost_isDone() {
    withStore(
        (store, faults) -> {
          faults.once(StoreCall.of(PUT, "log/"), Effect.loseAnswer());
          assertThat(codeOf(() -> store.putIfAbsent("log/1", new byte[1])))
              .isEqualTo(StorageErrorCode.OUTCOME_UNKNOWN);
          assertThat(store.get("log/1")).isPresent();
        });
  }

  @Test
  void put_thatVanishes_isNotDone() {
    withStore(
        (store, faults) -> {
          faults.once(StoreCall.of(PUT, "log/"), Effect.vanish());
          assertThat(codeOf(() -> store.putIfAbsent("log/1", new byte[1])))
              .isEqualTo(StorageErrorCode.OUTCOME_UNKNOWN);
          assertThat(store.get("log/1")).isEmpty();
        });
  }

  @Test
  void fault_afterCleanCalls_letsThemThroughAndFailsOnce() {
    withStore(
        (store, faults) -> {
          Faults.Armed<StoreCall> armed = faults.after(2, StoreCall.of(GET, ""), Effect.fail());
          store.get("a");
          store.putIfAbsent("b", new byte[1]);
          store.get("a");
          assertThat(armed.wasHit()).isFalse();
          assertThatThrownBy(() -> store.get("a")).isInstanceOf(StorageException.class);
          assertThat(armed.wasHit()).isTrue();
          assertThat(store.get("a")).isEmpty();
        });
  }

  @Test
  void fault_armedForAlways_lastsUntilCleared() {
    withStore(
        (store, faults) -> {
          faults.always(StoreCall.anyChange(), Effect.fail());
          for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> store.delete("a")).isInstanceOf(StorageException.class);
          }
          assertThat(store.list("a/", "", 10)).isEmpty();
          faults.clear();
          store.delete("a");
        });
  }

  @Test
  void call_atAGate_waitsUntilItIsReleased() {
    withStore(
        (store, faults) -> {
          store.putIfAbsent("a", new byte[1]);
          Gate gate = new Gate();
          faults.once(StoreCall.of(DELETE, "a"), gate);
          ExecutorService other = Executors.newSingleThreadExecutor();
          CompletableFuture<Void> deletion =
              CompletableFuture.runAsync(() -> store.delete("a"), other);
          gate.awaitReached();
          assertThat(store.get("a")).isPresent();
          gate.release();
          deletion.join();
          assertThat(store.get("a")).isEmpty();
          other.shutdown();
        });
  }

  @Test
  void process_thatEnded_reachesNothing() {
    try (FaultyStorage storage = FaultyStorage.open(BackendKind.MEMORY, folder)) {
      FaultyEngine engine = storage.start("a");
      engine.windows().once(FailPoint.DATABASE_BEFORE_CLAIM::equals, engine.dies());
      assertThatThrownBy(() -> engine.fixture().create("crm")).isNotNull();
      assertThat(storage.metadata().list("catalog/", "", 10)).isEmpty();
      assertThatThrownBy(() -> engine.fixture().create("crm")).isNotNull();
      engine.close();
      assertThat(storage.start("b").fixture().create("crm").head()).isZero();
    }
  }

  private interface Body {
    void run(MetadataStore store, Faults<StoreCall> faults);
  }

  private void withStore(Body body) {
    try (FaultyStorage storage = FaultyStorage.open(BackendKind.MEMORY, folder)) {
      Faults<StoreCall> faults = new Faults<>();
      body.run(new FaultyMetadataStore(storage.metadata(), faults, new Life()), faults);
    }
  }

  private static StorageErrorCode codeOf(Runnable call) {
    return catchThrowableOfType(StorageException.class, call::run).code();
  }
}
