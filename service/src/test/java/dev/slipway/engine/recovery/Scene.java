package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.ChangeKind.CUSTOMER;
import static dev.slipway.engine.recovery.ChangeKind.PERSON;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.Effect;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.Faults;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.fault.Gate;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Client.Staging;
import dev.slipway.engine.matrix.Ledger;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.matrix.LogReader;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.matrix.Oracle;
import dev.slipway.engine.matrix.Setting;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.MetadataStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A stage for stories of several processes over one storage: see {@link Setting}. */
final class Scene implements AutoCloseable, InstantSource {
  /** The head when the story begins. */
  static final long BEGINNING = 4;

  /** Somebody else than {@link EngineFixture#TESTER}, who asks for all that is asked for here. */
  static final CallContext OPERATOR = CallContext.of("operator");

  private final FaultyStorage storage;
  private final Ledger ledger = new Ledger();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));

  Scene(BackendKind kind, Path folder) {
    this(kind, folder, EngineOptions.DEFAULT);
  }

  /**
   * @param options of the process that sets up
   */
  Scene(BackendKind kind, Path folder, EngineOptions options) {
    storage = FaultyStorage.open(kind, folder);
    Client client = start("setup", options);
    Setting.commit(client, ledger);
    client.engine().close();
  }

  // ---- processes

  /** A process that hasn't opened anything yet. */
  Client start(String instance) {
    return start(instance, EngineOptions.DEFAULT);
  }

  Client start(String instance, EngineOptions options) {
    return new Client(storage.start(instance, options, this));
  }

  /** A process that has the database open, and has recovered what it found. */
  Client open(String instance) {
    return open(instance, EngineOptions.DEFAULT);
  }

  Client open(String instance, EngineOptions options) {
    Client client = start(instance, options);
    client.database();
    return client;
  }

  /** Opens the database on behalf of somebody else. */
  static Database openAs(Client client, CallContext context) {
    return client.engine().fixture().databases().database(context, Client.DATABASE);
  }

  static void diesAt(Client client, FailPoint point) {
    client.engine().windows().once(point::equals, client.engine().dies());
  }

  static Faults.Armed<FailPoint> failsAt(Client client, FailPoint point) {
    return client.engine().windows().once(point::equals, Effect.fail());
  }

  /** Holds the next call that comes to a window. */
  static Gate holdsAt(Client client, FailPoint point) {
    Gate gate = new Gate();
    client.engine().windows().once(point::equals, gate);
    return gate;
  }

  // ---- time

  @Override
  public Instant instant() {
    return java.util.Objects.requireNonNull(now.get());
  }

  void advance(Duration by) {
    now.updateAndGet(time -> time.plus(by));
  }

  // ---- requests

  Answer ask(Client client, String request, UnaryOperator<Model> effect, LongSupplier call) {
    return ledger.ask(request, effect, client.engine().life(), call);
  }

  /** Appends one person in one call. */
  Answer append(Client client, String request, long id) {
    return append(client, request, PERSON, id);
  }

  Answer append(Client client, String request, String table, long id) {
    List<Map<String, @Nullable Object>> rows = List.of(person(id, "p" + id, id));
    return ask(
        client,
        request,
        Model.put(table, rows),
        () -> client.write(request, new Staging(table, new WriteOperation.Append(false), rows)));
  }

  Answer act(Client client, String request, ChangeKind kind) {
    return ask(client, request, kind.effect(), () -> kind.act(client, request));
  }

  Answer actStrictly(Client client, String request, ChangeKind kind) {
    return ask(client, request, kind.effect(), () -> kind.actStrictly(client, request));
  }

  Answer obstruct(Client client, String request, ChangeKind kind) {
    return ask(client, request, kind.obstacle(), () -> kind.obstruct(client, request));
  }

  /** Puts a row into every table that there is at first: one that every kind of write takes on. */
  Answer interfere(Client client, String request) {
    List<Map<String, @Nullable Object>> rows = List.of(person(4, "Max", 50));
    WriteOperation upsert = new WriteOperation.Upsert(false);
    return ask(
        client,
        request,
        model -> Model.put(PERSON, rows).apply(Model.put(CUSTOMER, rows).apply(model)),
        () ->
            client.commit(
                request,
                List.of(new Staging(PERSON, upsert, rows), new Staging(CUSTOMER, upsert, rows))));
  }

  /** Makes a call on a thread of its own. */
  <T> CompletableFuture<T> later(Supplier<T> call) {
    return CompletableFuture.supplyAsync(call, threads);
  }

  static void assertAcknowledged(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Acknowledged.class);
  }

  static void assertUnknown(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Unknown.class);
  }

  static void assertRefused(Answer answer, ErrorReason reason) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Answer.Refused.class, refused -> assertThat(refused.reason()).isEqualTo(reason));
  }

  /** Its client was told no, and the log says why. */
  static void assertAborted(Client client, String request, ErrorReason reason) {
    assertThat(client.database().outcome(TESTER, request, false))
        .isInstanceOfSatisfying(
            Outcome.Aborted.class, aborted -> assertThat(aborted.reason()).isEqualTo(reason));
  }

  // ---- looking

  MetadataStore metadata() {
    return storage.metadata();
  }

  FaultyStorage storage() {
    return storage;
  }

  Ledger ledger() {
    return ledger;
  }

  static String home(Client client) {
    return "db/" + client.database().info().id();
  }

  /** Intents of all databases. */
  List<String> intents() {
    return metadata().list("db/", "", 1_000).stream()
        .filter(key -> key.contains("/intents/"))
        .toList();
  }

  List<String> intents(Client client) {
    return metadata().list(home(client) + "/intents/", "", 100);
  }

  LogReader log(Client client) {
    return LogReader.read(metadata(), client.database().info().id());
  }

  static CommitInfo newest(Client client) {
    return client
        .database()
        .commits(TESTER, ReadAt.MAIN, Optional.empty(), Long.MAX_VALUE, 1)
        .commits()
        .get(0);
  }

  static List<Long> ids(Client client, String table) {
    return client.engine().fixture().rows(client.database(), table).stream()
        .map(row -> (Long) row.get("id"))
        .sorted()
        .toList();
  }

  /** Recovers, and holds everything against the oracle. */
  void judge(Client client) {
    FaultyEngine engine = client.engine();
    engine.clearFaults();
    engine.fixture().awaitIdle();
    var unused = client.database().recover(TESTER);
    new Oracle(metadata(), ledger).check(client);
  }

  @Override
  public void close() {
    threads.shutdown();
    storage.close();
  }
}
