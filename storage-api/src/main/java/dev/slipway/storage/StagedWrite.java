package dev.slipway.storage;

/**
 * A durable, invisible write, bound to the version it was staged on. Minted only by {@link
 * AbstractTableStorage}; holds no open resources, so there is nothing to close. Its token ({@link
 * TableStorage#toToken}) survives restarts and processes.
 */
public final class StagedWrite {
  private final AbstractTableStorage owner;
  private final TableId table;
  private final WriteKind kind;
  private final VersionRef base;
  private final StagedFacts facts;
  private final StagedState state;

  StagedWrite(
      AbstractTableStorage owner,
      TableId table,
      WriteKind kind,
      VersionRef base,
      StagedFacts facts,
      StagedState state) {
    this.owner = owner;
    this.table = table;
    this.kind = kind;
    this.base = base;
    this.facts = facts;
    this.state = state;
  }

  AbstractTableStorage owner() {
    return owner;
  }

  StagedState state() {
    return state;
  }

  public TableId table() {
    return table;
  }

  public WriteKind kind() {
    return kind;
  }

  /** The version it applies to. {@link TableStorage#rebase} makes a staged write on another. */
  public VersionRef base() {
    return base;
  }

  public StagedFacts facts() {
    return facts;
  }

  @Override
  public String toString() {
    return kind + " on " + table + "@" + base.storageVersion();
  }
}
