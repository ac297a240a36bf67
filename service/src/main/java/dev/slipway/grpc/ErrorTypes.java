package dev.slipway.grpc;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.rpc.ErrorDetailsProto;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoFileDescriptorSupplier;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets reflection know the types of error details. It tells of what the files of services import;
 * details travel as {@code Any}, so none of ours imports theirs, and clients that generate code
 * needn't have it.
 */
final class ErrorTypes {
  private ErrorTypes() {}

  /** The same service, whose file imports the details' as far as reflection can tell. */
  static ServerServiceDefinition reflected(ServerServiceDefinition service) {
    ServiceDescriptor plain = service.getServiceDescriptor();
    if (!(plain.getSchemaDescriptor() instanceof ProtoFileDescriptorSupplier schema)) {
      return service;
    }
    FileDescriptor file = importing(schema.getFileDescriptor());
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(plain.getName())
            .setSchemaDescriptor((ProtoFileDescriptorSupplier) () -> file);
    plain.getMethods().forEach(descriptor::addMethod);
    ServerServiceDefinition.Builder reflected = ServerServiceDefinition.builder(descriptor.build());
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      reflected.addMethod(method);
    }
    return reflected.build();
  }

  private static FileDescriptor importing(FileDescriptor file) {
    FileDescriptor details = ErrorDetailsProto.getDescriptor();
    FileDescriptorProto widened =
        file.toProto().toBuilder().addDependency(details.getName()).build();
    List<FileDescriptor> needed = new ArrayList<>(file.getDependencies());
    needed.add(details);
    try {
      return FileDescriptor.buildFrom(widened, needed.toArray(new FileDescriptor[0]));
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException("an import more can't make a file invalid", e);
    }
  }
}
