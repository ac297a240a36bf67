package dev.slipway.engine.verify;

import dev.slipway.engine.Database;
import dev.slipway.engine.Finding;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.testkit.EngineFixture;
import java.util.ArrayList;
import java.util.List;

/** A check that was made, and all it found. */
public record Checked(VerifySummary summary, List<Finding> findings, List<String> phases) {

  public static Checked of(Database database) {
    return of(database, false);
  }

  public static Checked of(Database database, boolean deep) {
    List<Finding> findings = new ArrayList<>();
    List<String> phases = new ArrayList<>();
    VerifySummary summary =
        database.verify(
            EngineFixture.TESTER,
            deep,
            new VerifyListener() {
              @Override
              public void found(Finding finding) {
                findings.add(finding);
              }

              @Override
              public void progress(String phase, long done, long total) {
                if (!phases.contains(phase)) {
                  phases.add(phase);
                }
              }
            });
    return new Checked(summary, findings, phases);
  }

  public List<Finding> problems() {
    return findings.stream()
        .filter(finding -> finding.kind().severity() == Finding.Severity.PROBLEM)
        .toList();
  }

  public List<Finding> of(Finding.Kind kind) {
    return findings.stream().filter(finding -> finding.kind() == kind).toList();
  }
}
