package dev.slipway.storage;

import java.util.regex.Pattern;

/**
 * The physical identity of a table's home: one incarnation of a database and a table in it. Names
 * that people use never come here, so a rename or a recreated name touches no file.
 *
 * @param database the incarnation's id, {@code [0-9a-z-]{1,64}}
 * @param table the table's id, {@code [0-9a-z-]{1,64}}
 */
public record TableId(String database, String table) {
  private static final Pattern SAFE = Pattern.compile("[0-9a-z-]{1,64}");

  public TableId {
    requireSafe("database", database);
    requireSafe("table", table);
  }

  private static void requireSafe(String what, String id) {
    if (!SAFE.matcher(id).matches()) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT,
          "%s id must match [0-9a-z-]{1,64}, found %s",
          what,
          Text.quote(id));
    }
  }

  @Override
  public String toString() {
    return database + "/" + table;
  }
}
