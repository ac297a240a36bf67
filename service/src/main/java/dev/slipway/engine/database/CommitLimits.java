package dev.slipway.engine.database;

import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.Names;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.Text;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** What may go with a commit; checked before anything of it is uploaded or stored. */
final class CommitLimits {
  private static final int MAX_MESSAGE = 4 << 10;
  private static final int MAX_PROPERTIES = 64;
  private static final int MAX_PROPERTY = 1 << 10;
  private static final int MAX_EXPECTATIONS = 1_000;
  private static final Duration MAX_DELAY = Duration.ofSeconds(1);
  // Whatever an expectation says may end up in the log, as the reason of an abort.
  private static final Pattern TOKEN = Pattern.compile("[0-9A-Za-z-]{1,64}");

  private CommitLimits() {}

  /**
   * Checks everything.
   *
   * @throws SlipwayException with the field that is at fault
   */
  static void check(CommitOptions options) {
    options.request().ifPresent(key -> Names.requestId(key.id()));
    require(
        options.message().length() <= MAX_MESSAGE,
        "message",
        "a message has at most 4096 characters, found " + options.message().length());
    require(
        options.properties().size() <= MAX_PROPERTIES,
        "properties",
        "at most 64 properties, found " + options.properties().size());
    options
        .properties()
        .forEach(
            (key, value) ->
                require(
                    key.length() + value.length() <= MAX_PROPERTY,
                    "properties",
                    "a property has at most 1024 characters, found "
                        + (key.length() + value.length())));
    require(
        !options.maxDelay().isNegative() && options.maxDelay().compareTo(MAX_DELAY) <= 0,
        "max_commit_delay",
        "a commit delay is 0 to 1 s, found " + options.maxDelay());
    List<Expectation> expectations = options.expectations();
    require(
        expectations.size() <= MAX_EXPECTATIONS,
        "expectations",
        "at most 1000 expectations, found " + expectations.size());
    for (int i = 0; i < expectations.size(); i++) {
      check("expectations[" + i + "]", expectations.get(i));
    }
  }

  private static void check(String at, Expectation expectation) {
    if (expectation instanceof Expectation.TableAt known) {
      table(at, known.table());
      token(at + ".at_version.table_id", known.tableId());
    } else if (expectation instanceof Expectation.TableExists known) {
      table(at, known.table());
    } else if (expectation instanceof Expectation.TableAbsent known) {
      table(at, known.table());
    } else if (expectation instanceof Expectation.UnchangedSince known) {
      table(at, known.table());
    } else if (expectation instanceof Expectation.SchemaIs known) {
      table(at, known.table());
      token(at + ".schema_fingerprint", known.fingerprint());
    }
  }

  private static void table(String at, String name) {
    Names.table(at + ".table", name);
  }

  private static void token(String field, String value) {
    require(
        TOKEN.matcher(value).matches(),
        field,
        field + " has 1 to 64 letters, digits or -; found " + Text.quote(value));
  }

  private static void require(boolean holds, String field, String message) {
    if (!holds) {
      throw SlipwayException.of(ErrorReason.ARGUMENT_INVALID, "%s", message).with("field", field);
    }
  }
}
