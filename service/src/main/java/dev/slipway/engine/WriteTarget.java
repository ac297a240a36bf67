package dev.slipway.engine;

/** Which table a write is for, and what it does to it. */
public record WriteTarget(String branch, String table, WriteOperation operation) {}
