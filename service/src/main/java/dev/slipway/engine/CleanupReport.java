package dev.slipway.engine;

import java.util.List;

/**
 * What a cleanup did with one database; in a dry run, what it would do. Its tables' rows went to
 * the {@link CleanupListener}.
 *
 * @param dryRun whether nothing was changed
 * @param revision the newest revision it went by
 * @param floor reads below this revision are refused
 * @param stagedFloor staged writes begun below this revision are dead, unless renewed
 * @param tables how many tables it looked at
 * @param failedTables how many of them it had to leave; another run comes back to them
 * @param deletedFiles files deleted
 * @param candidateFiles files that a later cleanup deletes
 * @param purgedHomes homes deleted whole
 * @param stagedWrites records of dead or used up staged writes deleted
 * @param logRecords log records hollowed; their keys stay
 * @param checkpoints old checkpoints deleted
 * @param problems what an operator must look at, at most 100: damaged records, a checkpoint that
 *     doesn't say what the log says
 */
public record CleanupReport(
    boolean dryRun,
    long revision,
    long floor,
    long stagedFloor,
    int tables,
    int failedTables,
    long deletedFiles,
    long candidateFiles,
    int purgedHomes,
    int stagedWrites,
    long logRecords,
    int checkpoints,
    List<String> problems) {
  public CleanupReport {
    problems = List.copyOf(problems);
  }
}
