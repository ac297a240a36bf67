package dev.slipway.engine.matrix;

import java.util.Locale;

/** Who clears up after the fault. */
enum Resolver {
  /** The process is gone; another opens the database. */
  NEXT_OPEN,
  /** The process lives on and recovers. */
  RECOVER,
  /** A second process, which had the database open all the time, recovers. */
  SECOND_PROCESS,
  /** The client sends the same request again, to the same process or to a second one. */
  RETRY;

  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
