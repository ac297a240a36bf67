package dev.slipway.engine.commit;

import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.staging.StagedRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What validation found a commit has to do.
 *
 * @param branch the branch it is on
 * @param incarnation of that branch
 * @param parent the revision before it on the branch
 * @param consumed the staged writes it uses up
 * @param touches the tables it changes, each once
 */
record Plan(
    String branch,
    long incarnation,
    long parent,
    List<LogEntry.Consumed> consumed,
    List<Touch> touches) {

  /** One table of a commit. */
  static final class Touch {
    private final String tableId;
    private final @Nullable String nameBefore;
    private final long versionBefore;
    private final boolean pendingBefore;
    private @Nullable String nameAfter;
    private Optional<Change.Create> create = Optional.empty();
    private final List<StagedRecord> writes = new ArrayList<>();
    private boolean rebased;

    /**
     * @param pendingBefore whether an earlier commit of the same batch changes the table
     */
    Touch(String tableId, @Nullable String nameBefore, long versionBefore, boolean pendingBefore) {
      this.tableId = tableId;
      this.nameBefore = nameBefore;
      this.nameAfter = nameBefore;
      this.versionBefore = versionBefore;
      this.pendingBefore = pendingBefore;
    }

    String tableId() {
      return tableId;
    }

    /** Null if the commit creates the table. */
    @Nullable String nameBefore() {
      return nameBefore;
    }

    /** Null if the commit drops the table. */
    @Nullable String nameAfter() {
      return nameAfter;
    }

    long versionBefore() {
      return versionBefore;
    }

    boolean pendingBefore() {
      return pendingBefore;
    }

    Optional<Change.Create> create() {
      return create;
    }

    List<StagedRecord> writes() {
      return writes;
    }

    /** Whether the table had moved since one of the writes was staged. */
    boolean rebased() {
      return rebased;
    }

    void createAs(Change.Create wanted) {
      create = Optional.of(wanted);
      nameAfter = wanted.name();
    }

    void write(StagedRecord staged, boolean moved) {
      writes.add(staged);
      rebased |= moved;
    }

    void rename(String name) {
      nameAfter = name;
    }

    void drop() {
      nameAfter = null;
    }

    /** Created and dropped in the same commit: nothing to say of it. */
    boolean isNothing() {
      return nameBefore == null && nameAfter == null;
    }
  }
}
