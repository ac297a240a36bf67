package dev.slipway.engine.recovery;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.EngineOptions;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.WriteOperation;
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
import dev.slipway.storage.MetadataStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
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
    return append(client, request, "person", id);
  }

  Answer append(Client client, String request, String table, long id) {
    List<Map<String, @Nullable Object>> rows = List.of(person(id, "p" + id, id));
    return ask(
        client,
        request,
        Model.put(table, rows),
        () -> client.write(request, new Staging(table, new WriteOperation.Append(false), rows)));
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

  List<String> intents(Client client) {
    return metadata().list(home(client) + "/intents/", "", 100);
  }

  LogReader log(Client client) {
    return LogReader.read(metadata(), client.database().info().id());
  }

  static CommitInfo newest(Client client) {
    return client
        .database()
        .commits(TESTER, ReadAt.MAIN, java.util.Optional.empty(), Long.MAX_VALUE, 1)
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
