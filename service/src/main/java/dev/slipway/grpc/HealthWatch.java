package dev.slipway.grpc;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Condition;
import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReclaimReport;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Databases whose fate shows in health checks: the server under the empty name, each database under
 * its own; under {@code NAME/writes} whether it takes commits, under {@code NAME/intents} whether
 * none is quarantined, under {@code NAME/checkpoints} whether they can be written. One that can't
 * open fails alone; one with damage stays in service for all that isn't damaged.
 */
final class HealthWatch implements Databases {
  private static final int PAGE = 1_000;
  private static final String WRITES = "/writes";
  private static final String INTENTS = "/intents";
  private static final String CHECKPOINTS = "/checkpoints";

  private final Databases databases;
  private final HealthStatusManager health;
  private final Map<String, Condition> shown = new ConcurrentHashMap<>();

  HealthWatch(Databases databases, HealthStatusManager health) {
    this.databases = databases;
    this.health = health;
    databases.watch(this::show);
  }

  /** Reports the server and every database there is. */
  void begin(CallContext context) {
    String after = "";
    List<DatabaseInfo> page;
    do {
      page = databases.list(context, after, PAGE);
      for (DatabaseInfo database : page) {
        healthy(database.name());
        after = database.name();
      }
    } while (page.size() == PAGE);
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
  }

  @Override
  public DatabaseInfo create(CallContext context, String name, Optional<RequestKey> request) {
    DatabaseInfo created = databases.create(context, name, request);
    healthy(created.name());
    return created;
  }

  @Override
  public Database database(CallContext context, String name) {
    try {
      Database database = databases.database(context, name);
      show(database);
      return database;
    } catch (SlipwayException e) {
      if (e.reason() == ErrorReason.DATABASE_NOT_FOUND) {
        clear(name);
      } else if (isDown(e.reason())) {
        shown.remove(name);
        health.setStatus(name, ServingStatus.NOT_SERVING);
        health.setStatus(name + WRITES, ServingStatus.NOT_SERVING);
      }
      throw e;
    }
  }

  private void healthy(String name) {
    show(name, new Condition(Optional.empty(), Map.of(), Optional.empty()));
  }

  private void show(Database database) {
    show(database.info().name(), database.condition());
  }

  /** Every call comes by here: only what is news goes on. */
  private void show(String name, Condition condition) {
    if (condition.equals(shown.put(name, condition))) {
      return;
    }
    health.setStatus(name, ServingStatus.SERVING);
    health.setStatus(name + WRITES, serving(condition.readOnly().isEmpty()));
    health.setStatus(name + INTENTS, serving(condition.quarantined().isEmpty()));
    health.setStatus(name + CHECKPOINTS, serving(condition.checkpoint().isEmpty()));
  }

  private static ServingStatus serving(boolean well) {
    return well ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }

  private void clear(String name) {
    shown.remove(name);
    health.clearStatus(name);
    health.clearStatus(name + WRITES);
    health.clearStatus(name + INTENTS);
    health.clearStatus(name + CHECKPOINTS);
  }

  private static boolean isDown(ErrorReason reason) {
    return switch (reason.kind()) {
      case DATA_LOSS, INTERNAL, UNAVAILABLE, UNSUPPORTED -> true;
      default -> false;
    };
  }

  @Override
  public List<DatabaseInfo> list(CallContext context, String after, int limit) {
    return databases.list(context, after, limit);
  }

  @Override
  public void drop(CallContext context, String name, boolean force) {
    databases.drop(context, name, force);
    clear(name);
  }

  @Override
  public void watch(Consumer<Database> listener) {
    databases.watch(
        database -> {
          show(database);
          listener.accept(database);
        });
  }

  @Override
  public ReclaimReport reclaim(CallContext context, Duration grace, boolean dryRun) {
    return databases.reclaim(context, grace, dryRun);
  }

  @Override
  public VerifySummary verifyCatalog(CallContext context, VerifyListener listener) {
    return databases.verifyCatalog(context, listener);
  }

  @Override
  public void close() {
    databases.close();
  }
}
