package dev.slipway.grpc;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.Database;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ReadAt;
import java.util.function.Function;

/** How reads reach their database: those that wait for a revision are few at a time. */
final class Reading {
  private final Databases databases;
  private final Calls calls;

  Reading(Databases databases, Calls calls) {
    this.databases = databases;
    this.calls = calls;
  }

  <T> T read(CallContext context, String name, ReadAt at, Function<Database, T> read) {
    Database database = databases.database(context, Arguments.required("database", name));
    long needed = at.minRevision();
    if (at.point() instanceof ReadAt.Point.Revision revision) {
      needed = Math.max(needed, revision.revision());
    }
    return needed > 0 && needed > database.head()
        ? calls.waiting(() -> read.apply(database))
        : read.apply(database);
  }
}
