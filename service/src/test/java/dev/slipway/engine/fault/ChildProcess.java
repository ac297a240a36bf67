package dev.slipway.engine.fault;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A JVM of its own with this one's class path. All of them share one unpacked native library; what
 * they print goes into a file.
 */
public final class ChildProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final Process process;
  private final Path output;

  private ChildProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * @param folder for its output and its temporary files
   * @param properties system properties
   */
  public static ChildProcess start(
      Path folder, Class<?> main, Map<String, String> properties, List<String> arguments) {
    return start(List.of(), folder, main, properties, arguments);
  }

  /**
   * @param wrapper a command that runs the one that follows it
   * @param folder for its output and its temporary files
   * @param properties system properties
   */
  public static ChildProcess start(
      List<String> wrapper,
      Path folder,
      Class<?> main,
      Map<String, String> properties,
      List<String> arguments) {
    try {
      Path temporary = Files.createDirectories(folder.resolve("tmp"));
      Path output = Files.createTempFile(folder, "child-", ".log");
      List<String> command = new ArrayList<>(wrapper);
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "-Xmx256m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-Xshare:auto",
              "--add-opens=java.base/java.nio=ALL-UNNAMED",
              "-Djava.io.tmpdir=" + temporary));
      @Nullable String shared = System.getProperty("slipway.native.folder");
      if (shared != null) {
        command.add("-Dslipway.native.folder=" + shared);
      }
      properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
      command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
      command.addAll(arguments);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      return new ChildProcess(process, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for its end and gives its exit code. */
  public int awaitExit() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the child didn't end; it printed:\n" + output());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting", e);
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it as {@code kill -9} does. */
  public void kill() {
    process.destroyForcibly();
    var unused = awaitExit();
  }

  /** Asks it to end, as {@code kill} does, and gives its exit code. */
  public int terminate() {
    process.destroy();
    return awaitExit();
  }

  /** All it printed so far. */
  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What follows {@code word} on the first line that has it. */
  public Optional<String> after(String word) {
    return output()
        .lines()
        .filter(line -> line.contains(word))
        .map(line -> line.substring(line.indexOf(word) + word.length()).strip())
        .findFirst();
  }

  /** As {@link #after}, once it has been printed whole. */
  public String awaitAfter(String word) {
    await(word)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !process.isAlive() || after(word).isPresent());
    return after(word)
        .orElseThrow(() -> new AssertionError("the child ended; it printed:\n" + output()));
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      kill();
    }
  }
}
