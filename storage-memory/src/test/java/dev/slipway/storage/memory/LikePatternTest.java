package dev.slipway.storage.memory;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LikePatternTest {
  @ParameterizedTest
  @CsvSource({
    "abc, abc, true",
    "abc, abd, false",
    "a%, a, true",
    "%a, ba, true",
    "%a%b%, xaxxb, true",
    "a_c, abc, true",
    "a_c, ac, false",
    "'%', '', true",
    "'_', '', false",
    "'', '', true",
    "'', a, false",
    "%%, abc, true",
    "a\\%, a%, true",
    "a\\%, ab, false",
    "a\\_, a_, true",
    "\\\\, \\, true",
    "_, \ud83d\udea2, true",
    "__, \ud83d\udea2, false",
    "a%b%c, aXbXbXc, true",
    "a%b%c, aXbXbX, false",
    "A, a, false"
  })
  void matches_patternAndText_asSqlSays(String pattern, String text, boolean expected) {
    assertThat(LikePattern.of(pattern).matches(text)).isEqualTo(expected);
  }

  @Test
  void matches_manyRunsOverLongText_ends() {
    LikePattern pattern = LikePattern.of("%a".repeat(50) + "b");

    assertTimeoutPreemptively(
        ofSeconds(10), () -> assertThat(pattern.matches("a".repeat(10_000))).isFalse());
  }
}
