package dev.slipway.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Does what grpcurl does: learns the API by reflection, sends JSON, prints JSON. */
final class ReflectionClient {
  private final Channel channel;

  ReflectionClient(Channel channel) {
    this.channel = channel;
  }

  /** Calls {@code package.Service/Method} with one message and gives all answers. */
  List<String> call(String method, String json)
      throws InvalidProtocolBufferException, DescriptorValidationException {
    int slash = method.indexOf('/');
    MethodDescriptor descriptor =
        service(method.substring(0, slash)).findMethodByName(method.substring(slash + 1));
    DynamicMessage.Builder request = DynamicMessage.newBuilder(descriptor.getInputType());
    JsonFormat.parser().merge(json, request);
    List<String> answers = new ArrayList<>();
    for (DynamicMessage answer : call(descriptor, request.build())) {
      answers.add(JsonFormat.printer().print(answer));
    }
    return answers;
  }

  private List<DynamicMessage> call(MethodDescriptor method, DynamicMessage request) {
    io.grpc.MethodDescriptor<DynamicMessage, DynamicMessage> call =
        io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
            .setType(MethodType.BIDI_STREAMING)
            .setFullMethodName(
                io.grpc.MethodDescriptor.generateFullMethodName(
                    method.getService().getFullName(), method.getName()))
            .setRequestMarshaller(
                ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
            .setResponseMarshaller(
                ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
            .build();
    Collected<DynamicMessage> answers = new Collected<>();
    StreamObserver<DynamicMessage> requests =
        ClientCalls.asyncBidiStreamingCall(channel.newCall(call, CallOptions.DEFAULT), answers);
    requests.onNext(request);
    requests.onCompleted();
    return answers.all.join();
  }

  private ServiceDescriptor service(String name)
      throws InvalidProtocolBufferException, DescriptorValidationException {
    Map<String, FileDescriptorProto> protos = new HashMap<>();
    Collected<ServerReflectionResponse> answers = new Collected<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel).serverReflectionInfo(answers);
    requests.onNext(ServerReflectionRequest.newBuilder().setFileContainingSymbol(name).build());
    requests.onCompleted();
    String first = "";
    for (ServerReflectionResponse answer : answers.all.join()) {
      for (ByteString file : answer.getFileDescriptorResponse().getFileDescriptorProtoList()) {
        FileDescriptorProto proto = FileDescriptorProto.parseFrom(file);
        protos.put(proto.getName(), proto);
        boolean holds =
            proto.getServiceList().stream()
                .anyMatch(each -> name.equals(proto.getPackage() + "." + each.getName()));
        first = holds ? proto.getName() : first;
      }
    }
    return file(first, protos, new HashMap<>())
        .findServiceByName(name.substring(name.lastIndexOf('.') + 1));
  }

  private static FileDescriptor file(
      String name, Map<String, FileDescriptorProto> protos, Map<String, FileDescriptor> built)
      throws DescriptorValidationException {
    FileDescriptor done = built.get(name);
    FileDescriptorProto proto = protos.get(name);
    if (done != null) {
      return done;
    }
    if (proto == null) {
      throw new IllegalStateException("reflection doesn't tell of " + name);
    }
    List<FileDescriptor> needed = new ArrayList<>();
    for (String dependency : proto.getDependencyList()) {
      needed.add(file(dependency, protos, built));
    }
    FileDescriptor file = FileDescriptor.buildFrom(proto, needed.toArray(new FileDescriptor[0]));
    built.put(name, file);
    return file;
  }

  private static final class Collected<T> implements StreamObserver<T> {
    private final List<T> received = new ArrayList<>();
    private final CompletableFuture<List<T>> all = new CompletableFuture<>();

    @Override
    public void onNext(T message) {
      received.add(message);
    }

    @Override
    public void onError(Throwable failure) {
      all.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      all.complete(received);
    }
  }
}
