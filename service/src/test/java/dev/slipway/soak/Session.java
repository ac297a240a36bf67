package dev.slipway.soak;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.rpc.ErrorInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.grpc.Answer;
import dev.slipway.v1.CleanupPolicy;
import dev.slipway.v1.CleanupRequest;
import dev.slipway.v1.CleanupResponse;
import dev.slipway.v1.CleanupSummary;
import dev.slipway.v1.CleanupTable;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.Finding;
import dev.slipway.v1.FindingSeverity;
import dev.slipway.v1.GetCommitOutcomeRequest;
import dev.slipway.v1.GetCommitOutcomeResponse;
import dev.slipway.v1.MaintenanceServiceGrpc;
import dev.slipway.v1.PayloadFormat;
import dev.slipway.v1.ReadAt;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.ScanResponse;
import dev.slipway.v1.Schema;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.StageWriteResponse;
import dev.slipway.v1.StagingServiceGrpc;
import dev.slipway.v1.TableServiceGrpc;
import dev.slipway.v1.VerifyRequest;
import dev.slipway.v1.WriteOptions;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One client's connection to one server. */
final class Session implements AutoCloseable {
  private static final long SECONDS = 60;

  private final Server server;
  private final ManagedChannel channel;

  Session(Server server, int port) {
    this.server = server;
    this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  /** The reason that a server gave; empty if no server did. */
  static Optional<ErrorReason> reason(StatusRuntimeException failure) {
    return Optional.ofNullable(StatusProto.fromThrowable(failure))
        .filter(status -> status.getDetailsCount() > 0)
        .map(
            status -> {
              try {
                return ErrorReason.valueOf(
                    status.getDetails(0).unpack(ErrorInfo.class).getReason());
              } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
              }
            });
  }

  void createDatabase() {
    var unused =
        timed(DatabaseServiceGrpc.newBlockingStub(channel))
            .createDatabase(
                CreateDatabaseRequest.newBuilder().setDatabase(Client.DATABASE).build());
  }

  long createTable(String request, String table) {
    return timed(TableServiceGrpc.newBlockingStub(channel))
        .createTable(
            CreateTableRequest.newBuilder()
                .setDatabase(Client.DATABASE)
                .setTable(table)
                .setRequestId(request)
                .setSchema(
                    Schema.newBuilder()
                        .addKeyColumns("id")
                        .setArrowIpcSchema(
                            ByteString.copyFrom(EngineFixture.PEOPLE.serializeAsMessage())))
                .build())
        .getCommit()
        .getRevision();
  }

  long dropTable(String request, String table) {
    return timed(TableServiceGrpc.newBlockingStub(channel))
        .dropTable(
            DropTableRequest.newBuilder()
                .setDatabase(Client.DATABASE)
                .setTable(table)
                .setRequestId(request)
                .build())
        .getCommit()
        .getRevision();
  }

  void stage(String id, Edit edit) {
    StageWriteRequest message =
        StageWriteRequest.newBuilder()
            .setHeader(edit.header())
            .setStagedWriteId(id)
            .addAllRows(edit.payload())
            .build();
    try {
      StageWriteResponse unused =
          upload(timed(StagingServiceGrpc.newStub(channel))::stageWrite, message);
    } catch (StatusRuntimeException e) {
      // Its commit went through before: the commit's own request id gives the answer.
      if (!reason(e).equals(Optional.of(ErrorReason.STAGED_WRITE_COMMITTED))) {
        throw e;
      }
    }
  }

  long commit(String request, List<String> staged) {
    return timed(CommitServiceGrpc.newBlockingStub(channel))
        .commit(
            CommitRequest.newBuilder()
                .setDatabase(Client.DATABASE)
                .addAllStagedWriteIds(staged)
                .setRequestId(request)
                .build())
        .getRevision();
  }

