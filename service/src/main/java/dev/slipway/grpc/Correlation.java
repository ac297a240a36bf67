package dev.slipway.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives each call the id that finds it in logs: the client's {@code x-request-id}, or a new one. It
 * goes back to the client in the headers, or in the trailers of a call that fails at once.
 */
public final class Correlation implements ServerInterceptor {
  /** The key under which log lines have it. */
  public static final String LOG_KEY = "request";

  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<String> ID = Context.key("correlation-id");
  private static final Pattern USABLE = Pattern.compile("[\\x21-\\x7e]{1,128}");

  private final Supplier<String> ids;

  /**
   * @param ids makes new ids; safe for use by many threads
   */
  public Correlation(Supplier<String> ids) {
    this.ids = ids;
  }

  /** The id of the call this runs in; empty outside of one. */
  static String current() {
    String id = ID.get();
    return id == null ? "" : id;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String given = headers.get(HEADER);
    String id = given != null && USABLE.matcher(given).matches() ? given : ids.get();
    return Contexts.interceptCall(
        Context.current().withValue(ID, id), new Echo<>(call, id), headers, next);
  }

  private static final class Echo<Q, A> extends SimpleForwardingServerCall<Q, A> {
    private final String id;
    private boolean headersSent;

    Echo(ServerCall<Q, A> call, String id) {
      super(call);
      this.id = id;
    }

    @Override
    public void sendHeaders(Metadata headers) {
      headersSent = true;
      headers.put(HEADER, id);
      super.sendHeaders(headers);
    }

    @Override
    public void close(Status status, @Nullable Metadata trailers) {
      Metadata sent = trailers == null ? new Metadata() : trailers;
      if (!headersSent) {
        sent.put(HEADER, id);
      }
      super.close(status, sent);
    }
  }
}
