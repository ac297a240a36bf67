package dev.slipway.engine;

import dev.slipway.storage.Text;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What names and ids given by clients may look like. */
public final class Names {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]{0,62}");
  private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]+");
  private static final Pattern STAGED_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern REQUEST_ID = Pattern.compile("[\\x21-\\x7e]{1,128}");
  private static final int MAX_BRANCH_BYTES = 200;

  private Names() {}

  public static String database(String name) {
    return name("database", name);
  }

  public static String table(String name) {
    return name("table", name);
  }

  /** A table's name in another field than {@code table}. */
  public static void table(String field, String name) {
    name("table", field, name);
  }

  private static String name(String what, String name) {
    return name(what, what, name);
  }

  private static String name(String what, String field, String name) {
    if (!NAME.matcher(name).matches()) {
      throw SlipwayException.of(
              ErrorReason.NAME_INVALID,
              "a %s name is a letter and up to 62 letters, digits, _ or -; found %s",
              what,
              Text.quote(name))
          .with("field", field);
    }
    return name;
  }

  /** Branches and tags: up to 200 bytes, segments of {@code [A-Za-z0-9._-]} joined by /. */
  public static String branch(String name) {
    boolean fits =
        name.getBytes(StandardCharsets.UTF_8).length <= MAX_BRANCH_BYTES && !name.startsWith("_");
    if (fits) {
      for (String segment : name.split("/", -1)) {
        fits &= SEGMENT.matcher(segment).matches() && !segment.equals(".") && !segment.equals("..");
      }
    }
    if (!fits) {
      throw SlipwayException.of(
              ErrorReason.NAME_INVALID,
              "a branch name has at most %d bytes, in segments of letters, digits, . _ or - joined"
                  + " by /, and no leading _; found %s",
              MAX_BRANCH_BYTES,
              Text.quote(name))
          .with("field", "branch");
    }
    return name;
  }

  public static String stagedWriteId(String id) {
    if (!STAGED_ID.matcher(id).matches()) {
      throw SlipwayException.of(
              ErrorReason.NAME_INVALID,
              "a staged write's id has 1 to 64 letters, digits, _ or -; found %s",
              Text.quote(id))
          .with("field", "staged_write_id");
    }
    return id;
  }

  public static String requestId(String id) {
    if (!REQUEST_ID.matcher(id).matches()) {
      throw SlipwayException.of(
              ErrorReason.ARGUMENT_INVALID,
              "a request id has 1 to 128 printable ASCII characters without spaces; found %s",
              Text.quote(id))
          .with("field", "request_id");
    }
    return id;
  }
}
