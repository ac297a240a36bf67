package dev.slipway.engine.disk;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;

import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process that gets into trouble with its disk for a while, as any user's process can: files may
 * not grow beyond a limit, or folders may not be written. Commits meanwhile, retries afterwards,
 * and prints what it was told.
 */
final class TroubledChild {
  static final String TOLD = "told: ";
  static final String ROWS = "rows: ";

  private static final int EACH = 200;

  private final Path root;
  private final EngineFixture engine;
  private final List<String> told = new ArrayList<>();

  private TroubledChild(Path root, EngineFixture engine) {
    this.root = root;
    this.engine = engine;
  }

  /** Arguments: the root, {@code limit} or {@code denied}, and file sizes or names of folders. */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    boolean limit = arguments[1].equals("limit");
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, root)) {
      Database database = engine.create("crm");
      EngineFixture.createPeople(database, "person");
      TroubledChild child = new TroubledChild(root, engine);
      child.append(0);
      engine.awaitIdle();
      for (int i = 2; i < arguments.length; i++) {
        if (limit) {
          child.limited(arguments[i], i);
        } else {
          child.denied(arguments[i], i);
        }
        engine.awaitIdle();
        var unused = engine.database("crm").recover(TESTER);
        child.append(i);
      }
      engine.awaitIdle();
      System.out.println(TOLD + child.told);
      System.out.println(ROWS + child.rows());
    }
  }

  private void limited(String bytes, int at) throws IOException {
    limit(bytes);
    try {
      attempt(at);
    } finally {
      limit("unlimited");
    }
  }

  /** The soft limit alone: what a process may raise again. */
  private static void limit(String bytes) throws IOException {
    String pid = String.valueOf(ProcessHandle.current().pid());
    Process process =
        new ProcessBuilder("prlimit", "--pid", pid, "--fsize=" + bytes + ":").inheritIO().start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("prlimit ended with " + process.exitValue());
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void denied(String name, int at) throws IOException {
    List<Path> folders;
    try (Stream<Path> all = Files.walk(root.resolve("db"))) {
      folders = all.filter(path -> path.endsWith(name)).filter(Files::isDirectory).toList();
    }
    if (folders.isEmpty()) {
      throw new IOException("no folder " + name);
    }
    allow(folders, "r-xr-xr-x");
    try {
      attempt(at);
    } finally {
      allow(folders, "rwxr-xr-x");
    }
  }

  private static void allow(List<Path> folders, String permissions) throws IOException {
    for (Path folder : folders) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }
  }

  private void attempt(int at) {
    try {
      append(at);
      told.add("DONE");
    } catch (SlipwayException e) {
      told.add(e.reason().name());
      if (e.reason() == ErrorReason.INTERNAL) {
        throw e;
      }
    }
  }

  private void append(int at) {
    List<Map<String, @Nullable Object>> people = new ArrayList<>();
    for (int i = 0; i < EACH; i++) {
      long id = (long) at * EACH + i;
      people.add(person(id, "name of person " + id * 7919, i));
    }
    var unused =
        engine.write(
            engine.database("crm"),
            "person",
            new WriteOperation.Append(false),
            people,
            EngineFixture.request("request-" + at));
  }

  /** How many there are, each once. */
  private int rows() {
    Set<@Nullable Object> ids = new TreeSet<>();
    for (Map<String, @Nullable Object> row : engine.rows(engine.database("crm"), "person")) {
      if (!ids.add(row.get("id"))) {
        throw new IllegalStateException(row + " is there twice");
      }
    }
    return ids.size();
  }
}
