package dev.slipway.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.testkit.QuietLogs;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether the simulation would notice: bugs are planted, and it must find each of them. */
@ExtendWith(QuietLogs.class)
class MutationTest {
  private static final Seeds SEEDS = new Seeds(1, 1_500);
  private static final Seeds FEW = new Seeds(1, 40);

  static Stream<Mutation> bugs() {
    return Stream.of(
        new Mutation(
            "publish before the versions are on disk",
            "commit/VersionBuilder.java",
            "backend.tables().force(List.copyOf(fresh));",
            "List.copyOf(fresh);"),
        new Mutation(
            "drop the operation id check",
            "state/Decisions.java",
            "    Optional<Decision> own = operation(op);\n",
            "    Optional<Decision> own = Optional.empty();\n"),
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
            """),
        new Mutation(
            "let a staged write be used twice",
            "commit/BatchView.java",
            "return consumed.contains(stagedId) || state.consumed().containsKey(stagedId);",
            "return consumed.contains(stagedId);"),
        new Mutation(
            "checkpoint a state that isn't published",
            "commit/CommitRound.java",
            "    state.apply(batch);\n",
            "    parts.afterPublish().accept(state.apply(batch));\n"),
        new Mutation(
            "take an overwrite after an own append as not moved",
            "commit/Validator.java",
            "          touch.create().isEmpty()\n",
            "          touch.create().isEmpty()\n              && touch.writes().isEmpty()\n"));
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void simulation_ofAnEngineWithABug_fails(Mutation bug) throws Exception {
    assertThat(MutantEngine.of(bug).firstFailure(SEEDS)).as("a run that fails").isPresent();
  }

  @Test
  void simulation_ofTheEngineLoadedAfresh_fails_never() throws Exception {
    assertThat(MutantEngine.none().firstFailure(FEW)).isEmpty();
  }
}
