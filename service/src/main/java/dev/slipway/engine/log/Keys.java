package dev.slipway.engine.log;

import dev.slipway.storage.MetadataStore;
import java.util.List;
import java.util.function.Consumer;

/** Goes through the keys of a store, a page at a time. */
public final class Keys {
  private static final int PAGE = 1_000;

  private Keys() {}

  /** In ascending order; an action may delete what it is given. */
  public static void forEach(MetadataStore store, String prefix, Consumer<String> action) {
    forEach(store, prefix, PAGE, action);
  }

  static void forEach(MetadataStore store, String prefix, int size, Consumer<String> action) {
    String after = "";
    List<String> page;
    do {
      page = store.list(prefix, after, size);
      for (String key : page) {
        action.accept(key);
        after = key;
      }
    } while (page.size() == size);
  }
}
