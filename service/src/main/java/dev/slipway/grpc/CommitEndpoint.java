package dev.slipway.grpc;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.CommitPage;
import dev.slipway.engine.CommitResult;
import dev.slipway.engine.Database;
import dev.slipway.engine.Databases;
import dev.slipway.engine.RequestKey;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.GetCommitOutcomeRequest;
import dev.slipway.v1.GetCommitOutcomeResponse;
import dev.slipway.v1.GetCommitRequest;
import dev.slipway.v1.GetCommitResponse;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.ListCommitsResponse;
import dev.slipway.v1.WriteOptions;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.arrow.memory.BufferAllocator;

/** Commits. */
final class CommitEndpoint extends CommitServiceGrpc.CommitServiceImplBase {
  private final Databases databases;
  private final Calls calls;
  private final BufferAllocator allocator;

  CommitEndpoint(Databases databases, Calls calls, BufferAllocator allocator) {
    this.databases = databases;
    this.calls = calls;
    this.allocator = allocator;
  }

  private Database database(CallContext context, String name) {
    return databases.database(context, Arguments.required("database", name));
  }

  @Override
  public void commit(CommitRequest request, StreamObserver<CommitResponse> observer) {
    calls.unary(
        observer,
        request.getRequestId(),
        context -> {
          String branch = Arguments.branch(request.getBranch());
          CommitOptions options =
              new CommitOptions(
                  RequestDigest.key(
                      request.getRequestId(),
                      CommitServiceGrpc.getCommitMethod().getFullMethodName(),
                      request.toBuilder()
                          .clearRequestId()
                          .clearMaxCommitDelay()
                          .setBranch(branch)
                          .build()),
                  Arguments.expectations(request.getExpectationsList()),
                  request.getMessage(),
                  request.getPropertiesMap(),
                  request.getValidateOnly(),
                  delay(request.getMaxCommitDelay()));
          CommitResult result =
              database(context, request.getDatabase())
                  .commit(context, branch, request.getStagedWriteIdsList(), options);
          return CommitResponse.newBuilder()
              .setRevision(result.commit().revision())
              .setCommitTime(Times.timestamp(result.commit().time()))
              .addAllTables(CommitMessages.tables(result.commit()))
              .setReplayed(result.replayed())
              .build();
        });
  }

  private static java.time.Duration delay(Duration given) {
    if (!Durations.isValid(given)) {
      throw Arguments.invalid("max_commit_delay", "a duration of 0 to 1 s");
    }
    return java.time.Duration.ofSeconds(given.getSeconds(), given.getNanos());
  }

  @Override
  public StreamObserver<WriteRequest> write(StreamObserver<WriteResponse> observer) {
    return UploadCall.begin(calls, observer, new WriteForm(), databases, allocator);
  }

  private static final class WriteForm implements UploadCall.Form<WriteRequest, WriteResponse> {
    @Override
    public UploadMessage message(WriteRequest request) {
      return new UploadMessage(
          request.hasHeader() || request.hasOptions(),
          request.getArrowIpc(),
          request.getRowsList(),
          request.hasOffset() ? OptionalLong.of(request.getOffset()) : OptionalLong.empty(),
          request.getSerializedSize());
    }

    @Override
    public UploadJob<WriteResponse> job(WriteRequest first) {
      WriteOptions given = first.getOptions();
      String branch = Arguments.branch(first.getHeader().getBranch());
      CommitOptions options =
          new CommitOptions(
              Optional.empty(),
              Arguments.expectations(given.getExpectationsList()),
              given.getMessage(),
              given.getPropertiesMap(),
              false,
              java.time.Duration.ZERO);
      Optional<RequestDigest> content =
          Arguments.optional(given.getRequestId())
              .map(
                  id ->
                      new RequestDigest(
                          CommitServiceGrpc.getWriteMethod().getFullMethodName(),
                          WriteRequest.newBuilder()
                              .setHeader(first.getHeader().toBuilder().setBranch(branch))
                              .setOptions(given.toBuilder().clearRequestId())
                              .build()));
      return new UploadJob<>(
          first.getHeader().getDatabase(),
          Arguments.target(first.getHeader()),
          given.getRequestId(),
          content,
          (upload, digest, source) -> {
            CommitOptions all =
                content.isPresent()
                    ? options.withRequest(new RequestKey(given.getRequestId(), digest))
                    : options;
            return answer(upload.write(all, source));
          },
          Optional.of(WriteForm::answer));
    }

    private static WriteResponse answer(CommitResult result) {
      return WriteResponse.newBuilder()
          .setRevision(result.commit().revision())
          .setCommitTime(Times.timestamp(result.commit().time()))
          .addAllTables(CommitMessages.tables(result.commit()))
          .setReplayed(result.replayed())
          .build();
    }
  }

  @Override
  public void getCommitOutcome(
      GetCommitOutcomeRequest request, StreamObserver<GetCommitOutcomeResponse> observer) {
    calls.unary(
        observer,
        request.getRequestId(),
        context -> {
          Arguments.required("request_id", request.getRequestId());
          return CommitMessages.outcome(
              database(context, request.getDatabase())
                  .outcome(context, request.getRequestId(), request.getFence()));
        });
  }

  @Override
  public void getCommit(GetCommitRequest request, StreamObserver<GetCommitResponse> observer) {
    calls.unary(
        observer,
        "",
        context ->
            GetCommitResponse.newBuilder()
                .setCommit(
                    CommitMessages.commit(
                        database(context, request.getDatabase())
                            .commitAt(
                                context, Arguments.notNegative("revision", request.getRevision()))))
                .build());
  }

  @Override
  public void listCommits(
      ListCommitsRequest request, StreamObserver<ListCommitsResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          int size = Arguments.pageSize(request.getPageSize());
          String branch = Arguments.branch(request.getBranch());
          String listing =
              "commits of " + request.getDatabase() + " on " + branch + ", " + request.getTable();
          PageToken page = PageToken.read(listing, request.getPageToken());
          long before = page.equals(PageToken.FIRST) ? Long.MAX_VALUE : page.revision();
          CommitPage found =
              database(context, request.getDatabase())
                  .commits(context, branch, Arguments.optional(request.getTable()), before, size);
          ListCommitsResponse.Builder answer = ListCommitsResponse.newBuilder();
          found.commits().forEach(commit -> answer.addCommits(CommitMessages.commit(commit)));
          if (found.next() > 0) {
            answer.setNextPageToken(new PageToken(found.next(), "").write(listing));
          }
          return answer.build();
        });
  }
}
