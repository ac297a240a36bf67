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
  private final World world;
  private final Scheduler scheduler;
  private final Regime regime;
  private final Tally tally;
  private final Janitor janitor;
  private final Landlord landlord;
  private final SimulatedReader reader;
  private final boolean impatient;

  SimulatedClient(
      String name, RandomGenerator random, World world, Janitor janitor, Landlord landlord) {
    this.name = name;
    this.random = random;
    this.world = world;
    this.scheduler = world.scheduler();
    this.regime = world.regime();
    this.tally = world.tally();
    this.janitor = janitor;
    this.landlord = landlord;
    this.reader = new SimulatedReader(name, random, world);
    this.impatient = !name.equals("founder");
  }

  void act() {
    if (regime.drops() && random.nextInt(6) == 0) {
      ownDatabases();
      return;
    }
    if (regime.reclaims() && random.nextInt(6) == 0) {
      reclaim();
      return;
    }
    Incarnation in = world.incarnations().any(random);
    Wishes wishes = in.wishes();
    switch (random.nextInt(13)) {
      case 0, 1 -> read(in, new ReadAt.Point.Head());
      case 2 -> read(in, new ReadAt.Point.Revision(known(in)));
      case 3 -> read(in, reader.time(in.journal(), known(in)));
      case 4 -> recover(anyProcess(), in);
      case 5 -> tendTo(anyProcess(), in, wishes.anyStaged(random));
      case 6 -> wishes.commitNameless(random).ifPresent(one -> askOnce(anyProcess(), in, one));
      default -> insist(in, wishes.next(random, in.journal().head()));
    }
  }

  private void ownDatabases() {
    if (random.nextInt(3) == 0) {
      landlord.drop(name, anyProcess());
      scheduler.sleep(Duration.ofMillis(random.nextInt(500)));
    } else {
      for (int times = 1 + random.nextInt(3); times > 0; times--) {
        landlord.reclaim(name, random, anyProcess());
      }
    }
    if (world.incarnations().named().isEmpty()) {
      landlord
          .create(name, this::anyProcess)
          .ifPresent(in -> in.wishes().beginning().forEach(request -> insist(in, request)));
    }
  }

  private void read(Incarnation in, ReadAt.Point at) {
    reader.read(anyProcess(), in, in.wishes().anyTable(random), at);
  }

  /** Reads what is always there. */
  void readStanding(EngineProcess process, Incarnation in) {
    for (String table : Wishes.STANDING.stream().sorted().toList()) {
      reader.read(process, in, table, new ReadAt.Point.Head());
    }
  }

  private void reclaim() {
    if (random.nextInt(3) == 0) {
      scheduler.pass(Regime.lull(random));
      catchUp();
    } else {
      janitor.clean(name, random, anyProcess(), world.incarnations().any(random));
    }
  }

  /** A clock that is right gets to where one that was ahead has been: cleanups go on. */
  private void catchUp() {
    long ahead = world.cluster().latestClock() - scheduler.micros();
    if (ahead > FAR_AHEAD_MICROS && random.nextBoolean()) {
      tally.add(Happening.EVERYBODY_CAUGHT_UP);
      scheduler.passUntil(world.cluster().latestClock());
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
    return world.cluster().process(random.nextInt(world.cluster().size()));
  }

  private long known(Incarnation in) {
    long begin = in.wishes().begin();
    return begin + random.nextLong(in.journal().head() - begin + 1);
  }

  // ---- writes

  private void insist(Incarnation in, Request request) {
    if (random.nextInt(6) == 0) {
      EngineProcess twin = anyProcess();
      scheduler.spawn(name + ".twin", null, () -> ask(twin, in, request));
    }
    if (random.nextInt(3) == 0) {
      in.wishes().rival(request).ifPresent(rival -> race(in, rival));
    }
    for (int i = 0; i < TRIES; i++) {
      Answer answer = ask(anyProcess(), in, request);
      if (isFinal(answer) && random.nextInt(6) > 0) {
        return;
      }
      if (random.nextInt(4) == 0) {
        question(anyProcess(), in, request, random.nextInt(3) == 0);
        if (random.nextInt(3) == 0) {
          return;
        }
      }
      scheduler.sleep(Duration.ofMillis(random.nextInt(2_000)));
    }
  }

  /** Another wants a write of the request as soon as it is staged. */
  private void race(Incarnation in, Wishes.Nameless rival) {
    EngineProcess process = anyProcess();
    scheduler.spawn(
        name + ".rival",
        null,
        () -> {
          for (int i = 0; i < RIVALS_PATIENCE; i++) {
            if (in.journal().wasStaged(rival.staged())) {
              askOnce(process, in, rival);
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
  void demand(EngineProcess process, Incarnation in, Request request) {
    Answer answer = ask(process, in, request);
    if (!(answer instanceof Answer.Acknowledged)) {
      throw new AssertionError(
          process.name() + " must grant " + request.id() + " with all well again, found " + answer);
    }
  }

  private Answer ask(EngineProcess process, Incarnation in, Request request) {
    scheduler.step(name + " asks " + process.name() + " for " + request.id());
    Book book = in.book();
    book.asking(request, in.journal().head());
    CallContext context = context();
    Answer answer =
        book.ledger()
            .ask(
                request.id(),
                java.util.function.UnaryOperator.identity(),
                process.life(),
                () -> process.call(() -> request.call().make(process.database(in), context)));
    book.answered(request, answer, in.journal().head());
    if (answer instanceof Answer.Refused refused) {
      mayBeTold(in, request, refused);
    }
    scheduler.step(name + " is told of " + request.id() + ": " + answer);
    return answer;
  }

  private void mayBeTold(Incarnation in, Request request, Answer.Refused refused) {
    ErrorReason reason = refused.reason();
    if (reason == ErrorReason.STAGED_WRITE_EXPIRED) {
      tally.add(Happening.STAGED_WRITES_EXPIRED);
    }
    boolean ours =
        reason.kind() == ErrorReason.Kind.DATA_LOSS
            || reason.kind() == ErrorReason.Kind.INTERNAL
            || (reason == ErrorReason.STAGED_WRITE_EXPIRED && !regime.expires())
            || (reason == ErrorReason.DATABASE_NOT_FOUND && !in.isDeleted());
    if (ours) {
      throw new AssertionError(name + " was told of " + request.id() + ": " + refused);
    }
  }

  /** Without a request id there is no asking again. */
  private void askOnce(EngineProcess process, Incarnation in, Wishes.Nameless nameless) {
    Request request = nameless.request();
    scheduler.step(name + " asks " + process.name() + " for " + request.id());
    Book book = in.book();
    Journal journal = in.journal();
    book.asking(request, journal.head());
    boolean wasStaged = journal.wasStaged(nameless.staged());
    Attempt.of(
        name,
        process,
        () -> {
          long revision = request.call().make(process.database(in), CallContext.of(name));
          if (!process.life().isOver()) {
            book.acknowledged().add(new Book.Acknowledged(request.id(), revision, journal.head()));
          }
        },
        reason -> {
          if (wasStaged && reason == ErrorReason.STAGED_WRITE_NOT_FOUND) {
            book.missed().add(new Book.Missed(nameless.staged(), journal.head()));
          }
          if (reason == ErrorReason.DATABASE_NOT_FOUND) {
            return in.isDeleted();
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

  private void question(EngineProcess process, Incarnation in, Request request, boolean fence) {
    Journal journal = in.journal();
    long before = journal.head();
    boolean underWay = journal.isUnderWay("db/" + in.id(), request.id());
    if (fence) {
      in.book().fenced().add(request.id());
    }
    Attempt.of(
        name,
        process,
        () -> {
          Outcome outcome = process.database(in).outcome(CallContext.of(name), request.id(), fence);
          in.book()
              .told()
              .add(new Book.Told(request.id(), outcome, underWay, before, journal.head()));
        },
        reason -> Attempt.isGone(in, reason));
  }

  private void recover(EngineProcess process, Incarnation in) {
    scheduler.step(name + " recovers through " + process.name());
    Attempt.of(
        name,
        process,
        () -> {
          var unused = process.recover(in);
        },
        reason -> Attempt.isGone(in, reason));
  }

  /** Renews or discards a staged write that somebody made. */
  private void tendTo(EngineProcess process, Incarnation in, String staged) {
    boolean discard = random.nextBoolean();
    scheduler.step(name + (discard ? " discards " : " renews ") + staged);
    Attempt.of(
        name,
        process,
        () -> {
          if (discard) {
            in.book().discarded().add(staged);
            process.database(in).discard(CallContext.of(name), staged);
          } else {
            var unused = process.database(in).renew(CallContext.of(name), staged);
          }
        },
        reason ->
            reason == ErrorReason.STAGED_WRITE_NOT_FOUND
                || reason == ErrorReason.STAGED_WRITE_COMMITTED
                || (regime.expires() && reason == ErrorReason.STAGED_WRITE_EXPIRED)
                || Attempt.isGone(in, reason));
  }
}
