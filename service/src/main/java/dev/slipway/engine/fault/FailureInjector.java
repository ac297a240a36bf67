package dev.slipway.engine.fault;

/** Called at every window. Tests make it throw, halt the process, or wait. */
@FunctionalInterface
public interface FailureInjector {
  /** Does nothing. */
  FailureInjector NONE = point -> {};

  void at(FailPoint point);
}
