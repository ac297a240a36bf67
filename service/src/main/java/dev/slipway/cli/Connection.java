package dev.slipway.cli;

import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.CommitServiceGrpc.CommitServiceBlockingStub;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.DatabaseServiceGrpc.DatabaseServiceBlockingStub;
import dev.slipway.v1.MaintenanceServiceGrpc;
import dev.slipway.v1.MaintenanceServiceGrpc.MaintenanceServiceBlockingStub;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ReadServiceGrpc.ReadServiceBlockingStub;
import dev.slipway.v1.StagingServiceGrpc;
import dev.slipway.v1.StagingServiceGrpc.StagingServiceBlockingStub;
import dev.slipway.v1.StagingServiceGrpc.StagingServiceStub;
import dev.slipway.v1.TableServiceGrpc;
import dev.slipway.v1.TableServiceGrpc.TableServiceBlockingStub;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A connection to one server. */
final class Connection implements AutoCloseable {
  private static final int MAX_MESSAGE = 256 << 20;

  /** Reads and requests with an id may be sent again when the server can't be reached. */
  private static final Map<String, Object> RETRY =
      Map.of(
          "maxAttempts",
          4.0,
          "initialBackoff",
          "0.1s",
          "maxBackoff",
          "2s",
          "backoffMultiplier",
          3.0,
          "retryableStatusCodes",
          List.of("UNAVAILABLE"));

  // Only what can't take effect twice.
  private static final List<Map<String, String>> RETRIED =
      List.of(
          Map.of("service", "slipway.v1.CommitService", "method", "Commit"),
          Map.of("service", "slipway.v1.CommitService", "method", "ListCommits"),
          Map.of("service", "slipway.v1.DatabaseService", "method", "GetDatabase"),
          Map.of("service", "slipway.v1.DatabaseService", "method", "ListDatabases"),
          Map.of("service", "slipway.v1.TableService", "method", "GetTable"),
          Map.of("service", "slipway.v1.TableService", "method", "ListTables"),
          Map.of("service", "slipway.v1.ReadService", "method", "Count"));

  private final ManagedChannel channel;

  private Connection(ManagedChannel channel) {
    this.channel = channel;
  }

  static Connection to(String target) {
    Map<String, Object> serviceConfig =
        Map.of("methodConfig", List.of(Map.of("name", RETRIED, "retryPolicy", RETRY)));
    try {
      return new Connection(
          Grpc.newChannelBuilder(target, InsecureChannelCredentials.create())
              .maxInboundMessageSize(MAX_MESSAGE)
              .defaultServiceConfig(serviceConfig)
              .enableRetry()
              .build());
    } catch (IllegalArgumentException e) {
      throw new CommandException(
          ExitCode.USAGE, "--server: expected HOST:PORT, found '" + target + "'");
    }
  }

  DatabaseServiceBlockingStub databases() {
    return DatabaseServiceGrpc.newBlockingStub(channel);
  }

  TableServiceBlockingStub tables() {
    return TableServiceGrpc.newBlockingStub(channel);
  }

  ReadServiceBlockingStub reads() {
    return ReadServiceGrpc.newBlockingStub(channel);
  }

  StagingServiceBlockingStub staging() {
    return StagingServiceGrpc.newBlockingStub(channel);
  }

  StagingServiceStub uploads() {
    return StagingServiceGrpc.newStub(channel);
  }

  CommitServiceBlockingStub commits() {
    return CommitServiceGrpc.newBlockingStub(channel);
  }

  MaintenanceServiceBlockingStub maintenance() {
    return MaintenanceServiceGrpc.newBlockingStub(channel);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
