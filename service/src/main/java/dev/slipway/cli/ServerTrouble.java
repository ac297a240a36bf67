package dev.slipway.cli;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Failures of a connection in a user's words: libraries tell of theirs in terms of system calls and
 * frames. Safe for use by many threads.
 */
final class ServerTrouble {
  private static final String REFUSED = "the connection was refused";
  private static final Map<String, String> WORDS = words();

  private final String address;
  private final Duration timeout;
  private volatile boolean reached;

  ServerTrouble(String address, Duration timeout) {
    this.address = address;
    this.timeout = timeout;
  }

  /** There was a server at the other end. */
  void reached() {
    reached = true;
  }

  /** The status, worded anew if it is the connection's rather than the server's. */
  Status worded(Status status, Metadata trailers) {
    if (StatusProto.fromStatusAndTrailers(status, trailers).getDetailsCount() > 0) {
      return status;
    }
    return switch (status.getCode()) {
      case DEADLINE_EXCEEDED -> status.withDescription(late(timeout));
      case UNAVAILABLE -> status.withDescription(reached ? broke(why(status)) : none(why(status)));
      default -> status;
    };
  }

  /** Something took the connection and said nothing. */
  String silent(Duration waited) {
    return none("nothing was said within %s s".formatted(seconds(waited)));
  }

  private String late(Duration waited) {
    return "the server at %s didn't answer within %s s; --timeout says how long to wait"
        .formatted(address, seconds(waited));
  }

  private String broke(String why) {
    return "the connection to %s broke before the answer was whole: %s"
        .formatted(address, why.equals(REFUSED) ? "the server is gone" : why);
  }

  private String none(String why) {
    return "no server answers at %s: %s; start one with 'slipway serve', or say where it is with --server"
        .formatted(address, why);
  }

  private static String seconds(Duration time) {
    return time.toMillis() % 1000 == 0
        ? String.valueOf(time.toSeconds())
        : String.valueOf(time.toMillis() / 1000.0);
  }

  private static String why(Status status) {
    StringBuilder told = new StringBuilder(String.valueOf(status.getDescription()));
    String last = told.toString();
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      last = String.valueOf(cause.getMessage());
      told.append('\n').append(cause);
    }
    for (Map.Entry<String, String> each : WORDS.entrySet()) {
      if (told.indexOf(each.getKey()) >= 0) {
        return each.getValue();
      }
    }
    return last;
  }

  private static Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put("Connection refused", REFUSED);
    words.put("UnknownHostException", "the host's name isn't known");
    words.put("Unable to resolve host", "the host's name isn't known");
    words.put("not SETTINGS", "what answers there doesn't speak gRPC");
    words.put("Keepalive failed", "it has fallen silent");
    words.put("timed out", "it took too long to connect");
    words.put("unreachable", "the network doesn't reach it");
    words.put("No route to host", "the network doesn't reach it");
    words.put("reset by peer", "the server closed it");
    words.put("Network closed", "the server closed it");
    words.put("Broken pipe", "the server closed it");
    words.put("shutdown", "the server closed it");
    return words;
  }
}
