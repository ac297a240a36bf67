package dev.slipway.storage.lance;

import dev.slipway.storage.TableId;
import dev.slipway.storage.VersionRef;
import java.nio.file.Path;
import java.util.List;

/** Where the files of tables lie: {@code <root>/db/<database>/tables/<table>} is one dataset. */
record TableHomes(RootFolder root) {
  static final String DATA = "data";
  static final String DELETIONS = "_deletions";
  static final String TRANSACTIONS = "_transactions";
  static final String VERSIONS = "_versions";

  static final List<String> FOLDERS = List.of(DATA, DELETIONS, TRANSACTIONS, VERSIONS);

  /** Written with the first version; a hint for whoever looks for the newest. */
  static final String HINT = VERSIONS + "/latest_version_hint.json";

  /** The number of the first, empty version. */
  static final long GENESIS = 1;

  Path tables(String database) {
    return root.path().resolve("db").resolve(database).resolve("tables");
  }

  Path home(TableId table) {
    return tables(table.database()).resolve(table.table());
  }

  String uri(TableId table) {
    return home(table).toString();
  }

  /** A version's manifest, relative to its home. */
  static String manifest(long version) {
    // Ordinary versions are named so that the newest sorts first.
    return version >= 0
        ? VERSIONS + "/" + Long.toUnsignedString(-1L - version) + ".manifest"
        : VERSIONS + "/d" + Long.toUnsignedString(version) + ".manifest";
  }

  /** The record of the transaction that made a version, relative to its home. */
  static String transaction(long readVersion, VersionRef made) {
    return TRANSACTIONS
        + "/"
        + Long.toUnsignedString(readVersion)
        + "-"
        + made.transactionId()
        + ".txn";
  }

  static String data(StoredFile file) {
    return DATA + "/" + file.path();
  }

  static String deletion(int fragment, StoredDeletion deletion) {
    return DELETIONS + "/" + deletion.fileName(fragment);
  }
}
