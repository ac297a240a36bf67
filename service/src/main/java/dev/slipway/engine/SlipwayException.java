package dev.slipway.engine;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The engine's one exception. The reason decides what a client may do; the message names the
 * resource, what was expected, what was found and what to do.
 */
public final class SlipwayException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ErrorReason reason;
  private final transient Map<String, String> metadata;
  private final transient List<Conflict> conflicts;
  private final transient Optional<Duration> retryAfter;

  private SlipwayException(
      ErrorReason reason,
      String message,
      @Nullable Throwable cause,
      Map<String, String> metadata,
      List<Conflict> conflicts,
      Optional<Duration> retryAfter) {
    super(message, cause);
    this.reason = reason;
    this.metadata = Map.copyOf(metadata);
    this.conflicts = List.copyOf(conflicts);
    this.retryAfter = retryAfter;
  }

  /** With a message made by {@link String#format}. */
  public static SlipwayException of(ErrorReason reason, String format, Object... args) {
    return new SlipwayException(
        reason,
        String.format(Locale.ROOT, format, args),
        null,
        Map.of(),
        List.of(),
        Optional.empty());
  }

  public static SlipwayException conflict(Conflict conflict) {
    return conflict(conflict.sentence(), List.of(conflict));
  }

  public static SlipwayException conflict(String message, List<Conflict> conflicts) {
    return new SlipwayException(
        ErrorReason.COMMIT_CONFLICT,
        message,
        null,
        Map.of(),
        conflicts,
        Optional.of(Duration.ZERO));
  }

  /**
   * The same with one more fact for programs: {@code field} (the argument at fault), {@code
   * resource} (the name of what is missing or in the way), {@code row}, {@code column}, {@code
   * position}, {@code floor}, {@code revision}, {@code next_offset}, {@code request_id}, {@code
   * limit}.
   */
  public SlipwayException with(String key, Object value) {
    Map<String, String> more = new LinkedHashMap<>(metadata);
    more.put(key, String.valueOf(value));
    return copy(getCause(), more, retryAfter);
  }

  /** The same, telling the client when to try again. */
  public SlipwayException retryAfter(Duration delay) {
    return copy(getCause(), metadata, Optional.of(delay));
  }

  /** The same with what caused it. */
  public SlipwayException causedBy(Throwable cause) {
    return copy(cause, metadata, retryAfter);
  }

  private SlipwayException copy(
      @Nullable Throwable cause, Map<String, String> facts, Optional<Duration> retry) {
    return new SlipwayException(
        reason, String.valueOf(getMessage()), cause, facts, conflicts, retry);
  }

  public ErrorReason reason() {
    return reason;
  }

  public Map<String, String> metadata() {
    return metadata;
  }

  public List<Conflict> conflicts() {
    return conflicts;
  }

  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
