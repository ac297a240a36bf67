package dev.slipway.engine.database;

import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.state.Folded;
import dev.slipway.engine.state.LongList;
import dev.slipway.engine.state.RefusedEntryException;
import dev.slipway.storage.Text;
import java.util.Locale;
import java.util.Optional;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;

/**
 * What the catalog's log adds up to: which name means which incarnation. Immutable.
 *
 * @param databases by name in lower case: names are unique ignoring case
 * @param requests what each request id created
 * @param floor a creation begun below it is refused: its folder may be reclaimed by now
 * @param times of the entries by revision from 1 on, microseconds since 1970
 */
record CatalogState(
    long revision,
    long time,
    TreePMap<String, DatabaseInfo> databases,
    HashPMap<String, Created> requests,
    long floor,
    LongList times)
    implements Folded<CatalogState> {

  /** The catalog's incarnation: there is one for ever. */
  static final String INCARNATION = Layout.CATALOG;

  /** What a request created. */
  record Created(String digest, DatabaseInfo database) {}

  static CatalogState initial() {
    return new CatalogState(0, 0, TreePMap.empty(), HashTreePMap.empty(), 0, LongList.of());
  }

  static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** The database whose name is this in any case. */
  Optional<DatabaseInfo> occupant(String name) {
    return Optional.ofNullable(databases.get(key(name)));
  }

  Optional<DatabaseInfo> database(String name) {
    return occupant(name).filter(info -> info.name().equals(name));
  }

  /**
   * @throws SlipwayException {@code DATABASE_NOT_FOUND}
   */
  DatabaseInfo require(String name) {
    return database(name).orElseThrow(() -> notFound(name));
  }

  static SlipwayException notFound(String name) {
    return SlipwayException.of(ErrorReason.DATABASE_NOT_FOUND, "no database %s", Text.quote(name))
        .with("resource", name);
  }

  /** The newest revision not later than {@code micros}; 0 if all are. */
  long revisionAt(long micros) {
    return times.floorIndex(micros) + 1L;
  }

  @Override
  public CatalogState apply(LogBatch batch) {
    if ((!batch.isVoid() && !batch.incarnation().equals(INCARNATION))
        || batch.first() != revision + 1) {
      throw new RefusedEntryException(batch.first(), "it isn't the catalog's next record");
    }
    CatalogState state = this;
    for (LogEntry entry : batch.entries()) {
      state = state.apply(entry);
    }
    return state;
  }

  private CatalogState apply(LogEntry entry) {
    long next = revision + 1;
    if (entry instanceof LogEntry.Voided) {
      return new CatalogState(next, time, databases, requests, floor, times.plus(time));
    }
    long at = entry.header().time();
    if (at <= time) {
      throw new RefusedEntryException(next, "its time is not after the entry's before it");
    }
    LongList then = times.plus(at);
    if (entry instanceof LogEntry.HistoryExpired expired) {
      if (expired.stagedFloor() < floor || expired.stagedFloor() > next) {
        throw new RefusedEntryException(next, "a floor neither goes down nor above the head");
      }
      return new CatalogState(next, at, databases, requests, expired.stagedFloor(), then);
    }
    if (entry instanceof LogEntry.DatabaseCreated created) {
      if (created.header().begun() < floor) {
        throw new RefusedEntryException(
            next,
            "the creation was begun at revision "
                + created.header().begun()
                + ", below the floor "
                + floor);
      }
      if (occupant(created.name()).isPresent()) {
        throw new RefusedEntryException(next, "database " + created.name() + " exists already");
      }
      DatabaseInfo info = new DatabaseInfo(created.name(), created.id(), Micros.instant(at));
      String request = created.header().request();
      String digest = created.header().digest();
      return new CatalogState(
          next,
          at,
          databases.plus(key(created.name()), info),
          request == null
              ? requests
              : requests.plus(request, new Created(digest == null ? "" : digest, info)),
          floor,
          then);
    }
    if (entry instanceof LogEntry.DatabaseDropped dropped) {
      boolean known =
          database(dropped.name()).filter(info -> info.id().equals(dropped.id())).isPresent();
      if (!known) {
        throw new RefusedEntryException(
            next, "database " + dropped.name() + " isn't incarnation " + dropped.id());
      }
      return new CatalogState(
          next, at, databases.minus(key(dropped.name())), requests, floor, then);
    }
    throw new RefusedEntryException(next, "the catalog can't hold " + entry.getClass());
  }
}
