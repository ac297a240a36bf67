package dev.slipway.engine;

import org.apache.arrow.vector.ipc.ArrowReader;

/** An open scan. One thread reads it and closes it. */
public interface TableScan extends AutoCloseable {
  /** The revision read. */
  long revision();

  /** The rows; closed with the scan. Never throws anything but what {@link Database} may. */
  ArrowReader reader();

  @Override
  void close();
}
