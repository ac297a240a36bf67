package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.config.SlipwayConfig;
import dev.slipway.engine.CallContext;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.DatabaseServiceGrpc.DatabaseServiceBlockingStub;
import dev.slipway.v1.GetDatabaseRequest;
import dev.slipway.v1.ListDatabasesRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlipwayServerTest {
  @TempDir private Path folder;

  @Test
  void start_withTwoConfigurations_runsTwoServersThatShareNothing() {
    SlipwayConfig lance =
        SlipwayConfig.of(
            Map.of(
                "server.port", "0",
                "storage.path", folder.resolve("data").toString(),
                "storage.fsync", "false"));
    SlipwayConfig memory =
        SlipwayConfig.of(
            Map.of(
                "server.port", "0",
                "storage.kind", "memory",
                "server.max-message", "64KiB"));

    try (SlipwayServer second = SlipwayServer.start(memory);
        Client toSecond = new Client(second)) {
      try (SlipwayServer first = SlipwayServer.start(lance);
          Client toFirst = new Client(first)) {
        toFirst.create("one");
        toSecond.create("two");

        assertThat(toFirst.databases()).containsExactly("one");
        assertThat(toSecond.databases()).containsExactly("two");
      }
      assertThat(toSecond.databases()).containsExactly("two");
    }
    assertThat(folder.resolve("data")).isDirectory();
  }

  @Test
  void start_onAFolderUsedBefore_findsItsDatabases() {
    SlipwayConfig config =
        SlipwayConfig.of(
            Map.of(
                "server.port", "0", "storage.path", folder.toString(), "storage.fsync", "false"));
    try (SlipwayServer server = SlipwayServer.start(config);
        Client client = new Client(server)) {
      client.create("kept");
    }

    try (SlipwayServer again = SlipwayServer.start(config)) {
      assertThat(again.databases().list(CallContext.of("tester"), "", 10))
          .extracting(database -> database.name())
          .containsExactly("kept");
    }
  }

  @Test
  void start_onAPortInUse_failsAndReleasesEverything() {
    try (SlipwayServer server = SlipwayServer.start(memory(0))) {
      assertThatThrownBy(() -> SlipwayServer.start(memory(server.port())))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining("can't listen on 127.0.0.1:" + server.port())
          .satisfies(failure -> assertThat(failure.getSuppressed()).isEmpty());
    }
  }

  @Test
  void start_onAFileInsteadOfAFolder_saysSo() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    SlipwayConfig config =
        SlipwayConfig.of(Map.of("server.port", "0", "storage.path", file.toString()));

    assertThatThrownBy(() -> SlipwayServer.start(config))
        .isInstanceOf(ServerStartException.class)
        .hasMessageContaining(file.toString())
        .satisfies(failure -> assertThat(failure.getSuppressed()).isEmpty());
  }

  @Test
  void close_ofARunningServer_refusesCallsAndCanBeRepeated() {
    SlipwayServer server = SlipwayServer.start(memory(0));
    try (Client client = new Client(server)) {
      assertThat(client.health()).isEqualTo(ServingStatus.SERVING);

      server.close();
      server.close();

      assertThatThrownBy(client::databases)
          .isInstanceOf(StatusRuntimeException.class)
          .extracting(failure -> Status.fromThrowable(failure).getCode())
          .isEqualTo(Status.Code.UNAVAILABLE);
    }
  }

  @Test
  void databases_ofARunningServer_areThoseThatClientsSee() {
    try (SlipwayServer server = SlipwayServer.start(memory(0));
        Client client = new Client(server)) {
      server.databases().create(CallContext.of("embedder"), "mine", Optional.empty());

      assertThat(client.head("mine")).isGreaterThanOrEqualTo(0);
    }
  }

  private static SlipwayConfig memory(int port) {
    return SlipwayConfig.of(Map.of("server.port", String.valueOf(port), "storage.kind", "memory"));
  }

  private static final class Client implements AutoCloseable {
    private final ManagedChannel channel;
    private final DatabaseServiceBlockingStub stub;

    Client(SlipwayServer server) {
      channel =
          Grpc.newChannelBuilder("127.0.0.1:" + server.port(), InsecureChannelCredentials.create())
              .build();
      stub = DatabaseServiceGrpc.newBlockingStub(channel);
    }

    void create(String name) {
      assertThat(
              stub.createDatabase(CreateDatabaseRequest.newBuilder().setDatabase(name).build())
                  .getDatabase()
                  .getName())
          .isEqualTo(name);
    }

    List<String> databases() {
      return stub
          .listDatabases(ListDatabasesRequest.getDefaultInstance())
          .getDatabasesList()
          .stream()
          .map(database -> database.getName())
          .toList();
    }

    long head(String name) {
      return stub.getDatabase(GetDatabaseRequest.newBuilder().setDatabase(name).build())
          .getDatabase()
          .getHeadRevision();
    }

    ServingStatus health() {
      return HealthGrpc.newBlockingStub(channel)
          .check(HealthCheckRequest.getDefaultInstance())
          .getStatus();
    }

    @Override
    public void close() {
      channel.shutdownNow();
    }
  }
}
