package dev.slipway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlipwayConfigTest {
  @TempDir private Path folder;

  @Test
  void of_withoutSettings_givesTheDefaults() {
    SlipwayConfig config = SlipwayConfig.of(Map.of());

    assertThat(config.storage().kind()).isEqualTo(StorageConfig.Kind.LANCE);
    assertThat(config.storage().path()).isEqualTo(Path.of("slipway-data"));
    assertThat(config.storage().fsync()).isTrue();
    assertThat(config.server().host()).isEqualTo("127.0.0.1");
    assertThat(config.server().port()).isEqualTo(7411);
    assertThat(config.engine().stagedLifetime()).isEqualTo(Duration.ofHours(24));
  }

  @Test
  void keys_readTheirOwnDefaults() {
    SlipwayConfig written =
        SlipwayConfig.of(
            SlipwayConfig.KEYS.stream()
                .collect(Collectors.toMap(ConfigKey::name, ConfigKey::fallback)));

    assertThat(written).isEqualTo(SlipwayConfig.of(Map.of()));
  }

  @Test
  void read_withEverySource_prefersFlagsThenEnvironmentThenFile() throws IOException {
    Path file =
        file("server.port = 1", "server.host = file", "storage.path = /file", "log.level = debug");

    SlipwayConfig config =
        SlipwayConfig.read(
            Map.of("server.port", "3"),
            Map.of("SLIPWAY_SERVER_PORT", "2", "SLIPWAY_SERVER_HOST", "variable", "HOME", "/x"),
            Optional.of(file));

    assertThat(config.server().port()).isEqualTo(3);
    assertThat(config.server().host()).isEqualTo("variable");
    assertThat(config.storage().path()).isEqualTo(Path.of("/file"));
    assertThat(config.log().level()).isEqualTo(LogConfig.Level.DEBUG);
  }

  @Test
  void read_withUnits_understandsThem() {
    SlipwayConfig config =
        SlipwayConfig.of(
            Map.of(
                "engine.staged-lifetime", "90 m",
                "engine.idempotency-window", "7d",
                "server.shutdown-grace", "250ms",
                "storage.index-cache", "2GiB",
                "storage.metadata-cache", " 1048576B "));

    assertThat(config.engine().stagedLifetime()).isEqualTo(Duration.ofMinutes(90));
    assertThat(config.engine().idempotencyWindow()).isEqualTo(Duration.ofDays(7));
    assertThat(config.server().shutdownGrace()).isEqualTo(Duration.ofMillis(250));
    assertThat(config.storage().indexCacheBytes()).isEqualTo(2L << 30);
    assertThat(config.storage().metadataCacheBytes()).isEqualTo(1L << 20);
  }

  @Test
  void read_withMistakesEverywhere_reportsAllOfThem() throws IOException {
    Path file = file("storage.fsnyc = false", "storage.kind = lanse");

    ConfigException failure =
        catchThrowableOfType(
            ConfigException.class,
            () ->
                SlipwayConfig.read(
                    Map.of("server.port", "70000", "colour", "blue"),
                    Map.of(
                        "SLIPWAY_STORAGE_KNID", "memory",
                        "SLIPWAY_STORAGE_FSYNC", "yes",
                        "SLIPWAY_CONFIG", "x"),
                    Optional.of(file)));

    assertThat(failure.problems())
        .containsExactlyInAnyOrder(
            "unknown setting storage.fsnyc (file " + file + "); did you mean storage.fsync?",
            "storage.kind (file " + file + "): expected lance, memory, found 'lanse'",
            "unknown environment variable SLIPWAY_STORAGE_KNID; did you mean"
                + " SLIPWAY_STORAGE_KIND?",
            "storage.fsync (variable SLIPWAY_STORAGE_FSYNC): expected true, false, found 'yes'",
            "server.port (flag): expected 0 to 65535, found '70000'",
            "unknown setting colour (flag); docs/configuration.md lists all");
  }

  @Test
  void of_withAValueOutOfItsRangeOrForm_isRefused() {
    assertThat(mistake("engine.staged-lifetime", "24")).contains("expected duration (ms, s, m,");
    assertThat(mistake("engine.staged-lifetime", "0s")).contains("1s to 365d");
    assertThat(mistake("engine.staged-lifetime", "999999999999999999d")).contains("1s to 365d");
    assertThat(mistake("storage.index-cache", "1GB")).contains("expected size (B, KiB,");
    assertThat(mistake("storage.index-cache", "-1B")).contains("expected size");
    assertThat(mistake("storage.index-cache", "99999999999TiB")).contains("expected size");
    assertThat(mistake("engine.checkpoint-every", "1.5")).contains("expected 1 to 1000000");
    assertThat(mistake("storage.path", "")).contains("expected a folder");
    assertThat(mistake("storage.path", "a\0b")).contains("expected a folder");
  }

  @Test
  void read_withAFileThatCannotBeRead_isRefused() throws IOException {
    Path missing = folder.resolve("missing.properties");
    Path mangled = file("server.port = \\u12");

    for (Path file : List.of(missing, mangled)) {
      ConfigException failure =
          catchThrowableOfType(
              ConfigException.class,
              () -> SlipwayConfig.read(Map.of(), Map.of(), Optional.of(file)));
      assertThat(failure).hasMessageContaining("can't read the configuration file " + file);
    }
  }

  @Test
  void shown_ofASecret_hidesIt() {
    ConfigKey<String> key = ConfigKey.text("token", "a text", "none", "A token.").asSecret();

    assertThat(key.shown("hunter2")).isEqualTo("(secret)");
    assertThat(key.shown("")).isEmpty();
    assertThat(ConfigKey.text("name", "a text", "none", "A name.").shown("x")).isEqualTo("x");
  }

  private String mistake(String name, String value) {
    return String.valueOf(
        catchThrowableOfType(ConfigException.class, () -> SlipwayConfig.of(Map.of(name, value)))
            .getMessage());
  }

  private Path file(String... lines) throws IOException {
    return Files.write(folder.resolve("slipway.properties"), List.of(lines));
  }
}
