package dev.slipway.engine;

/** A table, and the commit that made it so. */
public record TableCommit(TableInfo table, CommitInfo commit) {}
