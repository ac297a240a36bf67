package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.testkit.Rows;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Readers that hammer two tables while writers change both in every commit: by appends, upserts,
 * deletes and overwrites. Each commit leaves both tables with the same ids, and each id with one
 * stamp; a reader that sees half of one sees them differ.
 */
@Timeout(300)
class SnapshotReadersTest {
  private static final int READERS = 4;
  private static final int WRITERS = 2;
  private static final int READS = 400;
  private static final int REVISIONS_SEEN = 40;
  private static final int COMMITS_OF_A_KIND = 10;
  private static final int KEYS = 40;

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newFixedThreadPool(READERS + WRITERS);
  private final AtomicBoolean writing = new AtomicBoolean(true);
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger stamps = new AtomicInteger();
  private final Set<Long> seen = ConcurrentHashMap.newKeySet();
  private final Map<Class<?>, Integer> committed = new ConcurrentHashMap<>();

  @ParameterizedTest
  @EnumSource
  void commit_ofTwoTables_isNeverHalfVisibleToReadersOfOneSnapshot(BackendKind kind)
      throws Exception {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");
      createPeople(crm, "customer");
      List<Future<?>> all = new ArrayList<>();
      try {
        for (int reader = 0; reader < READERS; reader++) {
          int seed = reader;
          all.add(threads.submit(() -> read(crm, new Random(seed))));
        }
        for (int writer = 0; writer < WRITERS; writer++) {
          int number = writer;
          all.add(threads.submit(() -> write(engine, crm, number)));
        }
        for (Future<?> each : all) {
          each.get();
        }
      } finally {
        writing.set(false);
        threads.shutdown();
      }
      assertThat(reads.get()).isGreaterThanOrEqualTo(READS);
      assertThat(seen).hasSizeGreaterThanOrEqualTo(REVISIONS_SEEN);
      assertThat(committed.values()).hasSize(4).allMatch(count -> count >= COMMITS_OF_A_KIND);
    }
  }

  private boolean enough() {
    return reads.get() >= READS
        && seen.size() >= REVISIONS_SEEN
        && committed.size() == 4
        && committed.values().stream().allMatch(count -> count >= COMMITS_OF_A_KIND);
  }

  // ---- writers

  /** Writes until both sides have done enough; nobody waits for the other. */
  private void write(EngineFixture engine, Database crm, int writer) {
    Random random = new Random(writer);
    try {
      for (int i = 0; !enough() && writing.get(); i++) {
        commit(engine, crm, operation(writer, i, random), rows(writer, i, random));
      }
    } finally {
      writing.set(false);
    }
  }

  private static WriteOperation operation(int writer, int i, Random random) {
    return switch (i % 5) {
      case 0, 2 -> new WriteOperation.Append(false);
      case 1 -> new WriteOperation.Upsert(false);
      case 3 -> {
        int from = random.nextInt(KEYS);
        yield new WriteOperation.Delete(
            Optional.of("id >= %d AND id < %d OR id > 1000".formatted(from, from + 8)));
      }
      default -> writer == 0 ? new WriteOperation.Overwrite() : new WriteOperation.Upsert(false);
    };
  }

  /** Keys that others upsert too, or new ones for appends; all with one stamp. */
  private List<Map<String, @Nullable Object>> rows(int writer, int i, Random random) {
    boolean append = i % 5 == 0 || i % 5 == 2;
    int stamp = stamps.incrementAndGet();
    Map<Long, Map<String, @Nullable Object>> rows = new TreeMap<>();
    for (int row = 0; row < 5; row++) {
      long id = append ? 1_000L + stamp * 10L + row : random.nextInt(KEYS);
      rows.put(id, person(id, "writer " + writer, stamp));
    }
    return List.copyOf(rows.values());
  }

  private void commit(
      EngineFixture engine,
      Database crm,
      WriteOperation operation,
      List<Map<String, @Nullable Object>> rows) {
    List<String> staged = new ArrayList<>();
    for (String table : List.of("person", "customer")) {
      staged.add(engine.stage(crm, table, operation, rows).id());
    }
    try {
      CommitResult unused = crm.commit(TESTER, ReadAt.MAIN, staged, CommitOptions.NONE);
      committed.merge(operation.getClass(), 1, Integer::sum);
    } catch (SlipwayException e) {
      // An overwrite of a table that somebody changed since.
      assertThat(e.reason()).isEqualTo(ErrorReason.COMMIT_CONFLICT);
      staged.forEach(id -> crm.discard(TESTER, id));
    }
  }

  // ---- readers

  private void read(Database crm, Random random) {
    while (writing.get()) {
      boolean personFirst = random.nextBoolean();
      String first = personFirst ? "person" : "customer";
      String second = personFirst ? "customer" : "person";
      Table one = scan(crm, first, ReadAt.HEAD);
      Table other = scan(crm, second, ReadAt.revision(one.revision()));

      assertThat(other.revision()).isEqualTo(one.revision());
      assertThat(other.stamps())
          .as("%s and %s at revision %d", first, second, one.revision())
          .isEqualTo(one.stamps());
      AtRevision<Long> count =
          crm.count(TESTER, second, ReadAt.revision(one.revision()), Optional.empty());
      assertThat(count).isEqualTo(new AtRevision<>(one.revision(), (long) one.stamps().size()));
      seen.add(one.revision());
      reads.incrementAndGet();
    }
  }

  /**
   * @param stamps by id
   */
  private record Table(long revision, Map<Object, Object> stamps) {}

  private static Table scan(Database crm, String table, ReadAt at) {
    ScanSpec spec = new ScanSpec(List.of(), Optional.empty(), OptionalLong.empty(), 0, 1_000);
    try (TableScan scan = crm.scan(TESTER, table, at, spec)) {
      Map<Object, Object> stamps = new TreeMap<>();
      for (Map<String, @Nullable Object> row : Rows.read(scan.reader())) {
        Object id = Objects.requireNonNull(row.get("id"));
        assertThat(stamps.put(id, Objects.requireNonNull(row.get("age"))))
            .as("a second row of id %s", id)
            .isNull();
      }
      return new Table(scan.revision(), stamps);
    }
  }
}
