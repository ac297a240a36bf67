package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.ReadServiceGrpc;
import dev.slipway.v1.WriteRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that no stub would send: bytes that are no message, too many of them, none. */
final class MalformedRequestTest {
  private GrpcFixture fixture;
  private long head;

  @BeforeEach
  void start(@TempDir Path folder) {
    fixture = new GrpcFixture(folder).withPerson();
    head = fixture.head();
  }

  @AfterEach
  void stop() {
    try {
      fixture.assertNothingLeft(head);
    } finally {
      fixture.close();
    }
  }

  @Test
  void unaryCall_ofBytesThatAreNoMessage_isAnInvalidArgument() {
    for (byte[] bytes :
        List.of(
            new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF},
            new byte[] {0x0A, 0x7F},
            new byte[] {0x07},
            new byte[] {0x0A, 2, (byte) 0xC3, 0x28})) {
      assertFails(
          ErrorReason.ARGUMENT_INVALID,
          "isn't a valid slipway.v1.DatabaseService/CreateDatabase",
          () -> send(DatabaseServiceGrpc.getCreateDatabaseMethod(), bytes));
    }
  }

  @Test
  void unaryCall_ofTextThatIsNotUtf8_isAnInvalidArgument() {
    byte[] name = {0x0A, 3, 'a', (byte) 0xFF, 'b'};

    assertFails(
        ErrorReason.ARGUMENT_INVALID, "UTF-8", () -> send(ReadServiceGrpc.getCountMethod(), name));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "UTF-8",
        () -> send(CommitServiceGrpc.getCommitMethod(), name));
  }

  @Test
  void upload_ofAMessageThatIsNone_isAnInvalidArgument() {
    byte[] first =
        write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}")
            .toByteArray();

    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "isn't a valid",
        () -> send(CommitServiceGrpc.getWriteMethod(), first, new byte[] {0x07}));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "isn't a valid",
        () -> send(CommitServiceGrpc.getWriteMethod(), new byte[] {0x07}, first));
  }

  @Test
  void upload_ofRowsNested200Deep_isAnInvalidArgument() {
    Value value = Value.newBuilder().setStringValue("deep").build();
    for (int i = 0; i < 200; i++) {
      value = Value.newBuilder().setListValue(ListValue.newBuilder().addValues(value)).build();
    }
    WriteRequest request =
        write("{header: {database: 'crm', table: 'person', append: {}}}").toBuilder()
            .addRows(Struct.newBuilder().putFields("name", value))
            .build();

    assertFails(ErrorReason.ARGUMENT_INVALID, "nest", () -> fixture.write(request));
  }

  @Test
  void createTable_ofAFieldNested200Deep_isAnInvalidArgument() {
    dev.slipway.v1.Field field =
        dev.slipway.v1.Field.newBuilder().setName("x").setType("utf8").build();
    for (int i = 0; i < 200; i++) {
      field =
          dev.slipway.v1.Field.newBuilder()
              .setName("x")
              .setType("struct")
              .addChildren(field)
              .build();
    }
    CreateTableRequest request =
        CreateTableRequest.newBuilder()
            .setDatabase("crm")
            .setTable("t")
            .setSchema(dev.slipway.v1.Schema.newBuilder().addFields(field))
            .build();

    assertFails(ErrorReason.ARGUMENT_INVALID, "nest", () -> fixture.tables().createTable(request));
  }

  @Test
  void unaryCall_withoutMessageOrWithTwo_isAnInvalidArgument() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "found none",
        () -> send(DatabaseServiceGrpc.getCreateDatabaseMethod()));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "found more",
        () -> send(DatabaseServiceGrpc.getGetDatabaseMethod(), new byte[0], new byte[0]));
    assertFails(
        ErrorReason.ARGUMENT_INVALID, "found none", () -> send(ReadServiceGrpc.getScanMethod()));
  }

  @RepeatedTest(5)
  void anyCall_ofAMessageOverTheLimit_isTooMuch() {
    ByteString large = ByteString.copyFrom(new byte[17 << 20]);
    WriteRequest header = write("{header: {database: 'crm', table: 'person', append: {}}}");
    WriteRequest whole = header.toBuilder().setArrowIpc(large).build();
    WriteRequest second = WriteRequest.newBuilder().setArrowIpc(large).build();
    CreateTableRequest table =
        CreateTableRequest.newBuilder()
            .setDatabase("crm")
            .setSchema(dev.slipway.v1.Schema.newBuilder().setArrowIpcSchema(large))
            .build();

    for (Runnable call :
        List.<Runnable>of(
            () -> fixture.write(whole),
            () -> fixture.write(header, second),
            () -> assertThat(fixture.tables().createTable(table).hasTable()).isTrue())) {
      StatusRuntimeException failure =
          catchThrowableOfType(StatusRuntimeException.class, call::run);

      assertThat(failure.getStatus().getCode())
          .as("%s", failure)
          .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
  }

  @Test
  void anyCall_ofAnUnknownMethod_isUnimplemented() {
    MethodDescriptor<byte[], byte[]> method =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("slipway.v1.DatabaseService/Explode")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                ClientCalls.blockingUnaryCall(
                    fixture.channel(), method, CallOptions.DEFAULT, new byte[0]));

    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  /** Calls the method with these bytes for messages. */
  private byte[] send(MethodDescriptor<?, ?> method, byte[]... messages) {
    MethodDescriptor<byte[], byte[]> raw =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
            .setFullMethodName(method.getFullMethodName())
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();
    ClientCall<byte[], byte[]> call =
        fixture.channel().newCall(raw, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS));
    Answer<byte[]> answer = new Answer<>();
    call.start(new ToAnswer(answer), new Metadata());
    call.request(2);
    for (byte[] message : messages) {
      call.sendMessage(message);
    }
    call.halfClose();
    return answer.get();
  }

  private static final class ToAnswer extends ClientCall.Listener<byte[]> {
    private final Answer<byte[]> answer;

    ToAnswer(Answer<byte[]> answer) {
      this.answer = answer;
    }

    @Override
    public void onMessage(byte[] message) {
      answer.onNext(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (status.isOk()) {
        answer.onCompleted();
      } else {
        answer.onError(status.asRuntimeException(trailers));
      }
    }
  }

  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
