package dev.slipway.engine.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.slipway.engine.Conflict;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a log: one revision. Its JSON is described in docs/format.md; a kind that a reader
 * doesn't know is refused, never skipped.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = LogEntry.Commit.class, name = "commit"),
  @JsonSubTypes.Type(value = LogEntry.Abort.class, name = "abort"),
  @JsonSubTypes.Type(value = LogEntry.HistoryExpired.class, name = "history_expired"),
  @JsonSubTypes.Type(value = LogEntry.SettingsChanged.class, name = "settings_changed"),
  @JsonSubTypes.Type(value = LogEntry.DatabaseDeleted.class, name = "database_deleted"),
  @JsonSubTypes.Type(value = LogEntry.DatabaseCreated.class, name = "database_created"),
  @JsonSubTypes.Type(value = LogEntry.DatabaseDropped.class, name = "database_dropped"),
})
public sealed interface LogEntry {
  EntryHeader header();

  /** The same entry at another time. */
  LogEntry at(long micros);

  /**
   * Says which version of each changed table is current from here on.
   *
   * @param branch the branch it is on
   * @param incarnation the revision that created the branch; 0 for the first main
   * @param parent the revision on the branch before it
   * @param consumed the staged writes it uses up
   * @param tables one for each table changed, in order of the changes
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Commit(
      EntryHeader header,
      String branch,
      long incarnation,
      long parent,
      String message,
      Map<String, String> properties,
      List<Consumed> consumed,
      List<TableDelta> tables,
      @Nullable Recovery recovered)
      implements LogEntry {
    public Commit {
      message = message == null ? "" : message;
      properties = properties == null ? Map.of() : Map.copyOf(properties);
      consumed = consumed == null ? List.of() : List.copyOf(consumed);
      tables = tables == null ? List.of() : List.copyOf(tables);
    }

    @Override
    public Commit at(long micros) {
      return new Commit(
          header.at(micros),
          branch,
          incarnation,
          parent,
          message,
          properties,
          consumed,
          tables,
          recovered);
    }
  }

  /**
   * An operation that will never commit.
   *
   * @param reason an {@link dev.slipway.engine.ErrorReason}
   * @param decidesRequest whether it decides the request id too, not only the operation
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Abort(
      EntryHeader header,
      String branch,
      String reason,
      String message,
      List<Conflict> conflicts,
      boolean decidesRequest,
      @Nullable Recovery recovered)
      implements LogEntry {
    public Abort {
      branch = branch == null ? "" : branch;
      message = message == null ? "" : message;
      conflicts = conflicts == null ? List.of() : List.copyOf(conflicts);
    }

    @Override
    public Abort at(long micros) {
      return new Abort(
          header.at(micros), branch, reason, message, conflicts, decidesRequest, recovered);
    }
  }

  /**
   * Raises the floors.
   *
   * @param floor reads below this revision are refused from here on
   * @param stagedFloor staged writes begun below this revision are dead
   * @param renewed ids of staged writes begun below it that live on
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record HistoryExpired(EntryHeader header, long floor, long stagedFloor, List<String> renewed)
      implements LogEntry {
    public HistoryExpired {
      renewed = renewed == null ? List.of() : List.copyOf(renewed);
    }

    @Override
    public HistoryExpired at(long micros) {
      return new HistoryExpired(header.at(micros), floor, stagedFloor, renewed);
    }
  }

  /** Replaces the settings. */
  record SettingsChanged(EntryHeader header, Settings settings) implements LogEntry {
    @Override
    public SettingsChanged at(long micros) {
      return new SettingsChanged(header.at(micros), settings);
    }
  }

  /** The end: nothing may follow. */
  record DatabaseDeleted(EntryHeader header) implements LogEntry {
    @Override
    public DatabaseDeleted at(long micros) {
      return new DatabaseDeleted(header.at(micros));
    }
  }

  /**
   * Never stored: stands for an entry of a record on which an operator gave a {@link Verdict}. It
   * takes up a revision and changes nothing.
   *
   * @param header without an operation; its time is the fold's to give
   */
  record Voided(EntryHeader header) implements LogEntry {
    static Voided by(String actor) {
      return new Voided(new EntryHeader("", null, null, actor, 0, 0));
    }

    @Override
    public Voided at(long micros) {
      return new Voided(header.at(micros));
    }
  }

  /** In the catalog: a name now means this incarnation. */
  record DatabaseCreated(EntryHeader header, String name, String id) implements LogEntry {
    @Override
    public DatabaseCreated at(long micros) {
      return new DatabaseCreated(header.at(micros), name, id);
    }
  }

  /** In the catalog: the incarnation is gone. */
  record DatabaseDropped(EntryHeader header, String name, String id) implements LogEntry {
    @Override
    public DatabaseDropped at(long micros) {
      return new DatabaseDropped(header.at(micros), name, id);
    }
  }

  /**
   * A staged write used up.
   *
   * @param begun the head when it was begun
   */
  record Consumed(String id, long begun) {}

  /**
   * Who resolved an intent that another left.
   *
   * @param how ROLLED_FORWARD or ROLLED_BACK
   * @param by the resolving server's instance id
   * @param owner the instance id of the server that wrote the intent
   */
  record Recovery(String how, String by, String owner) {}
}
