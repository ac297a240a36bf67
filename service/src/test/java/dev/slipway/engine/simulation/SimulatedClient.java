package dev.slipway.engine.simulation;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Outcome;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.matrix.Ledger.Answer;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** A client: asks for one thing after another, asks again when it isn't told, and reads. */
final class SimulatedClient {
  private static final int TRIES = 4;
  private static final int RIVALS_PATIENCE = 20;
  private static final long FAR_AHEAD_MICROS = 600_000_000;

  private final String name;
  private final RandomGenerator random;
  private final Scheduler scheduler;
  private final Cluster cluster;
  private final Journal journal;
  private final Book book;
  private final Wishes wishes;
  private final Regime regime;
  private final Janitor janitor;
  private final Tally tally;
  private final SimulatedReader reader;
  private final boolean impatient;

  SimulatedClient(
      String name,
      RandomGenerator random,
      Scheduler scheduler,
      Cluster cluster,
      Journal journal,
      Book book,
      Wishes wishes,
      Regime regime,
      Janitor janitor,
      Tally tally) {
    this.name = name;
    this.random = random;
    this.scheduler = scheduler;
    this.cluster = cluster;
    this.journal = journal;
    this.book = book;
    this.wishes = wishes;
    this.regime = regime;
    this.janitor = janitor;
    this.tally = tally;
    this.reader = new SimulatedReader(name, random, scheduler, cluster, journal, book, tally);
    this.impatient = !name.equals("founder");
  }

  void act() {
    if (regime.reclaims() && random.nextInt(6) == 0) {
      reclaim();
      return;
    }
    switch (random.nextInt(13)) {
      case 0, 1 -> read(new ReadAt.Point.Head());
      case 2 -> read(new ReadAt.Point.Revision(known()));
      case 3 -> read(reader.time(known()));
      case 4 -> recover(anyProcess());
      case 5 -> tendTo(anyProcess(), wishes.anyStaged(random));
      case 6 -> wishes.commitNameless(random).ifPresent(one -> askOnce(anyProcess(), one));
      default -> insist(wishes.next(random, journal.head()));
    }
  }

  private void read(ReadAt.Point at) {
    reader.read(anyProcess(), wishes.anyTable(random), at);
  }

  /** Reads what is always there. */
  void readStanding(EngineProcess process) {
    for (String table : Wishes.STANDING.stream().sorted().toList()) {
      reader.read(process, table, new ReadAt.Point.Head());
    }
  }

  private void reclaim() {
    if (random.nextInt(3) == 0) {
      scheduler.pass(Regime.lull(random));
      catchUp();
    } else {
      janitor.clean(name, random, anyProcess());
    }
  }

  /** A clock that is right gets to where one that was ahead has been: cleanups go on. */
  private void catchUp() {
    long ahead = cluster.latestClock() - scheduler.micros();
    if (ahead > FAR_AHEAD_MICROS && random.nextBoolean()) {
      tally.add(Happening.EVERYBODY_CAUGHT_UP);
      scheduler.passUntil(cluster.latestClock());
    }
  }

  /** Does nothing but clean up, now and then. */
  void keepClean(int times) {
    for (int i = 0; i < times; i++) {
      scheduler.sleep(Duration.ofMillis(random.nextInt(1_500)));
      reclaim();
    }
  }

  private EngineProcess anyProcess() {
    return cluster.process(random.nextInt(cluster.size()));
  }

  private long known() {
    return wishes.begin() + random.nextLong(journal.head() - wishes.begin() + 1);
  }

  // ---- writes

  private void insist(Request request) {
    if (random.nextInt(6) == 0) {
      EngineProcess twin = anyProcess();
      scheduler.spawn(name + ".twin", null, () -> ask(twin, request));
    }
    if (random.nextInt(3) == 0) {
      wishes.rival(request).ifPresent(this::race);
    }
    for (int i = 0; i < TRIES; i++) {
      Answer answer = ask(anyProcess(), request);
      if (isFinal(answer) && random.nextInt(6) > 0) {
        return;
      }
      if (random.nextInt(4) == 0) {
        question(anyProcess(), request, random.nextInt(3) == 0);
        if (random.nextInt(3) == 0) {
          return;
        }
      }
      scheduler.sleep(Duration.ofMillis(random.nextInt(2_000)));
    }
  }

  /** Another wants a write of the request as soon as it is staged. */
  private void race(Wishes.Nameless rival) {
    EngineProcess process = anyProcess();
    scheduler.spawn(
        name + ".rival",
        null,
        () -> {
          for (int i = 0; i < RIVALS_PATIENCE; i++) {
            if (journal.wasStaged(rival.staged())) {
              askOnce(process, rival);
              return;
            }
            scheduler.sleep(Duration.ofMillis(1 + i));
          }
        });
  }

