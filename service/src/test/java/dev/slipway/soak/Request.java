package dev.slipway.soak;

import dev.slipway.engine.matrix.Model;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a client asks for under one request id; it may be sent any number of times. */
sealed interface Request {
  String id();

  /** What it does if it commits. */
  Model applyTo(Model model);

  /** Sends it once; gives the revision that committed it. */
  long send(Session session);

  default boolean mayConflict() {
    return false;
  }

  /** Whether its client may fence it off. */
  default boolean mayBeGivenUp() {
    return true;
  }

  /**
   * The table of its client's own once it has committed.
   *
   * @param before the one before
   */
  default @Nullable String ownTable(@Nullable String before) {
    return before;
  }

  /** Stages each edit under an id of its own, then commits them all. */
  record Staged(String id, List<Edit> edits) implements Request {
    @Override
    public Model applyTo(Model model) {
      Model now = model;
      for (Edit edit : edits) {
        now = edit.effect().apply(now);
      }
      return now;
    }

    @Override
    public long send(Session session) {
      List<String> staged = new java.util.ArrayList<>();
      for (Edit edit : edits) {
        String name = id + "-" + staged.size();
        session.stage(name, edit);
        staged.add(name);
      }
      return session.commit(id, staged);
    }

    @Override
    public boolean mayConflict() {
      return edits.stream().anyMatch(Edit::mayConflict);
    }
  }

  /** Stages and commits in one call. */
  record OneCall(String id, Edit edit) implements Request {
    @Override
    public Model applyTo(Model model) {
      return edit.effect().apply(model);
    }

    @Override
    public long send(Session session) {
      return session.write(id, edit);
    }

    @Override
    public boolean mayConflict() {
      return edit.mayConflict();
    }
  }

  record CreateTable(String id, String table) implements Request {
    @Override
    public Model applyTo(Model model) {
      return model.create(table);
    }

    @Override
    public long send(Session session) {
      return session.createTable(id, table);
    }

    @Override
    public boolean mayBeGivenUp() {
      return false;
    }

    @Override
    public @Nullable String ownTable(@Nullable String before) {
      return table;
    }
  }

  record DropTable(String id, String table) implements Request {
    @Override
    public Model applyTo(Model model) {
      return model.drop(table);
    }

    @Override
    public long send(Session session) {
      return session.dropTable(id, table);
    }

    @Override
    public @Nullable String ownTable(@Nullable String before) {
      return null;
    }
  }
}
