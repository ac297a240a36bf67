package dev.slipway.engine.testkit;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.log.Settings;
import dev.slipway.engine.state.PageLayout;

/** Engine options of which a test wants only some to differ. */
public final class Options {
  private Options() {}

  public static EngineOptions checkpointEvery(int revisions) {
    return of(EngineOptions.DEFAULT.newDatabases(), revisions);
  }

  /**
   * @param settings of databases that are created
   * @param checkpointEvery revisions between checkpoints
   */
  public static EngineOptions of(Settings settings, int checkpointEvery) {
    return of(settings, checkpointEvery, EngineFixture.SMALL_PAGES);
  }

  /**
   * @param settings of databases that are created
   * @param checkpointEvery revisions between checkpoints
   * @param pages of databases that are created
   */
  public static EngineOptions of(Settings settings, int checkpointEvery, PageLayout pages) {
    EngineOptions defaults = EngineOptions.DEFAULT;
    return new EngineOptions(
        settings,
        checkpointEvery,
        defaults.maxBatchCommits(),
        defaults.maxBatchBytes(),
        defaults.maxStagedWritesPerCommit(),
        defaults.maxTablesPerCommit(),
        defaults.publishAttempts(),
        defaults.answerAttempts(),
        defaults.refreshInterval(),
        pages);
  }

  /** Forgets requests after five revisions and writes a checkpoint every three. */
  public static EngineOptions forgetful() {
    return forgetful(EngineFixture.SMALL_PAGES);
  }

  /** As {@link #forgetful()}. */
  public static EngineOptions forgetful(PageLayout pages) {
    return of(new Settings(0, 5, 86_400), 3, pages);
  }
}
