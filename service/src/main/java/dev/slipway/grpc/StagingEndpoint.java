package dev.slipway.grpc;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Database;
import dev.slipway.engine.Databases;
import dev.slipway.engine.Names;
import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.v1.DiscardStagedWriteRequest;
import dev.slipway.v1.DiscardStagedWriteResponse;
import dev.slipway.v1.GetStagedWriteRequest;
import dev.slipway.v1.GetStagedWriteResponse;
import dev.slipway.v1.ListStagedWritesRequest;
import dev.slipway.v1.ListStagedWritesResponse;
import dev.slipway.v1.RenewStagedWriteRequest;
import dev.slipway.v1.RenewStagedWriteResponse;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.StageWriteResponse;
import dev.slipway.v1.StagingServiceGrpc;
import dev.slipway.v1.WriteHeader;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;

/** Staged writes. */
final class StagingEndpoint extends StagingServiceGrpc.StagingServiceImplBase {
  private final Databases databases;
  private final Calls calls;
  private final BufferAllocator allocator;

  StagingEndpoint(Databases databases, Calls calls, BufferAllocator allocator) {
    this.databases = databases;
    this.calls = calls;
    this.allocator = allocator;
  }

  private Database database(CallContext context, String name) {
    return databases.database(context, Arguments.required("database", name));
  }

  @Override
  public StreamObserver<StageWriteRequest> stageWrite(StreamObserver<StageWriteResponse> observer) {
    return UploadCall.begin(calls, observer, new StageForm(), databases, allocator);
  }

  private static final class StageForm
      implements UploadCall.Form<StageWriteRequest, StageWriteResponse> {
    @Override
    public UploadMessage message(StageWriteRequest request) {
      return new UploadMessage(
          request.hasHeader() || !request.getStagedWriteId().isEmpty(),
          request.getArrowIpc(),
          request.getRowsList(),
          request.hasOffset() ? OptionalLong.of(request.getOffset()) : OptionalLong.empty(),
          request.getSerializedSize());
    }

    @Override
    public UploadJob<StageWriteResponse> job(StageWriteRequest first) {
      Optional<String> id = Arguments.optional(first.getStagedWriteId()).map(Names::stagedWriteId);
      // Not the message itself: its data would stay in memory as long as the job.
      WriteHeader header = first.getHeader();
      String branch = Arguments.branch(header.getBranch());
      return new UploadJob<>(
          header.getDatabase(),
          Arguments.target(header),
          "",
          id.map(
              known ->
                  new RequestDigest(
                      StagingServiceGrpc.getStageWriteMethod().getFullMethodName(),
                      header.toBuilder().setBranch(branch).build())),
          (upload, digest, source) -> {
            StagedWriteInfo staged = upload.stage(id, digest, source);
            return StageWriteResponse.newBuilder()
                .setStagedWrite(TableMessages.stagedWrite(header.getDatabase(), staged))
                .build();
          },
          Optional.empty());
    }
  }

  @Override
  public void getStagedWrite(
      GetStagedWriteRequest request, StreamObserver<GetStagedWriteResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          Arguments.required("staged_write_id", request.getStagedWriteId());
          StagedWriteInfo found =
              database(context, request.getDatabase())
                  .stagedWrite(context, request.getStagedWriteId());
          return GetStagedWriteResponse.newBuilder()
              .setStagedWrite(TableMessages.stagedWrite(request.getDatabase(), found))
              .build();
        });
  }

  @Override
  public void listStagedWrites(
      ListStagedWritesRequest request, StreamObserver<ListStagedWritesResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          int size = Arguments.pageSize(request.getPageSize());
          String listing =
              "staged writes of " + request.getDatabase() + " on " + request.getBranch();
          PageToken page = PageToken.read(listing, request.getPageToken());
          List<StagedWriteInfo> found =
              database(context, request.getDatabase())
                  .stagedWrites(
                      context, Arguments.optional(request.getBranch()), page.after(), size + 1);
          List<StagedWriteInfo> shown = found.subList(0, Math.min(size, found.size()));
          ListStagedWritesResponse.Builder answer = ListStagedWritesResponse.newBuilder();
          shown.forEach(
              write ->
                  answer.addStagedWrites(TableMessages.stagedWrite(request.getDatabase(), write)));
          if (found.size() > size) {
            answer.setNextPageToken(new PageToken(0, shown.get(size - 1).id()).write(listing));
          }
          return answer.build();
        });
  }

  @Override
  public void renewStagedWrite(
      RenewStagedWriteRequest request, StreamObserver<RenewStagedWriteResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          Arguments.required("staged_write_id", request.getStagedWriteId());
          StagedWriteInfo renewed =
              database(context, request.getDatabase()).renew(context, request.getStagedWriteId());
          return RenewStagedWriteResponse.newBuilder()
              .setStagedWrite(TableMessages.stagedWrite(request.getDatabase(), renewed))
              .build();
        });
  }

  @Override
  public void discardStagedWrite(
      DiscardStagedWriteRequest request, StreamObserver<DiscardStagedWriteResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          Arguments.required("staged_write_id", request.getStagedWriteId());
          database(context, request.getDatabase()).discard(context, request.getStagedWriteId());
          return DiscardStagedWriteResponse.getDefaultInstance();
        });
  }
}
