package dev.slipway.storage;

/** A backend's own part of a {@link TableSnapshot}; closed once, with it. */
public interface SnapshotState extends AutoCloseable {
  @Override
  void close();
}
