package dev.slipway.storage.lance;

import dev.slipway.storage.InlineResidual;
import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.VersionFacts;
import dev.slipway.storage.VersionRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.lance.Dataset;
import org.lance.WriteParams;

/** Makes and unmakes the homes of tables. */
final class LanceInlineResidual implements InlineResidual {
  private final TableHomes homes;
  private final OpenVersions versions;
  private final DurableFiles disk;
  private final BufferAllocator allocator;
  private final LanceTableStorage tables;

  LanceInlineResidual(
      TableHomes homes,
      OpenVersions versions,
      DurableFiles disk,
      BufferAllocator allocator,
      LanceTableStorage tables) {
    this.homes = homes;
    this.versions = versions;
    this.disk = disk;
    this.allocator = allocator;
    this.tables = tables;
  }

  @Override
  public TableVersion createHome(TableId table, Schema schema) {
    tables.checkOpen();
    SchemaRules.check(schema);
    homes.root().require();
    try {
      Path home = homes.home(table);
      for (String folder : TableHomes.FOLDERS) {
        disk.createDirectories(home.resolve(folder));
      }
      if (!Files.exists(home.resolve(TableHomes.manifest(TableHomes.GENESIS)))) {
        create(table, schema);
      }
      VersionRef genesis = versions.genesis(table);
      VersionFacts facts = requireSchema(table, genesis, schema);
      force(home, genesis);
      return tables.minted(table, genesis, facts);
    } catch (IOException e) {
      throw LanceErrors.translate("create the home of table " + table, e);
    }
  }

  @Override
  public void purgeHome(TableId table) {
    tables.checkOpen();
    versions.forget(table);
    try {
      // The manifests go first: what is left half deleted must not look like a whole home.
      deleteTree(homes.home(table).resolve(TableHomes.VERSIONS));
      deleteTree(homes.home(table));
    } catch (IOException e) {
      throw LanceErrors.translate("purge the home of table " + table, e);
    }
  }

  @Override
  public List<String> homes(String database) {
    tables.checkOpen();
    Path folder = homes.tables(new TableId(database, "x").database());
    try (Stream<Path> found = Files.list(folder)) {
      return found
          .filter(Files::isDirectory)
          .map(path -> String.valueOf(path.getFileName()))
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw LanceErrors.translate("list the homes of database " + database, e);
    }
  }

  @Override
  public List<String> listFiles(TableId table) {
    return List.copyOf(fileSizes(table).keySet());
  }

  @Override
  public Map<String, Long> fileSizes(TableId table) {
    tables.checkOpen();
    Path home = homes.home(table);
    if (!Files.isDirectory(home)) {
      throw StorageException.of(StorageErrorCode.TABLE_NOT_FOUND, "table %s has no home", table)
          .with(StorageException.Detail.RESOURCE, table);
    }
    Map<String, Long> files = new TreeMap<>();
    try {
      Files.walkFileTree(
          home,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              String name = home.relativize(file).toString().replace('\\', '/');
              // Lance's shortcut to its newest attached version, which stays the first one: it can
              // do without, and a home that a crash broke off has none. No version's, nor garbage.
              if (!name.equals(TableHomes.HINT)) {
                files.put(name, attributes.size());
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
              // A file may go while we walk; anything else is a failure.
              if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw e;
            }
          });
    } catch (IOException | UncheckedIOException e) {
      throw LanceErrors.translate("list the files of table " + table, e);
    }
    return files;
  }

  @Override
  public void deleteFiles(TableId table, Collection<String> files) {
    tables.checkOpen();
    Path home = homes.home(table);
    List<Path> paths = new ArrayList<>();
    for (String file : files) {
      Path path = home.resolve(file).normalize();
      if (!path.startsWith(home) || path.equals(home)) {
        throw StorageException.of(
            StorageErrorCode.INVALID_ARGUMENT, "%s lies outside of table %s", file, table);
      }
      paths.add(path);
    }
    // What is open may need files that are going.
    versions.forget(table);
    try {
      for (Path path : paths) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw LanceErrors.translate("delete files of table " + table, e);
    }
  }

  private void create(TableId table, Schema schema) {
    Schema plain = new Schema(schema.getFields().stream().map(LanceInlineResidual::plain).toList());
    try {
      Dataset dataset =
          LanceErrors.run(
              "create the home of table " + table,
              () ->
                  Dataset.write()
                      .uri(homes.uri(table))
                      .allocator(allocator)
                      .schema(plain)
                      .mode(WriteParams.WriteMode.CREATE)
                      .dataStorageVersion(FragmentWriter.FILE_FORMAT)
                      // With them, sibling versions give wrong rows.
                      .enableStableRowIds(false)
                      .execute());
      dataset.close();
    } catch (StorageException e) {
      // Another process may have been faster: then its home is the home.
      if (!Files.exists(homes.home(table).resolve(TableHomes.manifest(TableHomes.GENESIS)))) {
        throw e;
      }
    }
  }

  /** Lance and Arrow give some metadata keys a meaning of their own: an upload mustn't use them. */
  private static Field plain(Field field) {
    Map<String, String> metadata = new HashMap<>(field.getMetadata());
    metadata
        .keySet()
        .removeIf(
            key -> {
              String lower = key.toLowerCase(Locale.ROOT);
              return lower.startsWith("lance") || lower.startsWith("arrow:");
            });
    List<Field> children = field.getChildren().stream().map(LanceInlineResidual::plain).toList();
    return new Field(
        field.getName(),
        new FieldType(field.isNullable(), field.getType(), null, metadata),
        children);
  }

  private VersionFacts requireSchema(TableId table, VersionRef genesis, Schema wanted) {
    String expected = SchemaRules.fingerprint(wanted);
    try (OpenVersions.Lease lease = versions.open(table, genesis)) {
      Schema found = lease.version().schema();
      String fingerprint = SchemaRules.fingerprint(found);
      if (!fingerprint.equals(expected)) {
        throw StorageException.of(
            StorageErrorCode.SCHEMA_MISMATCH,
            "table %s has a home with another schema; expected %s, found %s",
            table,
            columns(wanted),
            columns(found));
      }
      return new VersionFacts(0, 0, 0, 0, fingerprint);
    }
  }

  private static String columns(Schema schema) {
    String shown =
        schema.getFields().stream()
            .limit(20)
            .map(Field::toString)
            .collect(Collectors.joining(", "));
    return schema.getFields().size() > 20 ? shown + " and more" : shown;
  }

  private void force(Path home, VersionRef genesis) throws IOException {
    List<Path> paths = new ArrayList<>();
    paths.add(home.resolve(TableHomes.manifest(TableHomes.GENESIS)));
    paths.add(home.resolve(TableHomes.transaction(0, genesis)));
    for (String folder : TableHomes.FOLDERS) {
      paths.add(home.resolve(folder));
    }
    paths.add(home);
    // Whoever made the folders above may have died, or not have come to force them.
    Path tables = Objects.requireNonNull(home.getParent());
    paths.add(tables);
    paths.add(Objects.requireNonNull(tables.getParent()));
    disk.forceAll(paths);
  }

  private static void deleteTree(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    Files.walkFileTree(
        tree,
        Set.of(),
        Integer.MAX_VALUE,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path folder, java.io.@org.jspecify.annotations.Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
