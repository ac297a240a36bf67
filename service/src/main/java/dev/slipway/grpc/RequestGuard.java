package dev.slipway.grpc;

import com.google.protobuf.MessageLite;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.Text;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests that aren't well-formed with a typed error. Left to itself, gRPC closes a call
 * whose message can't be parsed with UNKNOWN, and one without its message with INTERNAL.
 */
final class RequestGuard {
  private static final Context.Key<Long> BYTES = Context.key("request-bytes");

  private final ErrorMapper errors;

  RequestGuard(ErrorMapper errors) {
    this.errors = errors;
  }

  /** Size of the request whose method this runs in; 0 for one that comes in pieces. */
  static long requestBytes() {
    Long bytes = BYTES.get();
    return bytes == null ? 0 : bytes;
  }

  ServerServiceDefinition guard(ServerServiceDefinition service) {
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    ServiceDescriptor plain = service.getServiceDescriptor();
    // Reflection finds the protos by the schema.
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(plain.getName())
            .setSchemaDescriptor(plain.getSchemaDescriptor());
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      ServerMethodDefinition<?, ?> guarded = guard(method);
      methods.add(guarded);
      descriptor.addMethod(guarded.getMethodDescriptor());
    }
    ServerServiceDefinition.Builder guarded = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(guarded::addMethod);
    return guarded.build();
  }

  private <Q, A> ServerMethodDefinition<Parsed<Q>, A> guard(ServerMethodDefinition<Q, A> method) {
    MethodDescriptor<Q, A> plain = method.getMethodDescriptor();
    // As one that takes any number of messages: gRPC itself would answer a second one INTERNAL.
    MethodDescriptor.MethodType type =
        plain.getType().serverSendsOneMessage()
            ? MethodDescriptor.MethodType.CLIENT_STREAMING
            : MethodDescriptor.MethodType.BIDI_STREAMING;
    MethodDescriptor<Parsed<Q>, A> descriptor =
        plain.toBuilder(
                new ParsedMarshaller<>(plain.getRequestMarshaller()), plain.getResponseMarshaller())
            .setType(type)
            .build();
    ServerCallHandler<Q, A> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        descriptor,
        (call, headers) -> {
          PlainCall<Q, A> unwrapped = new PlainCall<>(call, plain);
          return new Listener<>(handler.startCall(unwrapped, headers), unwrapped, errors);
        });
  }

  /** A message, or why it isn't one. */
  private record Parsed<Q>(@Nullable Q message, @Nullable RuntimeException failure) {}

  private static final class ParsedMarshaller<Q> implements MethodDescriptor.Marshaller<Parsed<Q>> {
    private final MethodDescriptor.Marshaller<Q> marshaller;

    ParsedMarshaller(MethodDescriptor.Marshaller<Q> marshaller) {
      this.marshaller = marshaller;
    }

    @Override
    public InputStream stream(Parsed<Q> value) {
      if (value.message() == null) {
        throw new IllegalStateException("only clients write requests, and only whole ones");
      }
      return marshaller.stream(value.message());
    }

    @Override
    public Parsed<Q> parse(InputStream stream) {
      try {
        return new Parsed<>(marshaller.parse(stream), null);
      } catch (RuntimeException e) {
        return new Parsed<>(null, e);
      }
    }
  }

  /** The call as its handler knows it; closed at most once by guard or handler. */
  private static final class PlainCall<Q, A> extends ServerCall<Q, A> {
    private final ServerCall<Parsed<Q>, A> call;
    private final MethodDescriptor<Q, A> method;
    private boolean closed;

    PlainCall(ServerCall<Parsed<Q>, A> call, MethodDescriptor<Q, A> method) {
      this.call = call;
      this.method = method;
    }

    @Override
    public void request(int messages) {
      call.request(messages);
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!closed) {
        call.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(A message) {
      if (!closed) {
        call.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        // One that the transport has ended, for a message over the limit say, has its answer: this
        // one could overtake it.
        if (!call.isCancelled()) {
          call.close(status, trailers);
        }
      }
    }

    @Override
    public boolean isReady() {
      return call.isReady();
    }

    @Override
    public boolean isCancelled() {
      return call.isCancelled();
    }

    @Override
    public void setMessageCompression(boolean enabled) {
      call.setMessageCompression(enabled);
    }

    @Override
    public void setCompression(String compressor) {
      call.setCompression(compressor);
    }

    @Override
    public void setOnReadyThreshold(int bytes) {
      call.setOnReadyThreshold(bytes);
    }

    @Override
    public SecurityLevel getSecurityLevel() {
      return call.getSecurityLevel();
    }

    @Override
    public Attributes getAttributes() {
      return call.getAttributes();
    }

    @Override
    public @Nullable String getAuthority() {
      return call.getAuthority();
    }

    @Override
    public MethodDescriptor<Q, A> getMethodDescriptor() {
      return method;
    }
  }

  private static final class Listener<Q, A> extends ServerCall.Listener<Parsed<Q>> {
    private final ServerCall.Listener<Q> handler;
    private final PlainCall<Q, A> call;
    private final ErrorMapper errors;
    private int messages;
    private long bytes;
    private boolean refused;

    Listener(ServerCall.Listener<Q> handler, PlainCall<Q, A> call, ErrorMapper errors) {
      this.handler = handler;
      this.call = call;
      this.errors = errors;
    }

    @Override
    public void onMessage(Parsed<Q> parsed) {
      messages++;
      Q message = parsed.message();
      if (refused) {
        return;
      }
      if (message == null) {
        RuntimeException failure = parsed.failure();
        refuse(
            SlipwayException.of(
                    ErrorReason.ARGUMENT_INVALID,
                    "the message isn't a valid %s: %s",
                    call.getMethodDescriptor().getFullMethodName(),
                    Text.quote(cause(failure)))
                .causedBy(failure == null ? new IllegalStateException() : failure));
      } else if (messages > 1 && call.getMethodDescriptor().getType().clientSendsOneMessage()) {
        refuse(Arguments.invalid("request", "one message, found more"));
      } else {
        bytes = message instanceof MessageLite known ? known.getSerializedSize() : 0;
        run(() -> handler.onMessage(message));
      }
    }

    @Override
    public void onHalfClose() {
      if (refused) {
        return;
      }
      if (messages == 0 && call.getMethodDescriptor().getType().clientSendsOneMessage()) {
        refuse(Arguments.invalid("request", "one message, found none"));
        return;
      }
      // A method that takes one message begins here.
      run(Context.current().withValue(BYTES, bytes).wrap(handler::onHalfClose));
    }

    @Override
    public void onCancel() {
      run(handler::onCancel);
    }

    @Override
    public void onComplete() {
      run(handler::onComplete);
    }

    @Override
    public void onReady() {
      if (!refused) {
        run(handler::onReady);
      }
    }

    private void run(Runnable step) {
      try {
        step.run();
      } catch (RuntimeException e) {
        refuse(e);
      }
    }

    private void refuse(RuntimeException failure) {
      refused = true;
      StatusRuntimeException status = errors.map(failure, Correlation.current(), "");
      Metadata trailers = status.getTrailers();
      call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    private static String cause(@Nullable RuntimeException failure) {
      Throwable cause = failure;
      while (cause != null && cause.getCause() != null) {
        cause = cause.getCause();
      }
      return cause == null ? "" : String.valueOf(cause.getMessage());
    }
  }
}