  long write(String request, Edit edit) {
    WriteRequest message =
        WriteRequest.newBuilder()
            .setHeader(edit.header())
            .setOptions(WriteOptions.newBuilder().setRequestId(request))
            .addAllRows(edit.payload())
            .build();
    WriteResponse response = upload(timed(CommitServiceGrpc.newStub(channel))::write, message);
    return response.getRevision();
  }

  GetCommitOutcomeResponse outcome(String request, boolean fence) {
    return timed(CommitServiceGrpc.newBlockingStub(channel))
        .getCommitOutcome(
            GetCommitOutcomeRequest.newBuilder()
                .setDatabase(Client.DATABASE)
                .setRequestId(request)
                .setFence(fence)
                .build());
  }

  /** Has the server check the database; gives what is wrong. */
  List<Finding> problems() {
    List<Finding> problems = new ArrayList<>();
    timed(MaintenanceServiceGrpc.newBlockingStub(channel))
        .verify(VerifyRequest.newBuilder().setDatabase(Client.DATABASE).build())
        .forEachRemaining(
            step -> {
              if (step.getFinding().getSeverity() == FindingSeverity.FINDING_SEVERITY_PROBLEM) {
                problems.add(step.getFinding());
              }
            });
    return problems;
  }

  /** What a cleanup did. */
  record Cleaned(List<CleanupTable> tables, CleanupSummary summary) {}

  Cleaned cleanup() {
    List<CleanupTable> tables = new ArrayList<>();
    CleanupSummary summary = CleanupSummary.getDefaultInstance();
    Duration grace = Duration.newBuilder().setSeconds(Cleaner.GRACE.toSeconds()).build();
    CleanupPolicy policy =
        CleanupPolicy.newBuilder()
            .setKeepRevisions(Cleaner.KEEP_REVISIONS)
            .setOlderThan(grace)
            .setGrace(grace)
            .build();
    server.cleans(true);
    try {
      Iterator<CleanupResponse> steps =
          timed(MaintenanceServiceGrpc.newBlockingStub(channel))
              .cleanup(
                  CleanupRequest.newBuilder()
                      .setDatabase(Client.DATABASE)
                      .setPolicy(policy)
                      .build());
      while (steps.hasNext()) {
        CleanupResponse step = steps.next();
        if (step.hasTable()) {
          tables.add(step.getTable());
        }
        summary = step.hasSummary() ? step.getSummary() : summary;
      }
    } finally {
      server.cleans(false);
    }
    return new Cleaned(tables, summary);
  }

  /** The ids in a table at one revision. */
  record Ids(long revision, TreeSet<Long> ids) {}

  /**
   * @param revision 0 for the newest
   */
  Ids ids(String table, long revision) {
    ScanRequest.Builder request =
        ScanRequest.newBuilder()
            .setDatabase(Client.DATABASE)
            .setTable(table)
            .setFormat(PayloadFormat.PAYLOAD_FORMAT_ROWS);
    if (revision > 0) {
      request.setAt(ReadAt.newBuilder().setRevision(revision));
    }
    Iterator<ScanResponse> pieces =
        timed(ReadServiceGrpc.newBlockingStub(channel)).scan(request.build());
    long read = 0;
    TreeSet<Long> ids = new TreeSet<>();
    while (pieces.hasNext()) {
      ScanResponse piece = pieces.next();
      read = Math.max(read, piece.getRevision());
      for (Struct row : piece.getRowsList()) {
        long id = Long.parseLong(row.getFieldsOrThrow("id").getStringValue());
        if (!ids.add(id)) {
          throw new AssertionError(
              "table %s at revision %d has row %d twice".formatted(table, read, id));
        }
      }
    }
    return new Ids(read, ids);
  }

  private static <S extends AbstractStub<S>> S timed(S stub) {
    return stub.withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
  }

  private static <Q, A> A upload(Function<StreamObserver<A>, StreamObserver<Q>> method, Q message) {
    Answer<A> answer = new Answer<>();
    StreamObserver<Q> upload = method.apply(answer);
    upload.onNext(message);
    upload.onCompleted();
    return answer.get();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
