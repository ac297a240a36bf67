package dev.slipway.engine.simulation;

import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.TableSchema;
import dev.slipway.engine.testkit.EngineFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.apache.arrow.memory.BufferAllocator;

/** Makes up what clients ask for. */
final class Wishes {
  /** Tables that are always there. */
  static final Set<String> STANDING = Set.of("a", "b");

  /** The property that tells which request a commit without request id was. */
  static final String NAMELESS = "asked";

  private static final String COMING_AND_GOING = "c";

  /** Names that now this table has, now that, now none. */
  private static final List<String> CHANGING = List.of(COMING_AND_GOING, "r1", "r2");

  private final BufferAllocator allocator;
  private final Regime regime;
  private final List<Staged> staged = new ArrayList<>();
  private long begin;
  private long count;

  /** A staged write that any client may commit. */
  private record Staged(String id, Writing writing) {}

  /**
   * @param count of what others made up: no two ask under one id
   */
  Wishes(BufferAllocator allocator, Regime regime, long count) {
    this.allocator = allocator;
    this.regime = regime;
    this.count = count;
  }

  /** The revision from which on the standing tables are there; 0: who knows. */
  long begin() {
    return begin;
  }

  void begunAt(long revision) {
    begin = revision;
  }

  /** What every run begins with. */
  List<Request> beginning() {
    List<Request> first = new ArrayList<>();
    for (String table : List.of("a", "b", "r1")) {
      first.add(create(table));
    }
    for (String table : List.of("a", "b")) {
      first.add(write(Writing.plain(table, 1, true), List.of()));
    }
    return first;
  }

  /** The standing tables that aren't there yet. */
  List<Request> missing(Set<String> there) {
    return STANDING.stream()
        .filter(table -> !there.contains(table))
        .sorted()
        .map(this::create)
        .toList();
  }

  /** A plain new row that nothing may refuse. */
  Request append(String table) {
    return write(Writing.plain(table, ++count, regime.forgets()), List.of());
  }

  /** The same in two calls. */
  Request stagedAppend(String table) {
    return commit(
        List.of(new Staged(id("staged"), Writing.plain(table, ++count, regime.reclaims()))),
        List.of());
  }

  String anyTable(RandomGenerator random) {
    return switch (random.nextInt(12)) {
      case 0 -> COMING_AND_GOING;
      case 1, 2 -> "r1";
      case 3 -> "r2";
      case 4, 5, 6 -> "b";
      default -> "a";
    };
  }

  private static String changing(RandomGenerator random) {
    return CHANGING.get(random.nextInt(CHANGING.size()));
  }

  String anyStaged(RandomGenerator random) {
    return staged.isEmpty() ? "none" : staged.get(random.nextInt(staged.size())).id();
  }

  /**
   * Anything a client may want.
   *
   * @param head what expectations go by
   */
  Request next(RandomGenerator random, long head) {
    return switch (random.nextInt(15)) {
      case 0 -> create(changing(random));
      case 1 -> drop(changing(random));
      case 2, 3 -> rename(random);
      case 4, 5 ->
          staged.isEmpty() ? append("a") : commitAgain(staged.get(random.nextInt(staged.size())));
      case 6, 7, 8 ->
          write(
              Writing.any(random, anyTable(random), ++count, regime.forgets()),
              expectations(random, head));
      default -> commit(random, head);
    };
  }

  private List<Expectation> expectations(RandomGenerator random, long head) {
    return switch (random.nextInt(10)) {
      case 0 -> List.of(new Expectation.BranchAt(head));
      case 1, 2 -> List.of(new Expectation.UnchangedSince(random.nextBoolean() ? "a" : "b", head));
      case 3 -> List.of(new Expectation.TableAbsent(COMING_AND_GOING));
      default -> List.of();
    };
  }

  private String id(String what) {
    return what + "-" + ++count;
  }

  /** Some wait a while, so that they share a batch. */
  private static CommitOptions options(String request, List<Expectation> expectations) {
    return new CommitOptions(
        Optional.of(key(request)),
        expectations,
        "",
        Map.of(),
        false,
        Duration.ofMillis(Math.max(0, request.hashCode() % 400)));
  }

  private static RequestKey key(String request) {
    return new RequestKey(request, () -> "digest of " + request);
  }

