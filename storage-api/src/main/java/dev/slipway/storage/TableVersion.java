package dev.slipway.storage;

/**
 * One new immutable version, as {@link TableStorage#commit} made it: invisible to everybody until a
 * log record names its {@link #ref()}. Minted only by {@link AbstractTableStorage}; holds no
 * resources.
 */
public final class TableVersion {
  private final AbstractTableStorage owner;
  private final TableId table;
  private final VersionRef ref;
  private final VersionFacts facts;

  TableVersion(AbstractTableStorage owner, TableId table, VersionRef ref, VersionFacts facts) {
    this.owner = owner;
    this.table = table;
    this.ref = ref;
    this.facts = facts;
  }

  AbstractTableStorage owner() {
    return owner;
  }

  public TableId table() {
    return table;
  }

  public VersionRef ref() {
    return ref;
  }

  /** Rows, bytes and schema of the version, and what it changed. */
  public VersionFacts facts() {
    return facts;
  }

  @Override
  public String toString() {
    return table + "@" + ref.storageVersion();
  }
}
