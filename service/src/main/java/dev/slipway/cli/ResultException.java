package dev.slipway.cli;

import java.io.IOException;

/** Results can't be written to where they should go. Its message is one readable line. */
final class ResultException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean readerGone;

  ResultException(String name, IOException cause) {
    super("can't write to " + name + ": " + FileTrouble.reason(cause), cause);
    // The JDK has no type for it, only the system's words.
    String words = String.valueOf(cause.getMessage());
    this.readerGone = words.contains("Broken pipe") || words.contains("pipe is being closed");
  }

  /** Whoever reads the results has enough of them, as {@code head} does: no failure. */
  boolean isReaderGone() {
    return readerGone;
  }
}
