package dev.slipway.cli;

import dev.slipway.v1.MaintenanceServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What holds for every call of a connection: a call that isn't a stream has a deadline, and a
 * failure of the connection is told in a user's words. Streams end by themselves, or by keepalive.
 */
final class CallTerms implements ClientInterceptor {
  /** As long as the server gives it: it works through folders until it is done. */
  private static final Duration RECLAIM = Duration.ofHours(1);

  private final ServerTrouble trouble;
  private final Duration timeout;

  CallTerms(ServerTrouble trouble, Duration timeout) {
    this.trouble = trouble;
    this.timeout = timeout;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    boolean bounded = options.getDeadline() != null || method.getType() != MethodType.UNARY;
    CallOptions terms =
        bounded
            ? options
            : options.withDeadlineAfter(timeout(method).toMillis(), TimeUnit.MILLISECONDS);
    return new SimpleForwardingClientCall<>(next.newCall(method, terms)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(new Worded<>(listener), headers);
      }
    };
  }

  private Duration timeout(MethodDescriptor<?, ?> method) {
    boolean reclaim =
        method
            .getFullMethodName()
            .equals(MaintenanceServiceGrpc.getReclaimDatabasesMethod().getFullMethodName());
    return reclaim && timeout.compareTo(RECLAIM) < 0 ? RECLAIM : timeout;
  }

  private final class Worded<A> extends SimpleForwardingClientCallListener<A> {
    Worded(ClientCall.Listener<A> listener) {
      super(listener);
    }

    @Override
    public void onHeaders(Metadata headers) {
      trouble.reached();
      super.onHeaders(headers);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      super.onClose(trouble.worded(status, trailers), trailers);
    }
  }
}
