package dev.slipway.engine;

import java.time.Instant;

/**
 * What to read.
 *
 * @param branch the branch; {@code main} by default
 * @param point where on it
 * @param minRevision wait until this process has seen this revision; 0: don't
 */
public record ReadAt(String branch, Point point, long minRevision) {
  public static final String MAIN = "main";

  /** The newest revision of main. */
  public static final ReadAt HEAD = new ReadAt(MAIN, new Point.Head(), 0);

  public static ReadAt revision(long revision) {
    return new ReadAt(MAIN, new Point.Revision(revision), 0);
  }

  public static ReadAt branch(String branch) {
    return new ReadAt(branch, new Point.Head(), 0);
  }

  /** A point on a branch. */
  public sealed interface Point {
    /** The newest. */
    record Head() implements Point {}

    /** Right after this revision. */
    record Revision(long revision) implements Point {}

    /** The newest not later than this. */
    record Time(Instant time) implements Point {}

    /** As if this staged write were committed now, alone. */
    record Staged(String stagedWriteId) implements Point {}
  }
}
