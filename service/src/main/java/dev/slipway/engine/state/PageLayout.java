package dev.slipway.engine.state;

/**
 * Which revisions make a page: ranges of fixed sizes, aligned, so that whoever writes a page of a
 * range writes the same bytes. A block is the smallest; {@code fan} pages of one size make one of
 * the next. A constant of a database: every checkpoint names the one it was written with.
 *
 * @param block revisions in the smallest
 * @param fan how many make one of the next size
 * @param levels how often
 */
public record PageLayout(int block, int fan, int levels) {
  /** Of 1,024, 16,384 and 262,144 revisions: the greatest takes 17 MB at the very most. */
  public static final PageLayout DEFAULT = new PageLayout(1_024, 16, 2);

  /** A page says in one byte which of its blocks an id is in. */
  private static final long MAX_BLOCKS = 256;

  public PageLayout {
    if (block < 1 || block > 4_096 || fan < 2 || levels < 0 || Math.pow(fan, levels) > MAX_BLOCKS) {
      throw new IllegalArgumentException(
          "expected 1 to 4,096 revisions in a block, a fan of 2 or more and at most "
              + MAX_BLOCKS
              + " blocks in a page; found "
              + block
              + ", "
              + fan
              + ", "
              + levels
              + " levels");
    }
  }

  /** Revisions in a page of a level; level 0 is one block. */
  long size(int level) {
    long size = block;
    for (int i = 0; i < level; i++) {
      size *= fan;
    }
    return size;
  }

  /** Revisions in the greatest page. */
  long top() {
    return size(levels);
  }

  /** The first revision of the aligned range of that size that holds {@code revision}. */
  static long start(long revision, long size) {
    return (Math.max(1, revision) - 1) / size * size + 1;
  }

  /**
   * Whether a state at {@code revision} that knows its history from {@code from} on has this very
   * page: it is complete, none that holds it is, and something of its greatest range is known.
   */
  boolean isCurrent(long first, long last, long from, long revision) {
    if (last > revision || last < start(from, top())) {
      return false;
    }
    for (int level = 0; level <= levels; level++) {
      long size = size(level);
      if (last - first + 1 == size) {
        boolean aligned = start(first, size) == first;
        long above = level == levels ? 0 : size(level + 1);
        return aligned && (above == 0 || start(first, above) + above - 1 > revision);
      }
    }
    return false;
  }
}
