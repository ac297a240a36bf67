package dev.slipway.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CancelSignal;
import dev.slipway.engine.Finding;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.staging.StagedStore;
import dev.slipway.engine.state.CheckpointStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.LiveState;
import dev.slipway.engine.verify.Verifier;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The check that servers make of a database when asked, made of what lies on disk: no server need
 * be there, and what one that was killed left is as it left it.
 */
final class DiskCheck {
  private final StorageBackend backend;
  private final String incarnation;
  private final CheckpointStore checkpoints;
  private final IntentStore intents;
  private final StagedStore staged;
  private final LiveState<DatabaseState> live;

  /**
   * @param incarnation the database's id
   */
  DiskCheck(StorageBackend backend, String incarnation) {
    String home = "db/" + incarnation;
    MetadataStore store = backend.metadata();
    this.backend = backend;
    this.incarnation = incarnation;
    LogStore log = new LogStore(store, home);
    this.checkpoints = new CheckpointStore(store, home, FailureInjector.NONE);
    this.intents = new IntentStore(store, home);
    this.staged = new StagedStore(store, home, FailureInjector.NONE);
    this.live = new LiveState<>(log, () -> checkpoints.newest(incarnation));
  }

  /** Nothing is wrong; intents of servers that are gone may wait for the next to resolve them. */
  void isClean() {
    List<Finding> problems = new ArrayList<>();
    var unused =
        new Verifier(
                backend,
                incarnation,
                checkpoints,
                intents,
                staged,
                live::refresh,
                Set::of,
                false,
                new VerifyListener() {
                  @Override
                  public void found(Finding finding) {
                    if (finding.kind().severity() == Finding.Severity.PROBLEM
                        && finding.kind() != Finding.Kind.DANGLING_INTENT) {
                      problems.add(finding);
                    }
                  }

                  @Override
                  public void progress(String phase, long done, long total) {
                    // Nobody looks on.
                  }
                },
                new CancelSignal())
            .verify();
    assertThat(problems).as("what a check of the disk finds").isEmpty();
  }
}
