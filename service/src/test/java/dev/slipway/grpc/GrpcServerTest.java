package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.protobuf.Descriptors;
import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.DropDatabaseRequest;
import dev.slipway.v1.GetDatabaseRequest;
import dev.slipway.v1.MaintenanceServiceGrpc;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.StagingServiceGrpc;
import dev.slipway.v1.TableServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server around its endpoints: health, reflection, ids of calls, retries. */
final class GrpcServerTest {
  private GrpcFixture fixture;

  @BeforeEach
  void start(@TempDir Path folder) {
    fixture = new GrpcFixture(folder);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  static List<Descriptors.ServiceDescriptor> services() {
    return List.of(
            DatabaseServiceGrpc.getServiceDescriptor(),
            TableServiceGrpc.getServiceDescriptor(),
            StagingServiceGrpc.getServiceDescriptor(),
            CommitServiceGrpc.getServiceDescriptor(),
            ReadServiceGrpc.getServiceDescriptor(),
            MaintenanceServiceGrpc.getServiceDescriptor())
        .stream()
        .map(ServiceDescriptor::getSchemaDescriptor)
        .map(schema -> ((ProtoServiceDescriptorSupplier) schema).getServiceDescriptor())
        .toList();
  }

  @Test
  void health_ofTheServerAndItsDatabases_followsThem() {
    assertThat(health("")).isEqualTo(ServingStatus.SERVING);
    assertThatThrownBy(() -> health("crm"))
        .extracting(e -> Status.fromThrowable(e).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);

    create("crm");
    assertThat(health("crm")).isEqualTo(ServingStatus.SERVING);

    fixture.databases().dropDatabase(DropDatabaseRequest.newBuilder().setDatabase("crm").build());
    assertThatThrownBy(() -> health("crm"))
        .extracting(e -> Status.fromThrowable(e).getCode())
        .isEqualTo(Status.Code.NOT_FOUND);
  }

  private ServingStatus health(String service) {
    return HealthGrpc.newBlockingStub(fixture.channel())
        .check(HealthCheckRequest.newBuilder().setService(service).build())
        .getStatus();
  }

  private void create(String name) {
    fixture
        .databases()
        .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase(name).build());
  }

  @Test
  void reflection_ofBothVersions_knowsEveryService() {
    List<String> names =
        services().stream().map(Descriptors.ServiceDescriptor::getFullName).toList();

    Answer<ServerReflectionResponse> answer = new Answer<>();
    StreamObserver<ServerReflectionRequest> request =
        ServerReflectionGrpc.newStub(fixture.channel()).serverReflectionInfo(answer);
    request.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    request.onCompleted();
    assertThat(answer.get().getListServicesResponse().getServiceList())
        .extracting(service -> service.getName())
        .containsAll(names)
        .contains("grpc.health.v1.Health");

    Answer<io.grpc.reflection.v1alpha.ServerReflectionResponse> older = new Answer<>();
    StreamObserver<io.grpc.reflection.v1alpha.ServerReflectionRequest> olderRequest =
        io.grpc.reflection.v1alpha.ServerReflectionGrpc.newStub(fixture.channel())
            .serverReflectionInfo(older);
    olderRequest.onNext(
        io.grpc.reflection.v1alpha.ServerReflectionRequest.newBuilder()
            .setFileContainingSymbol("slipway.v1.CommitConflicts")
            .build());
    olderRequest.onCompleted();
    assertThat(older.get().getFileDescriptorResponse().getFileDescriptorProtoCount()).isPositive();
  }

  @Test
  void correlation_ofAGivenId_comesBackInHeaders() {
    assertThat(correlation("my-call-1", "crm-headers")).isEqualTo("my-call-1");
    assertThat(correlation(null, "crm-headers-2")).startsWith("generated-");
    assertThat(correlation("not usable", "crm-headers-3")).startsWith("generated-");
  }

  private String correlation(@org.jspecify.annotations.Nullable String given, String database) {
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Metadata sent = new Metadata();
    if (given != null) {
      sent.put(Correlation.HEADER, given);
    }
    ClientInterceptor capture = MetadataUtils.newCaptureMetadataInterceptor(headers, trailers);
    Channel channel =
        ClientInterceptors.intercept(
            fixture.channel(), capture, MetadataUtils.newAttachHeadersInterceptor(sent));
    ClientCalls.blockingUnaryCall(
        channel,
        DatabaseServiceGrpc.getCreateDatabaseMethod(),
        CallOptions.DEFAULT,
        CreateDatabaseRequest.newBuilder().setDatabase(database).build());
    return String.valueOf(Objects.requireNonNull(headers.get()).get(Correlation.HEADER));
  }

  @Test
  void correlation_ofAFailedCall_comesBackInTrailers() {
    StatusRuntimeException failure =
        org.assertj.core.api.Assertions.catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                fixture
                    .databases()
                    .getDatabase(GetDatabaseRequest.newBuilder().setDatabase("none").build()));

    assertThat(Objects.requireNonNull(failure.getTrailers()).get(Correlation.HEADER))
        .startsWith("generated-");
  }

  @Test
  void stop_ofARunningServer_refusesNewCalls() throws Exception {
    create("crm");
    assertThat(health("")).isEqualTo(ServingStatus.SERVING);

    fixture.server().stop(java.time.Duration.ofSeconds(5));

    assertThatThrownBy(() -> health(""))
        .extracting(e -> Status.fromThrowable(e).getCode())
        .isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void databases_thatDoNotExist_areRefused() {
    assertFails(
        ErrorReason.DATABASE_NOT_FOUND,
        "'nope'",
        () ->
            fixture
                .databases()
                .getDatabase(GetDatabaseRequest.newBuilder().setDatabase("nope").build()));
  }

  @Test
  @SuppressWarnings("unchecked")
  void serviceConfig_asPublished_isOneThatChannelsTake() throws IOException {
    Map<String, ?> config =
        new Gson()
            .fromJson(Files.readString(Path.of("..", "docs", "service-config.json")), Map.class);
    List<Map<String, ?>> methods =
        (List<Map<String, ?>>) Objects.requireNonNull(config.get("methodConfig"));
    List<Map<String, String>> names =
        (List<Map<String, String>>) Objects.requireNonNull(methods.get(0).get("name"));

    // Calls that may take effect twice, or on something else, where no request id says better.
    assertThat(names)
        .noneSatisfy(
            name ->
                assertThat(name.get("service"))
                    .isIn("slipway.v1.DatabaseService", "slipway.v1.TableService")
                    .satisfies(service -> assertThat(name).doesNotContainKey("method")))
        .noneSatisfy(
            name ->
                assertThat(name.get("method"))
                    .isIn(
                        "CreateDatabase",
                        "DropDatabase",
                        "CreateTable",
                        "DropTable",
                        "RenameTable",
                        "Write",
                        "Cleanup",
                        "ReclaimDatabases"));
    assertThat(names)
        .allSatisfy(
            name ->
                assertThat(services())
                    .anySatisfy(
                        service -> {
                          assertThat(service.getFullName()).isEqualTo(name.get("service"));
                          if (name.containsKey("method")) {
                            assertThat(service.findMethodByName(name.get("method"))).isNotNull();
                          }
                        }));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", fixture.server().port())
            .usePlaintext()
            .disableServiceConfigLookUp()
            .defaultServiceConfig(config)
            .build();
    try {
      assertThat(
              DatabaseServiceGrpc.newBlockingStub(channel)
                  .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase("crm").build())
                  .hasDatabase())
          .isTrue();
    } finally {
      channel.shutdownNow();
    }
  }
}
