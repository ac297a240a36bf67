package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import dev.slipway.engine.ErrorReason;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that know the API by reflection alone can print what errors carry. */
class ErrorTypesTest {
  private GrpcFixture fixture;

  @BeforeEach
  void start(@TempDir Path folder) {
    fixture = new GrpcFixture(folder);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  /** Every type that an error may carry. */
  static List<Descriptor> types() {
    return Stream.concat(
            Stream.of(ErrorInfo.class),
            Arrays.stream(ErrorReason.values())
                .flatMap(reason -> ReasonDetails.details(reason).stream()))
        .distinct()
        .map(ErrorTypesTest::descriptor)
        .toList();
  }

  private static Descriptor descriptor(Class<? extends Message> type) {
    try {
      return ((Message) type.getMethod("getDefaultInstance").invoke(null)).getDescriptorForType();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void reflection_ofAnErrorsDetail_givesItsFileAndAllThatItNeeds(Descriptor type)
      throws InvalidProtocolBufferException {
    Answer<ServerReflectionResponse> answer = new Answer<>();
    StreamObserver<ServerReflectionRequest> request =
        ServerReflectionGrpc.newStub(fixture.channel()).serverReflectionInfo(answer);
    request.onNext(
        ServerReflectionRequest.newBuilder().setFileContainingSymbol(type.getFullName()).build());
    request.onCompleted();

    List<String> files = new ArrayList<>();
    for (ByteString file : answer.get().getFileDescriptorResponse().getFileDescriptorProtoList()) {
      files.add(FileDescriptorProto.parseFrom(file).getName());
    }
    assertThat(files)
        .contains(type.getFile().getName())
        .containsAll(
            type.getFile().getDependencies().stream().map(FileDescriptor::getName).toList());
  }
}
