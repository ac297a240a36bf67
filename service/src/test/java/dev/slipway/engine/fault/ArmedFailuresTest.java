package dev.slipway.engine.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.storage.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArmedFailuresTest {
  @Test
  void parse_ofNothing_armsNothing() {
    assertThat(ArmedFailures.parse(null)).isSameAs(FailureInjector.NONE);
    assertThat(ArmedFailures.parse(" ")).isSameAs(FailureInjector.NONE);
  }

  @ParameterizedTest
  @EnumSource
  void parse_ofEveryWindow_failsThereOnceAndNowhereElse(FailPoint point) {
    FailureInjector armed = ArmedFailures.parse(point.windowName() + ":fail");
    for (FailPoint other : FailPoint.values()) {
      if (other != point) {
        armed.at(other);
      }
    }
    assertThatThrownBy(() -> armed.at(point))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(point.windowName());
    armed.at(point);
  }

  @Test
  void parse_withASkip_letsSoManyThrough() {
    FailureInjector armed =
        ArmedFailures.parse("commit.after_intent:fail:2, commit.after_tables:fail");
    armed.at(FailPoint.COMMIT_AFTER_INTENT);
    armed.at(FailPoint.COMMIT_AFTER_INTENT);
    assertThatThrownBy(() -> armed.at(FailPoint.COMMIT_AFTER_INTENT)).isNotNull();
    assertThatThrownBy(() -> armed.at(FailPoint.COMMIT_AFTER_TABLES)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "commit.after_intent",
        "commit.nowhere:halt",
        "commit.after_intent:explode",
        "commit.after_intent:halt:x",
        "commit.after_intent:halt:1:2"
      })
  void parse_ofNonsense_isRefused(String text) {
    assertThatThrownBy(() -> ArmedFailures.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
