package dev.slipway.engine.state;

import dev.slipway.engine.log.Pin;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import org.pcollections.TreePMap;

/**
 * A branch's head: which version of each table is current. Immutable.
 *
 * @param name the branch's name
 * @param incarnation the revision that created it; 0 for the first main
 * @param head the revision of its newest commit; its incarnation before the first
 * @param tables by name in lower case: names are unique ignoring case
 */
public record Branch(String name, long incarnation, long head, TreePMap<String, Pin> tables) {

  public Optional<Pin> table(String tableName) {
    return Optional.ofNullable(tables.get(key(tableName)))
        .filter(pin -> pin.name().equals(tableName));
  }

  /** The table that has this name in any case, and so is in the way of another. */
  public Optional<Pin> occupant(String tableName) {
    return Optional.ofNullable(tables.get(key(tableName)));
  }

  public Optional<Pin> tableById(String id) {
    return pins().stream().filter(pin -> pin.table().equals(id)).findFirst();
  }

  public Collection<Pin> pins() {
    return tables.values();
  }

  /** The key of a table's name in {@link #tables()}. */
  public static String key(String tableName) {
    return tableName.toLowerCase(Locale.ROOT);
  }
}
