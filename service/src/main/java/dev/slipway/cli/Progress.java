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
  private Instant start;
  private Instant next;
  private long totalBytes;
  private String label = "";
  private long bytes;
  private long rows;
  private int width;

  /**
   * @param shown whether anything is printed at all
   */
  Progress(PrintWriter out, InstantSource clock, boolean shown) {
    this.out = out;
    this.clock = clock;
    this.shown = shown;
    this.start = clock.instant();
    this.next = start.plus(EVERY);
  }

  /**
   * Begins a part of the job; rates count from here.
   *
   * @param ofBytes what there is to read in it
   */
  void begin(String name, long ofBytes) {
    label = name;
    totalBytes = ofBytes;
    bytes = 0;
    rows = 0;
    start = clock.instant();
  }

  void label(String name) {
    label = name;
  }

  void bytes(long more) {
    bytes += more;
    tick();
  }

  void rows(long more) {
    rows += more;
  }

  private void tick() {
    if (shown && !clock.instant().isBefore(next)) {
      next = clock.instant().plus(EVERY);
      print();
    }
  }

  private void print() {
    String counted = rows == 0 ? "" : String.format(Locale.ROOT, "%,d rows  ", rows);
    int percent = totalBytes == 0 ? 100 : (int) Math.min(100, bytes * 100 / totalBytes);
    String line =
        "%s [%s%s] %d%%  %s%s"
            .formatted(
                label,
                "#".repeat(percent * BAR / 100),
                " ".repeat(BAR - percent * BAR / 100),
                percent,
                counted,
                rate());
    out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
    out.flush();
    width = line.length();
  }

  /** {@code 12.3 MB at 45.6 MB/s}, since the part began. */
  String rate() {
    double seconds = Math.max(0.001, Duration.between(start, clock.instant()).toNanos() / 1e9);
    return size((double) bytes) + " at " + size(bytes / seconds) + "/s";
  }

  private static String size(double bytes) {
    return bytes < 1e6
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
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
