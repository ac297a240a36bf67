package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.commit.Replay;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.log.Settings;
import dev.slipway.storage.MetadataStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Creates databases: lays an incarnation out whole, then claims a name for it in the catalog. What
 * loses the name, or breaks off before it has one, is reclaimed. Safe for use by many threads and
 * processes.
 */
final class DatabaseCreation {
  private final EngineParts parts;
  private final Catalog catalog;
  private final Consumer<DatabaseInfo> occupied;

  /**
   * @param occupied finishes the drop of who has the name, if that has begun
   */
  DatabaseCreation(EngineParts parts, Catalog catalog, Consumer<DatabaseInfo> occupied) {
    this.parts = parts;
    this.catalog = catalog;
    this.occupied = occupied;
  }

  DatabaseInfo create(CallContext context, String name, Optional<RequestKey> request) {
    String requestId = request.map(RequestKey::id).orElse(null);
    String digest = request.map(key -> key.digest().get()).orElse(null);
    CatalogState state = catalog.now();
    Optional<DatabaseInfo> replayed = replay(state, requestId, digest);
    if (replayed.isPresent()) {
      return replayed.get();
    }
    state.occupant(name).ifPresent(occupied);
    CatalogState before = catalog.now();
    requireAbsent(before, name);
    long begun = before.revision();
    String id = parts.ids().uuid();
    parts.failures().at(FailPoint.DATABASE_BEFORE_CLAIM);
    layOut(id, context.actor());
    CatalogState after =
        catalog.append(
            begun,
            context.actor(),
            requestId,
            digest,
            (now, header) -> {
              if (replay(now, requestId, digest).isPresent()) {
                return Optional.empty();
              }
              requireAbsent(now, name);
              requireYoung(begun, now, name);
              return Optional.of(new LogEntry.DatabaseCreated(header, name, id));
            });
    parts.failures().at(FailPoint.DATABASE_AFTER_CLAIM);
    return replay(after, requestId, digest)
        .or(() -> after.database(name))
        .orElseThrow(
            () -> SlipwayException.of(ErrorReason.DATABASE_NOT_FOUND, "%s was dropped", name));
  }

  /** Everything the incarnation needs, before any name means it: nobody else can append yet. */
  private void layOut(String id, String actor) {
    MetadataStore store = parts.backend().metadata();
    DatabaseFormat.write(store, id);
    Settings settings = parts.options().newDatabases();
    if (!settings.equals(Settings.DEFAULT)) {
      EntryHeader header =
          new EntryHeader(parts.ids().ulid(), null, null, actor, 0, Micros.now(parts.clock()));
      new LogStore(store, Layout.home(id))
          .publish(
              new LogBatch(
                  id,
                  parts.ids().ulid(),
                  1,
                  List.of(new LogEntry.SettingsChanged(header, settings))));
    }
  }

  private static Optional<DatabaseInfo> replay(
      CatalogState state, @Nullable String request, @Nullable String digest) {
    CatalogState.Created created = request == null ? null : state.requests().get(request);
    if (created == null) {
      return Optional.empty();
    }
    if (!created.digest().equals(digest)) {
      throw Replay.reused(request);
    }
    return Optional.of(created.database());
  }

  /** What the creation laid out may be reclaimed by now. */
  private static void requireYoung(long begun, CatalogState state, String name) {
    if (begun < state.floor()) {
      throw SlipwayException.of(
              ErrorReason.OVERLOADED,
              "creating database %s took longer than the grace period of a cleanup; try again",
              name)
          .retryAfter(Duration.ZERO);
    }
  }

  private static void requireAbsent(CatalogState state, String name) {
    state
        .occupant(name)
        .ifPresent(
            info -> {
              throw SlipwayException.of(
                      ErrorReason.DATABASE_EXISTS,
                      "database %s exists already%s",
                      name,
                      info.name().equals(name)
                          ? ""
                          : " as " + info.name() + " (names are unique ignoring case)")
                  .with("resource", name);
            });
  }
}
