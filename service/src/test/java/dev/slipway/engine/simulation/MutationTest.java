package dev.slipway.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.testkit.QuietLogs;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether the simulation would notice: bugs are planted, and it must find each of them. */
@ExtendWith(QuietLogs.class)
class MutationTest {
  /** Runs end at the first that fails: some bugs need an encounter that is rare. */
  private static final Seeds SEEDS = new Seeds(1, 6_000);

  private static final Seeds FEW = new Seeds(1, 40);

  static Stream<Mutation> bugs() {
    return Stream.of(
        new Mutation(
            "publish before the versions are on disk",
            List.of(
                new Mutation.Edit(
                    "commit/VersionBuilder.java",
                    "backend.tables().force(List.copyOf(fresh));",
                    "late = List.copyOf(fresh);"),
                new Mutation.Edit(
                    "commit/VersionBuilder.java",
                    "  /** An operation and what it has to do. */\n",
                    """
                      private List<TableVersion> late = List.of();

                      void forceLate() {
                        backend.tables().force(late);
                      }

                    """),
                new Mutation.Edit(
                    "commit/CommitRound.java",
                    "    finish(state, batch, slots);\n",
                    "    parts.versions().forceLate();\n    finish(state, batch, slots);\n")),
            "unforced"),
        new Mutation(
            "drop the operation id check",
            "state/Decisions.java",
            "    Optional<Decision> own = operation(op);\n",
            "    Optional<Decision> own = Optional.empty();\n",
            "intents that stay undecided"),
        new Mutation(
            "drop the request id check on a lost race",
            "commit/CommitRound.java",
            """
            state.decisions().of(operation.spec().op(), operation.spec().request());
                  if (decision.isPresent()) {
                    answerFromLog(operation, decision.get(), state);
                    continue;
            """,
            """
            state.decisions().operation(operation.spec().op());
                  if (decision.isPresent()) {
                    answerFromLog(operation, decision.get(), state);
                    continue;
            """,
            "is decided already"),
        new Mutation(
            "let a staged write be used twice",
            "commit/BatchView.java",
            "return consumed.contains(stagedId) || state.consumed().containsKey(stagedId);",
            "return consumed.contains(stagedId);",
            "rightly said not to be there|committed already"),
        new Mutation(
            "refuse every write of a kind that a change of the table refuses",
            "commit/Validator.java",
            "      if (moved) {\n",
            "      if (moved || write.unique() || write.kind() == dev.slipway.storage.WriteKind.OVERWRITE) {\n",
            "may be refused"),
        new Mutation(
            "look once whether a request is decided",
            "database/Commits.java",
            "    return decided(requestId, core.now()).orElseGet(Outcome.NotFound::new);\n",
            "    return new Outcome.NotFound();\n",
            "was rightly said to be NotFound"),
        new Mutation(
            "free log keys instead of hollowing them",
            "cleanup/LogTrim.java",
            "            parts.log().hollow(first);\n",
            "            parts.backend().metadata().delete(parts.log().key(first));\n",
            "what a check of the database finds|log key|published revision"),
        new Mutation(
            "delete a candidate before its floor",
            "cleanup/TableSweep.java",
            "    long dueBelow = roots.accountsForRenewed(state) ? floors.stagedFloor() : 0;\n",
            "    long dueBelow = Long.MAX_VALUE;\n",
            "MISSING_FILE|MissingFile|no file|can't be cleaned up"),
        new Mutation(
            "checkpoint a state that isn't published",
            "commit/CommitRound.java",
            "    state.apply(batch);\n",
            "    parts.afterPublish().accept(state.apply(batch));\n",
            "is decided already|tables at|rows of|log record|checkpoint|isn't reached|INTERNAL"
                + "|as of the time"),
        new Mutation(
            "don't fold after a staged record was missing",
            "commit/CommitRound.java",
            "          if (folded.revision() != state.revision()) {\n",
            "          if (folded.revision() < state.revision()) {\n",
            "rightly said not to be there"),
        new Mutation(
            "take an overwrite after an own append as not moved",
            "commit/Validator.java",
            "          touch.create().isEmpty()\n",
            "          touch.create().isEmpty()\n              && touch.writes().isEmpty()\n",
            "which replaces what was there"),
        new Mutation(
            "refuse to write while the clock is behind the log",
            "commit/CommitRound.java",
            "    LogBatch batch = BatchRecord.of(state, slots, parts);\n",
            """
                dev.slipway.engine.cleanup.ClockCheck.require(state.lastTime(), parts.nowMicros());
                LogBatch batch = BatchRecord.of(state, slots, parts);
            """,
            "CLOCK_SKEW|must grant|intents that stay undecided"),
        new Mutation(
            "give records the time of their process's clock",
            List.of(
                new Mutation.Edit(
                    "commit/BatchRecord.java",
                    "time = Math.max(parts.nowMicros(), time + 1);",
                    "time = parts.nowMicros();"),
                new Mutation.Edit(
                    "state/DatabaseState.java",
                    "    if (header.time() <= lastTime()) {\n",
                    "    if (header.time() <= 0) {\n")),
            "the time"),
        new Mutation(
            "look for a page's first time in the page before",
            "state/Timeline.java",
            "      if (found >= page.first()) {\n",
            "      if (found > page.first()) {\n",
            "nothing was committed by|what may be read at|as of the time"),
        new Mutation(
            "forget what a background pass saw",
            "recovery/Recovery.java",
            "    seen.addAll(ids);\n",
            "",
            "intents that two passes left"),
        new Mutation(
            "publish after a database's end",
            List.of(
                new Mutation.Edit(
                    "commit/CommitRound.java",
                    "    if (state.deleted()) {\n",
                    "    if (state.revision() < 0) {\n"),
                new Mutation.Edit(
                    "state/DatabaseState.java", "    if (deleted) {\n", "    if (next < 0) {\n")),
            "after the end"),
        new Mutation(
            "keep open databases by their name",
            "database/OpenDatabases.java",
            "slots.computeIfAbsent(info.id(), id -> new Slot());",
            "slots.computeIfAbsent(info.name(), id -> new Slot());",
            "DATABASE_NOT_FOUND|out of turn"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void simulation_ofAnEngineWithABug_fails(Mutation bug) throws Exception {
    Optional<String> found = MutantEngine.of(bug).firstFailure(SEEDS);

    assertThat(found).as("what the first run that fails says").isPresent();
    assertThat(found.orElseThrow()).containsPattern(bug.caughtBy());
  }

  @Test
  void simulation_ofTheEngineLoadedAfresh_fails_never() throws Exception {
    assertThat(MutantEngine.none().firstFailure(FEW)).isEmpty();
  }
}
