package dev.slipway.grpc;

import dev.slipway.grpc.payload.PayloadLimits;
import java.time.Duration;

/**
 * Bounds and times of the gRPC face.
 *
 * @param host the address to listen on. Default 127.0.0.1
 * @param port the port; 0 for any free one. Default 7411
 * @param payload bounds of one upload
 */
public record GrpcOptions(
    String host, int port, Bounds bounds, Patience patience, PayloadLimits payload) {

  public static final GrpcOptions DEFAULT =
      new GrpcOptions("127.0.0.1", 7411, Bounds.DEFAULT, Patience.DEFAULT, PayloadLimits.DEFAULT);

  /**
   * How much at once.
   *
   * @param workers threads for calls that block: everything but uploads that stream. Default 64
   * @param maxCalls calls being answered at once; more are refused with OVERLOADED. Default 4,096
   * @param maxUploads uploads that stream into storage at once; more are refused with OVERLOADED.
   *     Default 64
   * @param maxOpenUploads uploads open at once, most of them waiting for data. Default 2,048
   * @param maxWaitingBytes what open uploads may have sent before a thread takes it, and as much
   *     again in requests being answered. Default 128 MiB
   * @param maxScans scans open at once. Default 256
   * @param maxWaiting reads that wait for a revision at once. Default 16
   * @param maxMessageBytes size of one message coming in. Default 16 MiB
   */
  public record Bounds(
      int workers,
      int maxCalls,
      int maxUploads,
      int maxOpenUploads,
      long maxWaitingBytes,
      int maxScans,
      int maxWaiting,
      int maxMessageBytes) {
    public static final Bounds DEFAULT =
        new Bounds(64, 4_096, 64, 2_048, 128 << 20, 256, 16, 16 << 20);
  }

  /**
   * How long at most.
   *
   * @param uploadIdle how long an upload may send nothing. Default 30 s
   * @param scanIdle how long a scan's client may take nothing. Default 60 s
   * @param callDeadline for unary calls whose client set no deadline. Default 1 minute
   * @param streamDeadline for uploads, scans, checks and reclaiming whose client set no deadline.
   *     Default 1 hour
   */
  public record Patience(
      Duration uploadIdle, Duration scanIdle, Duration callDeadline, Duration streamDeadline) {
    public static final Patience DEFAULT =
        new Patience(
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            Duration.ofMinutes(1),
            Duration.ofHours(1));
  }

  public GrpcOptions withAddress(String newHost, int newPort) {
    return new GrpcOptions(newHost, newPort, bounds, patience, payload);
  }

  public GrpcOptions withBounds(Bounds others) {
    return new GrpcOptions(host, port, others, patience, payload);
  }

  public GrpcOptions withIdle(Duration upload, Duration scan) {
    return withPatience(
        new Patience(upload, scan, patience.callDeadline(), patience.streamDeadline()));
  }

  public GrpcOptions withDeadlines(Duration call, Duration stream) {
    return withPatience(new Patience(patience.uploadIdle(), patience.scanIdle(), call, stream));
  }

  private GrpcOptions withPatience(Patience other) {
    return new GrpcOptions(host, port, bounds, other, payload);
  }
}
