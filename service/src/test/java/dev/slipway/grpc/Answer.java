package dev.slipway.grpc;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The one answer of a call, or its error. */
public final class Answer<A> implements StreamObserver<A> {
  private final CompletableFuture<A> result = new CompletableFuture<>();
  private @Nullable A message;

  @Override
  public void onNext(A answer) {
    message = answer;
  }

  @Override
  public void onError(Throwable failure) {
    result.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    A answer = message;
    if (answer == null) {
      result.completeExceptionally(new AssertionError("completed without an answer"));
    } else {
      result.complete(answer);
    }
  }

  public boolean isDone() {
    return result.isDone();
  }

  /** Waits for it; throws the call's own error. */
  public A get() {
    try {
      return result.get(120, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
