package dev.slipway.storage;

/**
 * A backend's own part of a {@link StagedWrite}: plain data that its token can carry, no open
 * resources.
 */
public interface StagedState {}
