package dev.slipway.engine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import java.util.concurrent.CompletionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Calls that must be refused, and why they are. */
public final class Refusals {
  private Refusals() {}

  /** What the call is refused with, on this thread or on one that it waits for. */
  public static SlipwayException refusal(ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    if (thrown instanceof CompletionException && thrown.getCause() != null) {
      thrown = thrown.getCause();
    }
    assertThat(thrown).as("a refusal").isInstanceOf(SlipwayException.class);
    return (SlipwayException) thrown;
  }

  public static ErrorReason reasonOf(ThrowingCallable call) {
    return refusal(call).reason();
  }
}
