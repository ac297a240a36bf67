package dev.slipway.engine;

/** Something read, and the revision it was read at. */
public record AtRevision<T>(long revision, T value) {}
