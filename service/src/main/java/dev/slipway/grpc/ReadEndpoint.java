package dev.slipway.grpc;

import dev.slipway.engine.AtRevision;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.ScanSpec;
import dev.slipway.engine.SlipwayException;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CountResponse;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.ScanRequest;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.OptionalLong;

/** Reads. A scan's answers have a marshaller of their own, see {@link ScanPiece}. */
final class ReadEndpoint implements BindableService {
  private static final MethodDescriptor<ScanRequest, ScanPiece> SCAN =
      ReadServiceGrpc.getScanMethod().toBuilder(
              ReadServiceGrpc.getScanMethod().getRequestMarshaller(), ScanPiece.MARSHALLER)
          .build();

  private static final int MAX_BATCH_ROWS = 65_536;
  private static final int IPC_BATCH_ROWS = 8_192;
  private static final int JSON_BATCH_ROWS = 500;

  private final Calls calls;
  private final Reading reading;

  ReadEndpoint(Databases databases, Calls calls) {
    this.calls = calls;
    this.reading = new Reading(databases, calls);
  }

  @Override
  public ServerServiceDefinition bindService() {
    ServiceDescriptor plain = ReadServiceGrpc.getServiceDescriptor();
    // Reflection finds the protos by the schema.
    ServiceDescriptor descriptor =
        ServiceDescriptor.newBuilder(plain.getName())
            .setSchemaDescriptor(plain.getSchemaDescriptor())
            .addMethod(SCAN)
            .addMethod(ReadServiceGrpc.getCountMethod())
            .build();
    return ServerServiceDefinition.builder(descriptor)
        .addMethod(SCAN, ServerCalls.asyncServerStreamingCall(this::scan))
        .addMethod(ReadServiceGrpc.getCountMethod(), ServerCalls.asyncUnaryCall(this::count))
        .build();
  }

  private void scan(ScanRequest request, StreamObserver<ScanPiece> observer) {
    ActiveCall<ScanPiece> call = calls.scan(observer);
    if (call == null) {
      return;
    }
    try {
      ReadAt at = Arguments.readAt(request.getAt());
      ScanSpec spec = spec(request);
      Arguments.required("table", request.getTable());
      new ScanCall(
              calls,
              call,
              () ->
                  reading.read(
                      call.context(),
                      request.getDatabase(),
                      at,
                      database -> database.scan(call.context(), request.getTable(), at, spec)),
              request.getFormat())
          .begin();
    } catch (SlipwayException e) {
      call.fail(e);
    }
  }

  private static ScanSpec spec(ScanRequest request) {
    boolean rows =
        switch (request.getFormat()) {
          case PAYLOAD_FORMAT_ROWS -> true;
          case PAYLOAD_FORMAT_ARROW_IPC, PAYLOAD_FORMAT_UNSPECIFIED -> false;
          case UNRECOGNIZED ->
              throw Arguments.invalid(
                  "format", "ARROW_IPC or ROWS, found " + request.getFormatValue());
        };
    int batchRows = request.getBatchRows();
    if (batchRows < 0 || batchRows > MAX_BATCH_ROWS) {
      throw Arguments.invalid("batch_rows", "1 to " + MAX_BATCH_ROWS + ", found " + batchRows);
    }
    if (batchRows == 0) {
      batchRows = rows ? JSON_BATCH_ROWS : IPC_BATCH_ROWS;
    }
    return new ScanSpec(
        request.getColumnsList(),
        Arguments.optional(request.getFilter()),
        request.hasLimit()
            ? OptionalLong.of(Arguments.notNegative("limit", request.getLimit()))
            : OptionalLong.empty(),
        Arguments.notNegative("offset", request.getOffset()),
        batchRows);
  }

  private void count(CountRequest request, StreamObserver<CountResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          ReadAt at = Arguments.readAt(request.getAt());
          Arguments.required("table", request.getTable());
          AtRevision<Long> count =
              reading.read(
                  context,
                  request.getDatabase(),
                  at,
                  database ->
                      database.count(
                          context,
                          request.getTable(),
                          at,
                          Arguments.optional(request.getFilter())));
          return CountResponse.newBuilder()
              .setCount(count.value())
              .setRevision(count.revision())
              .build();
        });
  }
}
