package dev.slipway.storage.lance;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * A condition in SQL, joined so that Lance survives it. A flat chain of a thousand terms overflows
 * its stack, which ends the process, and its parser refuses some fifty nested parentheses. So terms
 * are paired, the shallowest first; the deeper of two goes left, where the parser needs no level of
 * its own for it; and AND within OR has no parentheses.
 *
 * @param levels of the parser's recursion that reading it takes
 * @param depth of the expression it becomes
 */
record SqlTree(Kind kind, String sql, int levels, int depth) {
  /** What the parser bears, with some room. */
  static final int MAX_LEVELS = 42;

  /** An equality with a function call on its right. */
  private static final int LEAF_LEVELS = 4;

  enum Kind {
    LEAF,
    AND,
    OR
  }

  static SqlTree leaf(String sql) {
    return new SqlTree(Kind.LEAF, sql, LEAF_LEVELS, 1);
  }

  /**
   * @param terms at least one
   */
  static SqlTree join(Kind kind, List<SqlTree> terms) {
    PriorityQueue<SqlTree> shallowest =
        new PriorityQueue<>(
            Comparator.comparingInt(SqlTree::depth).thenComparingInt(SqlTree::levels));
    shallowest.addAll(terms);
    while (true) {
      SqlTree right = shallowest.remove();
      SqlTree left = shallowest.poll();
      if (left == null) {
        return right;
      }
      shallowest.add(pair(kind, left, right));
    }
  }

  private static SqlTree pair(Kind kind, SqlTree left, SqlTree right) {
    boolean leftWrapped = kind == Kind.AND && left.kind == Kind.OR;
    // On the right even the same kind needs them, or the terms would make a chain again.
    boolean rightWrapped = right.kind == kind || (kind == Kind.AND && right.kind == Kind.OR);
    int levels =
        Math.max(left.levels + (leftWrapped ? 1 : 0), right.levels + 1 + (rightWrapped ? 1 : 0));
    if (levels > MAX_LEVELS) {
      throw SqlFilter.tooDeep();
    }
    String sql =
        wrapped(left.sql, leftWrapped)
            + (kind == Kind.AND ? " AND " : " OR ")
            + wrapped(right.sql, rightWrapped);
    return new SqlTree(kind, sql, levels, Math.max(left.depth, right.depth) + 1);
  }

  private static String wrapped(String sql, boolean wrap) {
    return wrap ? "(" + sql + ")" : sql;
  }
}
