package dev.slipway.engine;

/** Told how a check goes, by the thread that makes it. May block; what it throws ends the check. */
public interface VerifyListener {
  void found(Finding finding);

  /**
   * How far it is.
   *
   * @param phase files, log, checkpoints, tables, intents
   * @param total 0 if that isn't known
   */
  void progress(String phase, long done, long total);
}
