package dev.slipway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  @Test
  void close_ofSeveral_goesInReverseAndPastFailures() {
    List<String> closed = new ArrayList<>();
    Lifecycle lifecycle = new Lifecycle();
    lifecycle.add(() -> closed.add("first"));
    lifecycle.add(
        () -> {
          closed.add("second");
          throw new IOException("second");
        });
    lifecycle.add(
        () -> {
          closed.add("third");
          throw new IllegalStateException("third");
        });

    assertThatThrownBy(lifecycle::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("third")
        .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(1));
    assertThat(closed).containsExactly("third", "second", "first");
    lifecycle.close();
    assertThat(closed).hasSize(3);
  }
}
