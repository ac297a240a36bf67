package dev.slipway.engine;

import java.util.List;

/**
 * Some commits of a branch, newest first.
 *
 * @param next where to go on: revisions less than this; 0 if there are no more
 */
public record CommitPage(List<CommitInfo> commits, long next) {
  public CommitPage {
    commits = List.copyOf(commits);
  }
}
