package dev.slipway.grpc;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.List;
import java.util.Optional;

/**
 * Databases whose fate shows in health checks: the server under the empty name, each database under
 * its own. One that can't open fails alone.
 */
final class HealthWatch implements Databases {
  private static final int PAGE = 1_000;

  private final Databases databases;
  private final HealthStatusManager health;

  HealthWatch(Databases databases, HealthStatusManager health) {
    this.databases = databases;
    this.health = health;
  }

  /** Reports the server and every database there is. */
  void begin(CallContext context) {
    String after = "";
    List<DatabaseInfo> page;
    do {
      page = databases.list(context, after, PAGE);
      for (DatabaseInfo database : page) {
        health.setStatus(database.name(), ServingStatus.SERVING);
        after = database.name();
      }
    } while (page.size() == PAGE);
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
  }

  @Override
  public DatabaseInfo create(CallContext context, String name, Optional<RequestKey> request) {
    DatabaseInfo created = databases.create(context, name, request);
    health.setStatus(created.name(), ServingStatus.SERVING);
    return created;
  }

  @Override
  public Database database(CallContext context, String name) {
    try {
      Database database = databases.database(context, name);
      health.setStatus(database.info().name(), ServingStatus.SERVING);
      return database;
    } catch (SlipwayException e) {
      if (e.reason() == ErrorReason.DATABASE_NOT_FOUND) {
        health.clearStatus(name);
      } else if (isDown(e.reason())) {
        health.setStatus(name, ServingStatus.NOT_SERVING);
      }
      throw e;
    }
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
    health.clearStatus(name);
  }

  @Override
  public void close() {
    databases.close();
  }
}
