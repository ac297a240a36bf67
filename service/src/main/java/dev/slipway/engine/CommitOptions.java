package dev.slipway.engine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What goes with every kind of commit.
 *
 * @param request makes it repeatable
 * @param message for people, at most 4 KiB
 * @param properties for programs, at most 64 of at most 1 KiB each
 * @param validateOnly record nothing; check what takes no work on tables
 * @param maxDelay how long it may wait for others to share the work with; at most a second
 */
public record CommitOptions(
    Optional<RequestKey> request,
    List<Expectation> expectations,
    String message,
    Map<String, String> properties,
    boolean validateOnly,
    Duration maxDelay) {

  public static final CommitOptions NONE =
      new CommitOptions(Optional.empty(), List.of(), "", Map.of(), false, Duration.ZERO);

  public CommitOptions {
    expectations = List.copyOf(expectations);
    properties = Map.copyOf(properties);
  }

  public CommitOptions withRequest(RequestKey key) {
    return new CommitOptions(
        Optional.of(key), expectations, message, properties, validateOnly, maxDelay);
  }

  public CommitOptions withExpectations(List<Expectation> wanted) {
    return new CommitOptions(request, wanted, message, properties, validateOnly, maxDelay);
  }
}
