package dev.slipway.engine.fault;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Faults armed for calls of one kind. The first that is due for a call takes it. Safe for use by
 * many threads.
 */
public final class Faults<C> {
  private final List<Armed<C>> armed = new CopyOnWriteArrayList<>();

  /** A fault in its place. */
  public static final class Armed<C> {
    private final Predicate<? super C> which;
    private final int skip;
    private final int times;
    private final Effect effect;
    private final AtomicInteger seen = new AtomicInteger();
    private final CountDownLatch hit = new CountDownLatch(1);

    private Armed(Predicate<? super C> which, int skip, int times, Effect effect) {
      this.which = which;
      this.skip = skip;
      this.times = times;
      this.effect = effect;
    }

    private boolean takes(C call) {
      if (!which.test(call)) {
        return false;
      }
      int number = seen.getAndIncrement();
      boolean due = number >= skip && number - skip < times;
      if (due) {
        hit.countDown();
      }
      return due;
    }

    public boolean wasHit() {
      return hit.getCount() == 0;
    }

    /** Waits until the fault has begun. */
    public void awaitHit() {
      Gate.await(hit, "the fault wasn't hit");
    }
  }

  /** Arms a fault for the next matching call. */
  public Armed<C> once(Predicate<? super C> which, Effect effect) {
    return after(0, which, effect);
  }

  /** Arms a fault for the matching call that follows so many clean ones. */
  public Armed<C> after(int cleanCalls, Predicate<? super C> which, Effect effect) {
    return arm(new Armed<>(which, cleanCalls, 1, effect));
  }

  /** Arms a fault for every matching call. */
  public Armed<C> always(Predicate<? super C> which, Effect effect) {
    return arm(new Armed<>(which, 0, Integer.MAX_VALUE, effect));
  }

  private Armed<C> arm(Armed<C> one) {
    armed.add(one);
    return one;
  }

  /** Whether every fault that is armed has been hit. */
  boolean allHit() {
    return armed.stream().allMatch(Armed::wasHit);
  }

  /** Everything is well again. */
  public void clear() {
    armed.clear();
  }

  /** Makes the call, with the fault that is due for it. */
  <T> T around(C call, Supplier<T> work) {
    for (Armed<C> one : armed) {
      if (one.takes(call)) {
        one.effect.before();
        T result = work.get();
        one.effect.after();
        return result;
      }
    }
    return work.get();
  }
}
