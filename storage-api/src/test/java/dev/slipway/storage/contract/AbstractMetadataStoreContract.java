package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.fails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.MetadataKeys;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.StorageHooks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of {@link MetadataStore}: small objects, each created once. */
public abstract class AbstractMetadataStoreContract {
  @TempDir Path folder;

  private BufferAllocator allocator;
  private StorageBackend backend;
  MetadataStore store;

  /** As {@link AbstractTableStorageContract#open}. */
  protected abstract StorageBackend open(
      Path folder, BufferAllocator allocator, StorageHooks hooks);

  @BeforeEach
  void openStore() {
    allocator = new RootAllocator();
    backend = open(folder, allocator, StorageHooks.NONE);
    store = backend.metadata();
  }

  @AfterEach
  void closeStore() {
    backend.close();
    allocator.close();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Optional<String> text(String key) {
    return store.get(key).map(value -> new String(value, StandardCharsets.UTF_8));
  }

  @Nested
  class Put {
    @Test
    void putIfAbsent_freeKey_createsObject() {
      assertThat(store.putIfAbsent("log/1", bytes("one"))).isTrue();

      assertThat(text("log/1")).contains("one");
    }

    @Test
    void putIfAbsent_occupiedKey_changesNothing() {
      store.putIfAbsent("log/1", bytes("one"));

      assertThat(store.putIfAbsent("log/1", bytes("two"))).isFalse();
      assertThat(store.putIfAbsent("log/1", bytes("one"))).isFalse();
      assertThat(text("log/1")).contains("one");
    }

    @Test
    void putIfAbsent_emptyValue_isAnObject() {
      assertThat(store.putIfAbsent("a/empty", new byte[0])).isTrue();

      assertThat(store.get("a/empty")).hasValueSatisfying(value -> assertThat(value).isEmpty());
      assertThat(store.putIfAbsent("a/empty", bytes("x"))).isFalse();
    }

    @Test
    void putIfAbsent_bigValue_isGivenBackWhole() {
      byte[] big = new byte[9 << 20];
      new Random(1).nextBytes(big);

      assertThat(store.putIfAbsent("checkpoints/1", big)).isTrue();

      assertThat(store.get("checkpoints/1"))
          .hasValueSatisfying(value -> assertThat(value).isEqualTo(big));
    }

    @Test
    void putIfAbsent_callersArray_isCopied() {
      byte[] value = bytes("one");
      store.putIfAbsent("log/1", value);
      value[0] = 'X';
      store.get("log/1").orElseThrow()[0] = 'Y';

      assertThat(text("log/1")).contains("one");
    }

    @Test
    void putIfAbsent_manyThreads_exactlyOneWins() throws Exception {
      int threads = 16;
      int rounds = 30;
      ExecutorService executor = Executors.newFixedThreadPool(threads);
      try {
        for (int round = 0; round < rounds; round++) {
          String key = "log/" + round;
          CyclicBarrier start = new CyclicBarrier(threads);
          List<Future<Boolean>> puts = new ArrayList<>();
          for (int t = 0; t < threads; t++) {
            byte[] value = bytes("writer " + t + " ".repeat(10_000));
            Callable<Boolean> put =
                () -> {
                  start.await();
                  return store.putIfAbsent(key, value);
                };
            puts.add(executor.submit(put));
          }
          List<Integer> winners = new ArrayList<>();
          for (int t = 0; t < threads; t++) {
            if (puts.get(t).get()) {
              winners.add(t);
            }
          }
          assertThat(winners).hasSize(1);
          assertThat(text(key)).contains("writer " + winners.get(0) + " ".repeat(10_000));
        }
      } finally {
        executor.shutdownNow();
      }
    }

    @Test
    void get_whileAnotherWrites_seesNothingOrTheWhole() throws Exception {
      byte[] value = new byte[1 << 20];
      new Random(2).nextBytes(value);
      ExecutorService executor = Executors.newSingleThreadExecutor();
      try {
        Future<?> writer =
            executor.submit(
                () -> {
                  for (int i = 0; i < 20; i++) {
                    store.putIfAbsent("log/" + i, value);
                  }
                });
        for (int i = 0; i < 20; ) {
          boolean done = writer.isDone();
          Optional<byte[]> found = store.get("log/" + i);
          if (found.isPresent()) {
            assertThat(found.get()).isEqualTo(value);
            i++;
          } else {
            assertThat(done).as("the writer is done, and log/%d is absent", i).isFalse();
          }
        }
        writer.get();
      } finally {
        executor.shutdownNow();
      }
    }

    @Test
    void putIfAbsent_hollowMarker_isRefused() {
      fails(
          StorageErrorCode.INVALID_ARGUMENT,
          () -> store.putIfAbsent("log/1", MetadataKeys.hollowValue()));
      assertThat(store.get("log/1")).isEmpty();
    }

    @Test
    void putIfAbsent_valueTooLarge_isRefused() {
      fails(
          StorageErrorCode.INVALID_ARGUMENT,
          () -> store.putIfAbsent("log/1", new byte[MetadataStore.MAX_VALUE_BYTES + 1]));
      assertThat(store.get("log/1")).isEmpty();
    }
  }

  @Nested
  class Listing {
    private void put(String... keys) {
      for (String key : keys) {
        assertThat(store.putIfAbsent(key, bytes(key))).isTrue();
      }
    }

    @Test
    void list_prefix_givesKeysUnderItInOrder() {
      put("log/10", "log/2", "log/a.b", "log/A", "logs/1", "log2/1", "intents/1", "log/sub/x");

      assertThat(store.list("log/", "", 100))
          .containsExactly("log/10", "log/2", "log/A", "log/a.b", "log/sub/x");
      assertThat(store.list("log/sub/", "", 100)).containsExactly("log/sub/x");
      assertThat(store.list("nothing/", "", 100)).isEmpty();
    }

    @Test
    void list_neighboursOfTheSlash_areInOrderOfCharacters() {
      put("a/b/c", "a/b-c", "a/b.c", "a/b0", "a/b_c", "a/bB", "a/b/c0", "a/b/c-d/e");

      assertThat(store.list("a/", "", 100))
          .containsExactly(
              "a/b-c", "a/b.c", "a/b/c", "a/b/c-d/e", "a/b/c0", "a/b0", "a/bB", "a/b_c");
      assertThat(store.list("a/", "a/b.c", 2)).containsExactly("a/b/c", "a/b/c-d/e");
      assertThat(store.list("a/", "a/b/c0", 2)).containsExactly("a/b0", "a/bB");
      assertThat(store.list("a/b/", "a/b/c", 9)).containsExactly("a/b/c-d/e", "a/b/c0");
    }

    @Test
    void list_afterAndLimit_givesThePageBetween() {
      List<String> keys = new ArrayList<>();
      for (int i = 100; i < 200; i++) {
        keys.add("log/" + i);
      }
      Collections.shuffle(keys, new Random(3));
      put(keys.toArray(String[]::new));

      assertThat(store.list("log/", "log/149", 3)).containsExactly("log/150", "log/151", "log/152");
      assertThat(store.list("log/", "log/1499", 1)).containsExactly("log/150");
      assertThat(store.list("log/", "log/199", 10)).isEmpty();
      assertThat(store.list("log/", "a/0", 1)).containsExactly("log/100");
      assertThat(store.list("log/", "z/0", 10)).isEmpty();
      List<String> walked = new ArrayList<>();
      String after = "";
      while (true) {
        List<String> page = store.list("log/", after, 7);
        if (page.isEmpty()) {
          break;
        }
        walked.addAll(page);
        after = page.get(page.size() - 1);
      }
      assertThat(walked).containsExactlyElementsOf(new TreeSet<>(keys));
    }

    @Test
    void list_badArguments_areRefused() {
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.list("log", "", 10));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.list("../", "", 10));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.list("log/", "", 0));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.list("log/", "", 10_001));
    }
  }

  @Nested
  class Removal {
    @Test
    void hollow_object_keepsKeyOccupied() {
      store.putIfAbsent("log/1", bytes("one"));

      store.hollow("log/1");
      store.hollow("log/1");

      assertThat(text("log/1")).contains(MetadataStore.HOLLOW);
      assertThat(store.putIfAbsent("log/1", bytes("again"))).isFalse();
      assertThat(store.list("log/", "", 10)).containsExactly("log/1");
    }

    @Test
    void hollow_absentKey_staysAbsent() {
      store.hollow("log/1");

      assertThat(store.get("log/1")).isEmpty();
      assertThat(store.list("log/", "", 10)).isEmpty();
      assertThat(store.putIfAbsent("log/1", bytes("one"))).isTrue();
    }

    @Test
    void hollow_whileManyPut_keyIsNeverFree() throws Exception {
      store.putIfAbsent("log/1", bytes("one"));
      ExecutorService executor = Executors.newFixedThreadPool(2);
      try {
        Callable<Boolean> putter =
            () -> {
              for (int i = 0; i < 500; i++) {
                if (store.putIfAbsent("log/1", bytes("thief"))) {
                  return true;
                }
              }
              return false;
            };
        Future<Boolean> thief = executor.submit(putter);
        Future<?> hollower =
            executor.submit(
                () -> {
                  for (int i = 0; i < 50; i++) {
                    store.hollow("log/1");
                  }
                });
        assertThat(thief.get()).isFalse();
        hollower.get();
      } finally {
        executor.shutdownNow();
      }
    }

    @Test
    void delete_object_freesKey() {
      store.putIfAbsent("intents/1", bytes("one"));

      store.delete("intents/1");
      store.delete("intents/1");

      assertThat(store.get("intents/1")).isEmpty();
      assertThat(store.list("intents/", "", 10)).isEmpty();
      assertThat(store.putIfAbsent("intents/1", bytes("two"))).isTrue();
    }

    @Test
    void delete_ofOneKey_leavesItsNeighbours() {
      store.putIfAbsent("staged/a/1", bytes("1"));
      store.putIfAbsent("staged/a/2", bytes("2"));

      store.delete("staged/a/1");

      assertThat(store.list("staged/", "", 10)).containsExactly("staged/a/2");
      store.delete("staged/a/2");
      assertThat(store.putIfAbsent("staged/a/1", bytes("again"))).isTrue();
    }
  }

  @Nested
  class ComingAndGoing {
    /** Whoever deletes the last key under a prefix is in nobody's way who puts another there. */
    @Test
    void delete_whileOthersPutUnderTheSamePrefix_takesNothingElse() throws Exception {
      int writers = 3;
      ExecutorService executor = Executors.newFixedThreadPool(writers);
      try {
        List<Future<?>> busy = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
          int writer = w;
          busy.add(
              executor.submit(
                  () -> {
                    for (int i = 0; i < 200; i++) {
                      String key = "db/x/staged/a/" + writer + "-" + i;
                      assertThat(store.putIfAbsent(key, bytes(key))).isTrue();
                      assertThat(text(key)).contains(key);
                      store.list("db/x/staged/a/", "", 10);
                      store.delete(key);
                      assertThat(text(key)).isEmpty();
                    }
                  }));
        }
        for (Future<?> one : busy) {
          one.get();
        }
      } finally {
        executor.shutdownNow();
      }
      assertThat(store.list("db/x/", "", 10)).isEmpty();
    }

    @Test
    void delete_ofAKeyBeingPut_failsNeither() throws Exception {
      ExecutorService executor = Executors.newSingleThreadExecutor();
      try {
        AtomicInteger current = new AtomicInteger();
        Future<?> deleter =
            executor.submit(
                () -> {
                  int at = 0;
                  while (at < 300) {
                    at = current.get();
                    store.delete("db/x/staged/a/" + at);
                  }
                });
        for (int i = 0; i < 300; i++) {
          current.set(i);
          assertThat(store.putIfAbsent("db/x/staged/a/" + i, bytes("x"))).isTrue();
        }
        current.set(300);
        deleter.get();
      } finally {
        executor.shutdownNow();
      }
      assertThat(store.putIfAbsent("db/x/staged/a/last", bytes("x"))).isTrue();
    }

    @Test
    void list_manyGoneAndFewLeft_findsTheFew() {
      for (int i = 10; i < 60; i++) {
        store.putIfAbsent("db/x/staged/" + i + "/000000", bytes("x"));
        if (i % 17 != 0) {
          store.delete("db/x/staged/" + i + "/000000");
        }
      }

      assertThat(store.list("db/x/staged/", "", 2))
          .containsExactly("db/x/staged/17/000000", "db/x/staged/34/000000");
      assertThat(store.list("db/x/staged/", "db/x/staged/34/z", 2))
          .containsExactly("db/x/staged/51/000000");
    }
  }

  @Nested
  class Keys {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "/",
          "a/",
          "/a",
          "a//b",
          ".",
          "..",
          "a/../b",
          "a/./b",
          "a b",
          "a\\b",
          "a:b",
          "\u00e4",
          "a/\n",
          "a\u0000b",
          "~",
          "a/..",
          "C:/x",
          "a%2fb"
        })
    void key_notAllowed_isRefusedEverywhere(String key) {
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.putIfAbsent(key, bytes("x")));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.get(key));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.hollow(key));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.delete(key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "format.json", "a.b-c_D/0", "...", "a/...b", ".hidden/x", "-/_"})
    void key_allowed_isKept(String key) {
      assertThat(store.putIfAbsent(key, bytes("x"))).isTrue();
      assertThat(text(key)).contains("x");
    }

    @Test
    void key_tooLong_isRefused() {
      String segment = "a".repeat(MetadataKeys.MAX_SEGMENT_CHARACTERS + 1);
      String key = "a/".repeat(MetadataKeys.MAX_KEY_CHARACTERS / 2) + "b";

      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.get(segment));
      fails(StorageErrorCode.INVALID_ARGUMENT, () -> store.get(key));
    }

    @Test
    void key_underAnotherKey_isRefused() {
      assertThat(store.putIfAbsent("a/b", bytes("1"))).isTrue();

      assertThatThrownBy(() -> store.putIfAbsent("a/b/c", bytes("2")))
          .isInstanceOf(StorageException.class);
      assertThatThrownBy(() -> store.putIfAbsent("a", bytes("3")))
          .isInstanceOf(StorageException.class);
      assertThat(text("a/b")).contains("1");
      assertThat(store.list("a/", "", 10)).containsExactly("a/b");
    }
  }

  @Nested
  class Closing {
    @Test
    void calls_afterClose_areRefused() {
      backend.close();

      fails(StorageErrorCode.CLOSED, () -> store.putIfAbsent("a/b", bytes("x")));
      fails(StorageErrorCode.CLOSED, () -> store.get("a/b"));
      fails(StorageErrorCode.CLOSED, () -> store.list("a/", "", 1));
      fails(StorageErrorCode.CLOSED, () -> store.hollow("a/b"));
      fails(StorageErrorCode.CLOSED, () -> store.delete("a/b"));
    }
  }
}
