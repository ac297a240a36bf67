package dev.slipway.engine.matrix;

import dev.slipway.engine.fault.FaultyStorage;
import dev.slipway.engine.testkit.BackendKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Storage with {@link Setting} in it. On Lance it is made once and copied, which costs less. */
final class Template {
  private final BackendKind kind;
  private final Path folder;
  private final Ledger made = new Ledger();
  private int copies;

  /**
   * @param folder for all copies
   */
  Template(BackendKind kind, Path folder) {
    this.kind = kind;
    this.folder = folder;
  }

  /** Storage of its own for a test, which closes it. */
  FaultyStorage storage(Ledger ledger) {
    return kind == BackendKind.MEMORY
        ? setUp(folder, ledger)
        : FaultyStorage.open(kind, folder(ledger));
  }

  /** A folder of its own for a test. */
  synchronized Path folder(Ledger ledger) {
    Path origin = folder.resolve(kind + "-origin");
    if (copies++ == 0) {
      setUp(origin, made).close();
    }
    ledger.all().putAll(made.all());
    Path copy = folder.resolve(kind + "-" + copies);
    copy(origin, copy);
    return copy;
  }

  private FaultyStorage setUp(Path root, Ledger ledger) {
    FaultyStorage storage = FaultyStorage.open(kind, root);
    Client client = new Client(storage.start("setup"));
    Setting.commit(client, ledger);
    client.engine().close();
    return storage;
  }

  private static void copy(Path from, Path to) {
    try (Stream<Path> walk = Files.walk(from)) {
      List<Path> files = walk.toList();
      for (Path file : files) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
