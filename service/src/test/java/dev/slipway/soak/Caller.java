package dev.slipway.soak;

import dev.slipway.engine.ErrorReason;
import io.grpc.StatusRuntimeException;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** Calls any server that listens. One thread's. */
final class Caller implements AutoCloseable {
  /** After these, the same call may be made again. */
  private static final Set<ErrorReason> PASSING =
      EnumSet.of(
          ErrorReason.OUTCOME_UNKNOWN,
          ErrorReason.BACKEND_UNAVAILABLE,
          ErrorReason.OVERLOADED,
          ErrorReason.SHUTTING_DOWN,
          ErrorReason.DEADLINE);

  private final Servers servers;
  private final Random random;
  private final Map<Server, Session> sessions = new ConcurrentHashMap<>();

  Caller(Servers servers, Random random) {
    this.servers = servers;
    this.random = random;
  }

  /**
   * Makes a call once.
   *
   * @return its answer; empty if none came, and the call may be made again
   * @throws StatusRuntimeException if it was refused for good
   */
  <A> Optional<A> once(Function<Session, A> call) {
    return once(call, server -> {});
  }

  /** As {@link #once(Function)} for a call that commits. */
  Optional<Long> commit(Function<Session, Long> call) {
    return once(call, Server::hasCommitted);
  }

  private <A> Optional<A> once(Function<Session, A> call, Consumer<Server> onAnswer) {
    return once(servers.any(random), call, onAnswer);
  }

  private <A> Optional<A> once(
      Servers.Address address, Function<Session, A> call, Consumer<Server> onAnswer) {
    forgetTheDead();
    Session session =
        sessions.computeIfAbsent(address.server(), server -> new Session(server, address.port()));
    try {
      A answer = call.apply(session);
      onAnswer.accept(address.server());
      return Optional.of(answer);
    } catch (StatusRuntimeException e) {
      Optional<ErrorReason> reason = Session.reason(e);
      if (reason.isEmpty() && !address.server().isDoomed()) {
        throw new AssertionError("a server that nobody killed gave no reason", e);
      }
      if (reason.equals(Optional.of(ErrorReason.INTERNAL))) {
        throw new AssertionError("a server failed; it printed:\n" + address.server().output(), e);
      }
      if (reason.isPresent() && !PASSING.contains(reason.get())) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Makes a call until it is answered. */
  <A> A untilAnswered(Function<Session, A> call) {
    while (!Thread.currentThread().isInterrupted()) {
      Optional<A> answer = once(call);
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    throw new AssertionError("interrupted before an answer came");
  }

  /** As {@link #untilAnswered(Function)}, by a server that isn't killed meanwhile. */
  <A> A untilAnswered(Server server, Function<Session, A> call) {
    while (!Thread.currentThread().isInterrupted()) {
      Optional<A> answer = once(servers.awaitListening(server), call, answered -> {});
      if (answer.isPresent()) {
        return answer.get();
      }
    }
    throw new AssertionError("interrupted before an answer came");
  }

  /** Whether what failed for this reason may be done again. */
  static boolean isPassing(String reason) {
    return PASSING.contains(ErrorReason.valueOf(reason));
  }

  private void forgetTheDead() {
    for (Iterator<Map.Entry<Server, Session>> each = sessions.entrySet().iterator();
        each.hasNext(); ) {
      Map.Entry<Server, Session> entry = each.next();
      if (entry.getKey().isDoomed()) {
        entry.getValue().close();
        each.remove();
      }
    }
  }

  @Override
  public void close() {
    sessions.values().forEach(Session::close);
  }
}
