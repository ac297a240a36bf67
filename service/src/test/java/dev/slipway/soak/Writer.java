package dev.slipway.soak;

import static dev.slipway.engine.testkit.EngineFixture.person;

import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CommitOutcome;
import dev.slipway.v1.GetCommitOutcomeResponse;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A client that writes, and asks again under the same request id until it is told. */
final class Writer {
  /** All writers write to these, in every way. */
  static final List<String> SHARED = List.of("a", "b");

  /** A commit adds the same row to both of these, or to none. */
  static final List<String> PAIR = List.of("left", "right");

  private static final int SOME_IDS = 30;

  /** A staged write that is too old; its record may be gone by now. */
  private static final Set<ErrorReason> EXPIRED =
      Set.of(ErrorReason.STAGED_WRITE_EXPIRED, ErrorReason.STAGED_WRITE_NOT_FOUND);

  private final String name;
  private final long firstId;
  private final Caller caller;
  private final Witness witness;
  private final Random random;
  private int requests;
  private @Nullable String own;

  /** The request that a fence was sent for, whose answer may be lost. */
  private @Nullable Request fenced;

  Writer(int number, Caller caller, Witness witness, Random random) {
    this.name = "w" + number;
    this.firstId = 1_000_000L * (number + 1);
    this.caller = caller;
    this.witness = witness;
    this.random = random;
  }

  void writeWhile(BooleanSupplier goesOn) {
    while (goesOn.getAsBoolean()) {
      Request request = next();
      decide(request);
      if (witness.isCommitted(request)) {
        own = request.ownTable(own);
      }
    }
  }

  /** Sends a request until its outcome is known. */
  void decide(Request request) {
    witness.asks(request);
    long begun = System.nanoTime();
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Optional<Long> revision = caller.commit(request::send);
        if (revision.isPresent()) {
          witness.isTold(request, revision.get());
          return;
        }
        witness.isUnanswered();
        if (random.nextInt(3) == 0 && isDecided(request, begun)) {
          return;
        }
      } catch (StatusRuntimeException e) {
        Optional<ErrorReason> reason = Session.reason(e);
        if (request.mayConflict() && reason.equals(Optional.of(ErrorReason.COMMIT_CONFLICT))) {
          witness.isTold(request, Witness.REFUSED);
          return;
        }
        if (request.equals(fenced) && reason.equals(Optional.of(ErrorReason.CANCELLED))) {
          witness.isTold(request, Witness.REFUSED);
          return;
        }
        if (mayExpire(begun) && reason.filter(EXPIRED::contains).isPresent()) {
          giveUp(request);
          return;
        }
        throw new AssertionError(request.id() + " must be possible: " + request, e);
      }
    }
    throw new AssertionError("interrupted");
  }

  /** Whether it has taken longer than what a cleanup leaves alone. */
  private static boolean mayExpire(long begun) {
    return System.nanoTime() - begun > Cleaner.GRACE.toNanos();
  }

  /** It may be committed all the same, or not be decided at all: from here on it is decided. */
  private void giveUp(Request request) {
    GetCommitOutcomeResponse answer =
        caller.untilAnswered(session -> session.outcome(request.id(), true));
    boolean committed = answer.getOutcome() == CommitOutcome.COMMIT_OUTCOME_COMMITTED;
    witness.isTold(request, committed ? answer.getRevision() : Witness.REFUSED);
  }

  /** Asks for the outcome instead, and now and then gives the request up for good. */
  private boolean isDecided(Request request, long begun) {
    boolean fence = random.nextInt(4) == 0 && request.mayBeGivenUp();
    if (fence) {
      fenced = request;
    }
    Optional<GetCommitOutcomeResponse> answer =
        caller.once(session -> session.outcome(request.id(), fence));
    if (answer.isEmpty()) {
      return false;
    }
    CommitOutcome outcome = answer.get().getOutcome();
    if (outcome == CommitOutcome.COMMIT_OUTCOME_COMMITTED) {
      witness.isTold(request, answer.get().getRevision());
      // Sent once more, it must say the same.
      return random.nextBoolean();
    }
    if (outcome == CommitOutcome.COMMIT_OUTCOME_ABORTED) {
      if (!request.equals(fenced) && !request.mayConflict() && !mayExpire(begun)) {
        throw new AssertionError(request.id() + " was aborted: " + answer.get());
      }
      witness.isTold(request, Witness.REFUSED);
      return true;
    }
    if (fence) {
      throw new AssertionError("a fence decides, found " + answer.get());
    }
    return false;
  }

  // ---- what to ask for

  private Request next() {
    String id = name + "-" + ++requests;
    int kind = random.nextInt(100);
    if (kind < 3) {
      // Else they would have ever more rows.
      List<Map<String, @Nullable Object>> rows = fresh(1);
      requests++;
      return new Request.Staged(
          id, PAIR.stream().map(table -> Edit.overwrite(table, rows)).toList());
    }
    if (kind < 25) {
      List<Edit> both = PAIR.stream().map(table -> Edit.append(table, fresh(1))).toList();
      requests++;
      return new Request.Staged(id, both);
    }
    if (kind < 40) {
      // Several tables, one of them twice.
      String table = shared();
      return new Request.Staged(
          id,
          List.of(
              edit("a"),
              edit("b"),
              Edit.append(table, List.of(person(firstId + requests, id, 0)))));
    }
    if (kind < 50) {
      return tables(id);
    }
    Edit edit = edit(shared());
    return kind < 75 ? new Request.OneCall(id, edit) : new Request.Staged(id, List.of(edit));
  }

  private String shared() {
    return SHARED.get(random.nextInt(SHARED.size()));
  }

  private Edit edit(String table) {
    int low = random.nextInt(SOME_IDS);
    return switch (random.nextInt(12)) {
      case 0 -> Edit.overwrite(table, some(1 + random.nextInt(4)));
      case 1, 2 -> Edit.delete(table, low, low + 3);
      case 3, 4 -> Edit.update(table, low, low + 5, random.nextInt(1_000));
      case 5, 6, 7 -> Edit.upsert(table, some(1 + random.nextInt(4)));
      default -> {
        List<Map<String, @Nullable Object>> rows = fresh(1 + random.nextInt(3));
        requests += rows.size();
        yield Edit.append(table, rows);
      }
    };
  }

  /** A table of this writer's own comes and goes. */
  private Request tables(String id) {
    String table = own;
    return table == null
        ? new Request.CreateTable(id, "own_" + id.replace('-', '_'))
        : new Request.DropTable(id, table);
  }

  /** Rows that nobody has written. */
  private List<Map<String, @Nullable Object>> fresh(int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(person(firstId + requests + i, name, random.nextInt(100)));
    }
    return rows;
  }

  /** Rows whose ids others write too, none twice. */
  private List<Map<String, @Nullable Object>> some(int count) {
    int low = random.nextInt(SOME_IDS);
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(person(low + i, name, random.nextInt(100)));
    }
    return rows;
  }
}
