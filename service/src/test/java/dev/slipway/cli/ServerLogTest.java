package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.config.LogConfig;
import dev.slipway.engine.fault.ArmedFailures;
import dev.slipway.engine.fault.ChildProcess;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.Field;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.Schema;
import dev.slipway.v1.TableServiceGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server in a process of its own writes to standard error. */
class ServerLogTest {
  private static final Metadata.Key<String> REQUEST =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

  /** Usable, and in need of quoting in either format. */
  private static final String AWKWARD = "call=\"1\",\\n{}";

  /** A column that isn't there, and what else its name would say. */
  private static final String FORGED =
      "\"x\r\n{}\ntime=0 level=error message=\u0085\u2028\u001b[2J forged\" = 1";

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void log_ofAServer_hasOneLineAnEventWithTheIdOfItsCall(LogConfig.Format format) {
    try (ChildProcess server =
        ChildProcess.start(
            folder,
            SlipwayCommand.class,
            Map.of(ArmedFailures.PROPERTY, "commit.before_intent:fail:1"),
            List.of(
                "serve",
                "--storage=memory",
                "--port=0",
                "--set=log.level=debug",
                "--set=log.format=" + format.name().toLowerCase(Locale.ROOT)))) {
      String port = server.awaitAfter("started on 127.0.0.1:").replaceAll("\\D.*", "");
      ManagedChannel channel =
          Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create()).build();
      Status forged;
      Status armed;
      try {
        createDatabase(channel);
        createTable(channel, "person");
        forged = refused(() -> count(as(channel, AWKWARD)));
        armed = refused(() -> createTable(as(channel, "armed-1"), "customer"));
      } finally {
        channel.shutdownNow();
      }
      assertThat(server.terminate()).isEqualTo(128 + 15);

      List<Map<String, String>> events = LogText.events(format, server.output());
      assertThat(of(events, AWKWARD))
          .singleElement()
          .satisfies(event -> assertThat(event).containsEntry("level", "debug"))
          .extracting(event -> event.get("message"))
          .asString()
          .startsWith("call " + AWKWARD + ": ")
          .contains("forged");
      assertThat(forged.getDescription()).contains("forged");
      assertThat(of(events, "armed-1"))
          .singleElement()
          .satisfies(
              event ->
                  assertThat(event)
                      .containsEntry("level", "warn")
                      .containsEntry("message", "call armed-1: " + armed.getDescription()))
          .extracting(event -> event.get("trace"))
          .asString()
          .contains("was armed to fail", "\n\tat dev.slipway.");
      assertThat(events.get(events.size() - 1)).containsEntry("message", "stopped");
      assertThat(events).noneMatch(event -> "error".equals(event.get("level")));
    }
  }

  private static List<Map<String, String>> of(List<Map<String, String>> events, String request) {
    return events.stream().filter(event -> request.equals(event.get("request"))).toList();
  }

  private static Channel as(Channel channel, String request) {
    Metadata headers = new Metadata();
    headers.put(REQUEST, request);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Status refused(ThrowingCallable call) {
    return catchThrowableOfType(StatusRuntimeException.class, call).getStatus();
  }

  private static void createDatabase(Channel channel) {
    var unused =
        DatabaseServiceGrpc.newBlockingStub(channel)
            .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase("crm").build());
  }

  private static void createTable(Channel channel, String table) {
    var unused =
        TableServiceGrpc.newBlockingStub(channel)
            .createTable(
                CreateTableRequest.newBuilder()
                    .setDatabase("crm")
                    .setTable(table)
                    .setSchema(
                        Schema.newBuilder()
                            .addFields(Field.newBuilder().setName("id").setType("int64")))
                    .build());
  }

  private static void count(Channel channel) {
    var unused =
        ReadServiceGrpc.newBlockingStub(channel)
            .count(
                CountRequest.newBuilder()
                    .setDatabase("crm")
                    .setTable("person")
                    .setFilter(FORGED)
                    .build());
  }
}
