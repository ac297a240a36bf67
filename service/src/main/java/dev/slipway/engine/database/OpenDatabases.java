package dev.slipway.engine.database;

import static dev.slipway.engine.database.Guard.guard;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Names;
import dev.slipway.engine.ReclaimReport;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.commit.OperationSpec;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.state.DatabaseState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All databases of one root, each opened on first use under a lock of its own. */
public final class OpenDatabases implements Databases {
  private static final Logger LOG = LoggerFactory.getLogger(OpenDatabases.class);

  private final EngineParts parts;
  private final Catalog catalog;
  private final DatabaseCreation creation;
  private final ConcurrentMap<String, Slot> slots = new ConcurrentHashMap<>();
  private volatile Consumer<Database> listener = database -> {};
  private volatile boolean closed;

  /** One incarnation: opened once, by whoever comes first; a failure isn't kept. */
  private static final class Slot {
    private final ReentrantLock opening = new ReentrantLock();
    private volatile @Nullable OpenDatabase database;
  }

  public OpenDatabases(EngineParts parts) {
    this.parts = parts;
    this.catalog = new Catalog(parts);
    this.creation = new DatabaseCreation(parts, catalog, this::finishDropIfDeleted);
  }

  @Override
  public DatabaseInfo create(CallContext context, String name, Optional<RequestKey> request) {
    Names.database(name);
    request.ifPresent(key -> Names.requestId(key.id()));
    return guard(
        () -> {
          requireOpen();
          return creation.create(context, name, request);
        });
  }

  @Override
  public Database database(CallContext context, String name) {
    return guard(
        () -> {
          requireOpen();
          return open(catalog.readable().require(name));
        });
  }

  private OpenDatabase open(DatabaseInfo info) {
    Slot slot = slots.computeIfAbsent(info.id(), id -> new Slot());
    OpenDatabase open = slot.database;
    if (open == null) {
      slot.opening.lock();
      try {
        open = slot.database;
        if (open == null) {
          open = openNow(info);
          slot.database = open;
          listener.accept(open);
        }
      } finally {
        slot.opening.unlock();
      }
    }
    if (open.core().live().known().deleted()) {
      finishDrop(info);
      throw CatalogState.notFound(info.name());
    }
    return open;
  }

  private OpenDatabase openNow(DatabaseInfo info) {
    DatabaseFormat.check(parts.backend().metadata(), info.id());
    OpenDatabase open = new OpenDatabase(new DatabaseCore(info, parts));
    if (!open.core().live().known().deleted() && open.core().live().poison().isEmpty()) {
      open.recover();
    }
    return open;
  }

  /** A drop marks the database's own log first; whoever finds only the mark writes the rest. */
  private void finishDropIfDeleted(DatabaseInfo info) {
    Slot slot = slots.get(info.id());
    OpenDatabase open = slot == null ? null : slot.database;
    DatabaseState state =
        open == null ? new DatabaseCore(info, parts).live().known() : open.core().live().refresh();
    if (state.deleted()) {
      finishDrop(info);
    }
  }

  private void finishDrop(DatabaseInfo info) {
    catalog.append(
        catalog.now().revision(),
        CallContext.ANONYMOUS,
        null,
        null,
        (now, header) ->
            now.database(info.name()).filter(found -> found.id().equals(info.id())).isPresent()
                ? Optional.of(new LogEntry.DatabaseDropped(header, info.name(), info.id()))
                : Optional.empty());
    forget(info);
  }

  private void forget(DatabaseInfo info) {
    Slot slot = slots.remove(info.id());
    OpenDatabase open = slot == null ? null : slot.database;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public List<DatabaseInfo> list(CallContext context, String after, int limit) {
    return guard(
        () -> {
          requireOpen();
          return catalog.readable().databases().entrySet().stream()
              .filter(entry -> entry.getKey().compareTo(CatalogState.key(after)) > 0)
              .limit(limit)
              .map(Map.Entry::getValue)
              .toList();
        });
  }

  @Override
  public void drop(CallContext context, String name, boolean force) {
    guard(
        () -> {
          requireOpen();
          DatabaseInfo info = catalog.now().require(name);
          OpenDatabase open = open(info);
          OperationSpec spec =
              OperationSpec.entry(
                  parts.ids().ulid(), null, context.actor(), open.core().live().known());
          open.core()
              .committer()
              .append(
                  context,
                  spec,
                  (state, header) -> {
                    requireEmpty(name, state, force);
                    return new LogEntry.DatabaseDeleted(header);
                  },
                  true);
          parts.failures().at(FailPoint.DATABASE_DELETE_AFTER_MARK);
          finishDrop(info);
        });
  }

  @Override
  public ReclaimReport reclaim(CallContext context, Duration grace, boolean dryRun) {
    return guard(
        () -> {
          requireOpen();
          return new DroppedDatabases(parts, catalog).reclaim(context, grace, dryRun);
        });
  }

  @Override
  public VerifySummary verifyCatalog(CallContext context, VerifyListener listener) {
    return guard(
        () -> {
          requireOpen();
          return catalog.verify(context, listener);
        });
  }

  private static void requireEmpty(String name, DatabaseState state, boolean force) {
    long tables = state.branches().values().stream().mapToLong(b -> b.tables().size()).sum();
    if (tables > 0 && !force) {
      throw SlipwayException.of(
              ErrorReason.NOT_EMPTY,
              "database %s has %d tables; drop them first, or set force",
              name,
              tables)
          .with("resource", name);
    }
  }

  @Override
  public void watch(Consumer<Database> newListener) {
    listener = newListener;
  }

  /** One background pass over every open database, each on a thread of its own. */
  void backgroundPass() {
    for (Slot slot : slots.values()) {
      OpenDatabase open = slot.database;
      if (open != null && !closed) {
        try {
          parts.work().runner().execute(() -> backgroundPass(open));
        } catch (RuntimeException | OutOfMemoryError e) {
          // No thread to be had: its next pass is due soon.
          LOG.warn("no background pass over database {}", open.info().name(), e);
        }
      }
    }
  }

  private void backgroundPass(OpenDatabase open) {
    open.backgroundPass();
    if (!open.core().live().known().deleted()) {
      listener.accept(open);
      return;
    }
    try {
      // Another process dropped it; nobody may ever ask this one for it again.
      finishDrop(open.info());
    } catch (RuntimeException e) {
      LOG.warn("dropped database {} stays open for now", open.info().name(), e);
    }
  }

  /** How many databases are held open. */
  int held() {
    return slots.size();
  }

  private void requireOpen() {
    if (closed) {
      throw SlipwayException.of(ErrorReason.SHUTTING_DOWN, "the server is stopping")
          .retryAfter(Duration.ofSeconds(1));
    }
  }

  @Override
  public void close() {
    closed = true;
    slots.values().stream()
        .map(slot -> slot.database)
        .filter(Objects::nonNull)
        .forEach(OpenDatabase::close);
  }
}