  private static boolean isFinal(Answer answer) {
    if (answer instanceof Answer.Refused refused) {
      return !Attempt.EXCUSES.contains(refused.reason());
    }
    return answer instanceof Answer.Acknowledged;
  }

  /** Asks for what must be granted. */
  void demand(EngineProcess process, Request request) {
    Answer answer = ask(process, request);
    if (!(answer instanceof Answer.Acknowledged)) {
      throw new AssertionError(
          process.name() + " must grant " + request.id() + " with all well again, found " + answer);
    }
  }

  private Answer ask(EngineProcess process, Request request) {
    scheduler.step(name + " asks " + process.name() + " for " + request.id());
    book.asking(request, journal.head());
    CallContext context = context();
    Answer answer =
        book.ledger()
            .ask(
                request.id(),
                java.util.function.UnaryOperator.identity(),
                process.life(),
                () -> process.call(() -> request.call().make(process.database(), context)));
    book.answered(request, answer, journal.head());
    if (answer instanceof Answer.Refused refused) {
      mayBeTold(request, refused);
    }
    scheduler.step(name + " is told of " + request.id() + ": " + answer);
    return answer;
  }

  private void mayBeTold(Request request, Answer.Refused refused) {
    ErrorReason reason = refused.reason();
    if (reason == ErrorReason.STAGED_WRITE_EXPIRED) {
      tally.add(Happening.STAGED_WRITES_EXPIRED);
    }
    boolean ours =
        reason.kind() == ErrorReason.Kind.DATA_LOSS
            || reason.kind() == ErrorReason.Kind.INTERNAL
            || (reason == ErrorReason.STAGED_WRITE_EXPIRED && !regime.expires());
    if (ours) {
      throw new AssertionError(name + " was told of " + request.id() + ": " + refused);
    }
  }

  /** Without a request id there is no asking again. */
  private void askOnce(EngineProcess process, Wishes.Nameless nameless) {
    Request request = nameless.request();
    scheduler.step(name + " asks " + process.name() + " for " + request.id());
    book.asking(request, journal.head());
    boolean wasStaged = journal.wasStaged(nameless.staged());
    Attempt.of(
        name,
        process,
        () -> {
          long revision = request.call().make(process.database(), CallContext.of(name));
          if (!process.life().isOver()) {
            book.acknowledged().add(new Book.Acknowledged(request.id(), revision, journal.head()));
          }
        },
        reason -> {
          if (wasStaged && reason == ErrorReason.STAGED_WRITE_NOT_FOUND) {
            book.missed().add(new Book.Missed(nameless.staged(), journal.head()));
          }
          return reason.kind() == ErrorReason.Kind.PRECONDITION
              || reason.kind() == ErrorReason.Kind.NOT_FOUND
              || reason.kind() == ErrorReason.Kind.CONFLICT;
        });
  }

  private CallContext context() {
    CancelSignal signal = new CancelSignal();
    if (impatient && random.nextInt(12) == 0) {
      Duration patience = Duration.ofMillis(random.nextInt(100));
      scheduler.spawn(
          name + ".cancel",
          null,
          () -> {
            scheduler.sleep(patience);
            signal.cancel(ErrorReason.CANCELLED);
          });
    }
    // Sometimes two clients are the same caller, so that their calls are joined.
    return new CallContext(random.nextInt(3) == 0 ? "all" : name, "", signal);
  }

  private void question(EngineProcess process, Request request, boolean fence) {
    long before = journal.head();
    Attempt.of(
        name,
        process,
        () -> {
          Outcome outcome = process.database().outcome(CallContext.of(name), request.id(), fence);
          book.told().add(new Book.Told(request.id(), outcome, before, journal.head()));
        });
  }

  private void recover(EngineProcess process) {
    scheduler.step(name + " recovers through " + process.name());
    Attempt.of(
        name,
        process,
        () -> {
          var unused = process.recover();
        });
  }

  /** Renews or discards a staged write that somebody made. */
  private void tendTo(EngineProcess process, String staged) {
    boolean discard = random.nextBoolean();
    scheduler.step(name + (discard ? " discards " : " renews ") + staged);
    Attempt.of(
        name,
        process,
        () -> {
          if (discard) {
            book.discarded().add(staged);
            process.database().discard(CallContext.of(name), staged);
          } else {
            var unused = process.database().renew(CallContext.of(name), staged);
          }
        },
        reason ->
            reason == ErrorReason.STAGED_WRITE_NOT_FOUND
                || reason == ErrorReason.STAGED_WRITE_COMMITTED
                || (regime.expires() && reason == ErrorReason.STAGED_WRITE_EXPIRED));
  }
}