  private Request write(Writing writing, List<Expectation> expectations) {
    String id = id("write");
    return new Request(
        id,
        List.of(new Step.Write(writing, "")),
        expectations,
        (database, context) ->
            writing.write(database, context, allocator, options(id, expectations)));
  }

  private Request commit(RandomGenerator random, long head) {
    List<Staged> writes = new ArrayList<>();
    int size = 1 + random.nextInt(3);
    for (int i = 0; i < size; i++) {
      writes.add(
          new Staged(
              id("staged"), Writing.any(random, anyTable(random), ++count, regime.reclaims())));
    }
    staged.addAll(writes);
    return commit(writes, expectations(random, head));
  }

  private Request commit(List<Staged> writes, List<Expectation> expectations) {
    String id = id("commit");
    return new Request(
        id,
        steps(writes),
        expectations,
        (database, context) -> {
          writes.forEach(one -> one.writing().stage(database, context, allocator, one.id()));
          return database
              .commit(context, ReadAt.MAIN, ids(writes), options(id, expectations))
              .commit()
              .revision();
        });
  }

  /** Another request for a write that somebody staged: at most one of them may get it. */
  private Request commitAgain(Staged shared) {
    String id = id("again");
    List<Staged> writes = List.of(shared);
    return new Request(
        id,
        steps(writes),
        List.of(),
        (database, context) ->
            database
                .commit(context, ReadAt.MAIN, ids(writes), options(id, List.of()))
                .commit()
                .revision());
  }

  /** The same without a request id: nobody can ask what became of it. */
  Optional<Nameless> commitNameless(RandomGenerator random) {
    if (staged.isEmpty()) {
      return Optional.empty();
    }
    // Most often the newest, which others may be about to commit.
    int last = staged.size() - 1;
    return Optional.of(nameless(staged.get(Math.max(last - random.nextInt(3), 0))));
  }

  /** A commit without request id of a write that a request is about to stage and commit. */
  Optional<Nameless> rival(Request request) {
    return request.writes().stream()
        .filter(write -> !write.staged().isEmpty())
        .findFirst()
        .map(write -> nameless(new Staged(write.staged(), write.writing())));
  }

  private Nameless nameless(Staged shared) {
    String id = id("nameless");
    CommitOptions options =
        new CommitOptions(
            Optional.empty(), List.of(), "", Map.of(NAMELESS, id), false, Duration.ZERO);
    List<Staged> writes = List.of(shared);
    Request request =
        new Request(
            id,
            steps(writes),
            List.of(),
            (database, context) ->
                database.commit(context, ReadAt.MAIN, ids(writes), options).commit().revision());
    return new Nameless(request, shared.id());
  }

  /** A request without an id, and the staged write it is for. */
  record Nameless(Request request, String staged) {}

  private static List<String> ids(List<Staged> writes) {
    return writes.stream().map(Staged::id).toList();
  }

  private static List<Step> steps(List<Staged> writes) {
    return writes.stream().<Step>map(one -> new Step.Write(one.writing(), one.id())).toList();
  }

  private Request create(String table) {
    String id = id("create");
    return new Request(
        id,
        List.of(new Step.Create(table)),
        List.of(),
        (database, context) ->
            database
                .createTable(
                    context,
                    ReadAt.MAIN,
                    table,
                    new TableSchema(EngineFixture.PEOPLE, List.of("id")),
                    Optional.of(key(id)))
                .commit()
                .revision());
  }

  private Request drop(String table) {
    String id = id("drop");
    return new Request(
        id,
        List.of(new Step.Drop(table)),
        List.of(),
        (database, context) ->
            database.dropTable(context, ReadAt.MAIN, table, Optional.of(key(id))).revision());
  }

  private Request rename(RandomGenerator random) {
    String id = id("rename");
    int one = random.nextInt(CHANGING.size());
    int other = (one + 1 + random.nextInt(CHANGING.size() - 1)) % CHANGING.size();
    String from = CHANGING.get(one);
    String to = CHANGING.get(other);
    return new Request(
        id,
        List.of(new Step.Rename(from, to)),
        List.of(),
        (database, context) ->
            database
                .renameTable(context, ReadAt.MAIN, from, to, Optional.of(key(id)))
                .commit()
                .revision());
  }
}
