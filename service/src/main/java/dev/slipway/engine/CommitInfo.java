package dev.slipway.engine;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One commit, as the log has it.
 *
 * @param revision 0 if it was only validated
 * @param parentRevision the revision on its branch before it; 0 for the first
 */
public record CommitInfo(
    long revision,
    String branch,
    long parentRevision,
    Instant time,
    String message,
    Map<String, String> properties,
    String actor,
    Optional<String> requestId,
    List<TableChange> tables,
    Optional<RecoveredInfo> recovered) {

  public CommitInfo {
    properties = Map.copyOf(properties);
    tables = List.copyOf(tables);
  }

  /**
   * How the commit changed one table.
   *
   * @param from version number before; 0 if the commit created it
   * @param to version number after; 0 if the commit dropped it
   * @param rebased whether the table had moved since staging
   * @param previousName the name before, if the commit renamed it
   */
  public record TableChange(
      String name,
      long from,
      long to,
      long rowsAdded,
      long rowsRemoved,
      boolean rebased,
      Optional<String> previousName) {}

  /**
   * Who completed or rolled back what another began.
   *
   * @param by the server that resolved it
   * @param owner the server that began it
   * @param begun the head revision when it was begun
   */
  public record RecoveredInfo(Outcome outcome, String by, String owner, long begun) {
    /** What was done. The names are stored in the log: never rename one. */
    public enum Outcome {
      ROLLED_FORWARD,
      ROLLED_BACK
    }
  }
}
