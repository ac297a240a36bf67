package dev.slipway.engine.fault;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Windows armed from outside the process, for crash tests of a real server. The text is {@code
 * window:action} or {@code window:action:skip}, several joined by commas: {@code
 * commit.after_intent:halt:2} lets two commits through and halts the process at the third.
 *
 * <ul>
 *   <li>{@code halt} ends the process at once with exit code {@value #HALTED}: no shutdown hook
 *       runs, nothing is flushed, as if it were killed.
 *   <li>{@code fail} throws once, as a backend that is away would.
 * </ul>
 */
public final class ArmedFailures implements FailureInjector {
  /** The system property that arms windows; unset in production. */
  public static final String PROPERTY = "slipway.failpoint";

  /** The exit code of a process that {@code halt} ended. */
  public static final int HALTED = 86;

  private enum Action {
    HALT,
    FAIL
  }

  private record Armed(Action action, AtomicInteger passesLeft) {}

  private final Map<FailPoint, Armed> armed;

  private ArmedFailures(Map<FailPoint, Armed> armed) {
    this.armed = armed;
  }

  /**
   * Reads what {@value #PROPERTY} says.
   *
   * @param text the property's value; null or blank arms nothing
   * @throws IllegalArgumentException if a window or an action isn't known
   */
  public static FailureInjector parse(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return NONE;
    }
    Map<FailPoint, Armed> armed = new EnumMap<>(FailPoint.class);
    for (String one : text.split(",", -1)) {
      String[] parts = one.strip().split(":", -1);
      if (parts.length < 2 || parts.length > 3) {
        throw new IllegalArgumentException(
            PROPERTY + " is window:action or window:action:skip, found " + one);
      }
      int skip = parts.length == 3 ? Integer.parseInt(parts[2]) : 0;
      armed.put(
          FailPoint.of(parts[0]),
          new Armed(
              Action.valueOf(parts[1].toUpperCase(Locale.ROOT)), new AtomicInteger(skip + 1)));
    }
    return new ArmedFailures(armed);
  }

  @Override
  public void at(FailPoint point) {
    Armed found = armed.get(point);
    if (found == null || found.passesLeft().decrementAndGet() != 0) {
      return;
    }
    if (found.action() == Action.HALT) {
      Runtime.getRuntime().halt(HALTED);
    }
    throw StorageException.of(
        StorageErrorCode.UNAVAILABLE, "%s was armed to fail", point.windowName());
  }
}
