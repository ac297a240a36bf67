package dev.slipway.engine.fault;

/** The engine's windows, with the faults armed for them. */
public final class FaultyWindows implements FailureInjector {
  private final Faults<FailPoint> faults;
  private final Life life;

  public FaultyWindows(Faults<FailPoint> faults, Life life) {
    this.faults = faults;
    this.life = life;
  }

  @Override
  public void at(FailPoint point) {
    life.check();
    faults.around(point, () -> point);
  }
}
