package dev.slipway.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/** Tells on one line how far a long job is. Used by one thread. */
final class Progress implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMillis(250);
  private static final int BAR = 20;

  private final PrintWriter out;
  private final InstantSource clock;
  private final boolean shown;
  private final long totalBytes;
  private final Instant start;
  private Instant next;
  private String label = "";
  private long bytes;
  private long rows;
  private int width;

  /**
   * @param totalBytes what there is to read
   * @param shown whether anything is printed at all
   */
  Progress(PrintWriter out, InstantSource clock, long totalBytes, boolean shown) {
    this.out = out;
    this.clock = clock;
    this.shown = shown;
    this.totalBytes = totalBytes;
    this.start = clock.instant();
    this.next = start.plus(EVERY);
  }

  void phase(String name) {
    label = name;
  }

  void bytes(long more) {
    bytes += more;
  }

  void rows(long more) {
    rows += more;
    tick();
  }

  void tick() {
    if (shown && !clock.instant().isBefore(next)) {
      next = clock.instant().plus(EVERY);
      print();
    }
  }

  private void print() {
    int percent = totalBytes == 0 ? 100 : (int) Math.min(100, bytes * 100 / totalBytes);
    String line =
        "%s [%s%s] %d%%  %,d rows  %s"
            .formatted(
                label,
                "#".repeat(percent * BAR / 100),
                " ".repeat(BAR - percent * BAR / 100),
                percent,
                rows,
                rate());
    out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    out.flush();
    width = line.length();
  }

  /** {@code 12.3 MB at 45.6 MB/s}, over all there was. */
  String rate() {
    double seconds = Math.max(0.001, Duration.between(start, clock.instant()).toNanos() / 1e9);
    return String.format(Locale.ROOT, "%.1f MB at %.1f MB/s", bytes / 1e6, bytes / 1e6 / seconds);
  }

  long rows() {
    return rows;
  }

  /** Ends the line. */
  void finish() {
    if (width > 0) {
      out.println();
      out.flush();
      width = 0;
    }
  }

  @Override
  public void close() {
    finish();
  }
}
