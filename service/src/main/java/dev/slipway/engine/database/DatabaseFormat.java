package dev.slipway.engine.database;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.List;

/**
 * {@code format.json}: written once, before anything else of an incarnation.
 *
 * @param format the version of everything beside it
 * @param features that a reader must know to read the database at all
 */
record DatabaseFormat(int format, String incarnation, List<String> features) {
  private static final int FORMAT = 1;

  static void write(MetadataStore store, String id) {
    store.putIfAbsent(key(id), SealedJson.seal(new DatabaseFormat(FORMAT, id, List.of())));
  }

  /**
   * @throws CorruptRecordException if this process can't read the database
   */
  static void check(MetadataStore store, String id) {
    DatabaseFormat found =
        SealedJson.open(
            key(id),
            store
                .get(key(id))
                .orElseThrow(() -> new CorruptRecordException(key(id), "it is gone", null)),
            DatabaseFormat.class);
    if (found.format() != FORMAT || !found.features().isEmpty()) {
      throw new CorruptRecordException(
          key(id),
          "expected format "
              + FORMAT
              + " without features, found format "
              + found.format()
              + " with "
              + found.features()
              + "; use a newer Slipway",
          null);
    }
  }

  private static String key(String id) {
    return Layout.format(Layout.home(id));
  }
}
