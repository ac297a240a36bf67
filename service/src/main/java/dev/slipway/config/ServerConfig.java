package dev.slipway.config;

import java.time.Duration;
import java.util.List;

/**
 * How the server meets its clients.
 *
 * @param host the address it listens on
 * @param port the port it listens on; 0 takes a free one
 * @param shutdownGrace how long a stopping server waits for calls in flight
 * @param arrowBytes Arrow memory of the whole server
 * @param workers threads for calls that wait for storage
 * @param maxCalls unary calls being answered at once
 * @param maxUploads uploads that stream into storage at once
 * @param maxOpenUploads uploads open at once
 * @param maxWaitingBytes what open uploads may have sent before a thread takes it, and as much
 *     again in requests being answered
 * @param maxScans scans open at once
 * @param maxWaiting reads that wait for a revision at once
 * @param maxMessageBytes size of one message coming in
 * @param maxBatchBytes size of one record batch of an upload
 * @param uploadIdle how long an upload may send nothing
 * @param scanIdle how long a scan's client may take nothing
 * @param callDeadline of unary calls whose client sets none
 * @param streamDeadline of uploads, scans, checks and cleanups whose client sets none
 */
public record ServerConfig(
    String host,
    int port,
    Duration shutdownGrace,
    long arrowBytes,
    int workers,
    int maxCalls,
    int maxUploads,
    int maxOpenUploads,
    long maxWaitingBytes,
    int maxScans,
    int maxWaiting,
    int maxMessageBytes,
    long maxBatchBytes,
    Duration uploadIdle,
    Duration scanIdle,
    Duration callDeadline,
    Duration streamDeadline) {

  private static final ConfigKey<String> HOST =
      ConfigKey.text(
          "server.host",
          "an address or host name",
          "127.0.0.1",
          "The address to listen on. There is no authentication: don't open it to a network you"
              + " don't trust.");
  private static final ConfigKey<Integer> PORT =
      ConfigKey.count("server.port", 0, 65_535, 7411, "The port to listen on; 0 takes a free one.");
  private static final ConfigKey<Duration> SHUTDOWN_GRACE =
      ConfigKey.time(
          "server.shutdown-grace",
          "0ms",
          "1h",
          "30s",
          "How long a stopping server waits for calls in flight before it cancels them.");
  private static final ConfigKey<Long> ARROW_LIMIT =
      ConfigKey.size(
          "server.arrow-limit",
          "16MiB",
          "16TiB",
          "4GiB",
          "Arrow memory of the whole server, outside Java's heap.");

  private static final ConfigKey<Integer> WORKERS =
      ConfigKey.count(
          "server.workers",
          1,
          4_096,
          64,
          "Threads for calls that wait for storage: all but uploads that stream.");
  private static final ConfigKey<Integer> MAX_CALLS =
      ConfigKey.count(
          "server.max-calls",
          1,
          1_000_000,
          4_096,
          "Unary calls being answered at once; more are refused with OVERLOADED.");
  private static final ConfigKey<Integer> MAX_UPLOADS =
      ConfigKey.count(
          "server.max-uploads",
          1,
          256,
          64,
          "Uploads that stream into storage at once; more are refused with OVERLOADED. Lance has about 512 blocking threads in all.");
  private static final ConfigKey<Integer> MAX_OPEN_UPLOADS =
      ConfigKey.count(
          "server.max-open-uploads",
          1,
          1_000_000,
          2_048,
          "Uploads open at once, most of them waiting for data.");
  private static final ConfigKey<Long> MAX_WAITING_BYTES =
      ConfigKey.size(
          "server.max-waiting-uploads",
          "1MiB",
          "1TiB",
          "128MiB",
          "What open uploads may have sent, all together, before a thread takes it; and as much again in requests being answered.");
  private static final ConfigKey<Integer> MAX_SCANS =
      ConfigKey.count("server.max-scans", 1, 100_000, 256, "Scans open at once.");
  private static final ConfigKey<Integer> MAX_WAITING =
      ConfigKey.count(
          "server.max-waiting-reads",
          1,
          4_096,
          16,
          "Reads that wait at once for a revision of another server.");
  private static final ConfigKey<Integer> MAX_MESSAGE =
      ConfigKey.bytes(
          "server.max-message", "64KiB", "1GiB", "16MiB", "Size of one message coming in.");
  private static final ConfigKey<Long> MAX_BATCH =
      ConfigKey.size(
          "server.max-batch",
          "64KiB",
          "1GiB",
          "64MiB",
          "Size of one record batch of an upload, as sent and once decompressed.");
  private static final ConfigKey<Duration> UPLOAD_IDLE =
      ConfigKey.time(
          "server.upload-idle",
          "10ms",
          "1h",
          "30s",
          "How long an upload may send nothing before it is ended.");
  private static final ConfigKey<Duration> SCAN_IDLE =
      ConfigKey.time(
          "server.scan-idle",
          "10ms",
          "1h",
          "60s",
          "How long a scan's client may take nothing before the scan is ended.");
  private static final ConfigKey<Duration> CALL_DEADLINE =
      ConfigKey.time(
          "server.call-deadline",
          "10ms",
          "1d",
          "1m",
          "Deadline of unary calls whose client sets none.");
  private static final ConfigKey<Duration> STREAM_DEADLINE =
      ConfigKey.time(
          "server.stream-deadline",
          "10ms",
          "30d",
          "1h",
          "Deadline of uploads, scans, checks and reclaiming whose client sets none.");

  static final List<ConfigKey<?>> KEYS =
      List.of(
          HOST,
          PORT,
          SHUTDOWN_GRACE,
          ARROW_LIMIT,
          WORKERS,
          MAX_CALLS,
          MAX_UPLOADS,
          MAX_OPEN_UPLOADS,
          MAX_WAITING_BYTES,
          MAX_SCANS,
          MAX_WAITING,
          MAX_MESSAGE,
          MAX_BATCH,
          UPLOAD_IDLE,
          SCAN_IDLE,
          CALL_DEADLINE,
          STREAM_DEADLINE);

  static ServerConfig of(ConfigValues values) {
    return new ServerConfig(
        values.of(HOST),
        values.of(PORT),
        values.of(SHUTDOWN_GRACE),
        values.of(ARROW_LIMIT),
        values.of(WORKERS),
        values.of(MAX_CALLS),
        values.of(MAX_UPLOADS),
        values.of(MAX_OPEN_UPLOADS),
        values.of(MAX_WAITING_BYTES),
        values.of(MAX_SCANS),
        values.of(MAX_WAITING),
        values.of(MAX_MESSAGE),
        values.of(MAX_BATCH),
        values.of(UPLOAD_IDLE),
        values.of(SCAN_IDLE),
        values.of(CALL_DEADLINE),
        values.of(STREAM_DEADLINE));
  }
}
