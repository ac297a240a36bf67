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
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection to one server. */
final class Connection implements AutoCloseable {
  private static final int MAX_MESSAGE = 256 << 20;

  /** How {@link #RETRIED} calls are sent again when the server can't be reached. */
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

  private static final Pattern ADDRESS = Pattern.compile("(\\[[^\\]]+]|[^:/\\[\\]]+):([0-9]{1,5})");

  /** Long enough for any network, short enough for someone who waits at a terminal. */
  private static final Duration CONNECT = Duration.ofSeconds(20);

  private final ManagedChannel channel;
  private final Channel calls;

  private Connection(ManagedChannel channel, CallTerms terms) {
    this.channel = channel;
    this.calls = ClientInterceptors.intercept(channel, terms);
  }

  /**
   * Connects.
   *
   * @param timeout how long a call may take that isn't a stream
   * @throws CommandException if the address isn't one, or something there takes connections and
   *     says nothing; a server that isn't there is told of by the first call
   */
  static Connection to(String address, Duration timeout) {
    Matcher parts = ADDRESS.matcher(address);
    if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65_535) {
      throw new CommandException(
          ExitCode.USAGE, "--server: expected HOST:PORT, found '" + address + "'");
    }
    ServerTrouble trouble = new ServerTrouble(address, timeout);
    ManagedChannel channel = channel(address);
    Connection connection = new Connection(channel, new CallTerms(trouble, timeout));
    Duration patience = timeout.compareTo(CONNECT) < 0 ? timeout : CONNECT;
    try {
      CompletableFuture<ConnectivityState> settled = new CompletableFuture<>();
      watch(channel, settled);
      if (settled.get(patience.toMillis(), TimeUnit.MILLISECONDS) == ConnectivityState.READY) {
        trouble.reached();
      }
      return connection;
    } catch (TimeoutException e) {
      connection.close();
      throw new CommandException(ExitCode.UNAVAILABLE, trouble.silent(patience));
    } catch (ExecutionException e) {
      connection.close();
      throw new IllegalStateException("watching a channel can't fail", e);
    } catch (InterruptedException e) {
      connection.close();
      Thread.currentThread().interrupt();
      throw new CommandException(ExitCode.FAILED, "interrupted while connecting");
    }
  }

  private static ManagedChannel channel(String address) {
    Map<String, Object> serviceConfig =
        Map.of("methodConfig", List.of(Map.of("name", RETRIED, "retryPolicy", RETRY)));
    return Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
        .maxInboundMessageSize(MAX_MESSAGE)
        // Bounds the silence of a stream. The server allows pings every ten seconds.
        .keepAliveTime(20, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .defaultServiceConfig(serviceConfig)
        .enableRetry()
        .build();
  }

  /** Tells of the first state that isn't on the way to another. */
  private static void watch(ManagedChannel channel, CompletableFuture<ConnectivityState> settled) {
    ConnectivityState state = channel.getState(true);
    if (state == ConnectivityState.IDLE || state == ConnectivityState.CONNECTING) {
      channel.notifyWhenStateChanged(state, () -> watch(channel, settled));
    } else {
      settled.complete(state);
    }
  }

  DatabaseServiceBlockingStub databases() {
    return DatabaseServiceGrpc.newBlockingStub(calls);
  }

  TableServiceBlockingStub tables() {
    return TableServiceGrpc.newBlockingStub(calls);
  }

  ReadServiceBlockingStub reads() {
    return ReadServiceGrpc.newBlockingStub(calls);
  }

  StagingServiceBlockingStub staging() {
    return StagingServiceGrpc.newBlockingStub(calls);
  }

  StagingServiceStub uploads() {
    return StagingServiceGrpc.newStub(calls);
  }

  CommitServiceBlockingStub commits() {
    return CommitServiceGrpc.newBlockingStub(calls);
  }

  MaintenanceServiceBlockingStub maintenance() {
    return MaintenanceServiceGrpc.newBlockingStub(calls);
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
