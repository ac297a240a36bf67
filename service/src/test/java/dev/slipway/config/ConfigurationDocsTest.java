package dev.slipway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationDocsTest {
  @Test
  void configurationTable_isThatOfTheCode() throws IOException {
    String documented = Files.readString(Path.of("..", "docs", "configuration.md"));

    assertThat(documented.lines().filter(line -> line.startsWith("| `")))
        .containsExactlyElementsOf(SlipwayConfig.KEYS.stream().map(this::row).toList());
  }

  private String row(ConfigKey<?> key) {
    return "| `%s` | %s | `%s` | %s |"
        .formatted(key.name(), key.values(), key.fallback(), key.about());
  }
}
