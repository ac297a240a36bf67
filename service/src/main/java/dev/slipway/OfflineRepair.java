package dev.slipway;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.ProvisionException;
import com.google.inject.Stage;
import dev.slipway.config.SlipwayConfig;
import dev.slipway.config.StorageConfig;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.database.LogRepair;
import dev.slipway.storage.StorageBackend;
import java.nio.file.Files;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Voids the record that stops the log of a database or the catalog, on a root that no server uses.
 */
public final class OfflineRepair {
  private OfflineRepair() {}

  /** Opening a root makes one; a mistyped folder isn't to become one. */
  private static void requireRoot(StorageConfig storage) {
    if (storage.kind() == StorageConfig.Kind.LANCE && !Files.isDirectory(storage.path())) {
      throw new OfflineRepairException(
          "there is no storage in " + storage.path() + ": no such folder",
          SlipwayException.of(ErrorReason.DATABASE_NOT_FOUND, "no folder %s", storage.path()));
    }
  }

  /**
   * A record that stops a log.
   *
   * @param key where it is
   * @param revision its first
   * @param entries how many revisions it takes up
   * @param why what is wrong with it
   */
  public record Poison(String key, long revision, int entries, String why) {}

  /**
   * Why the operator voids it.
   *
   * @param actor who does it
   * @param reason for people
   */
  public record Decision(String actor, String reason) {}

  /**
   * Finds the record and, if the operator has decided, voids it.
   *
   * @param database whose log; empty: the catalog's
   * @return empty if nothing stops the log
   * @throws OfflineRepairException if it can't be looked at, or can't be voided
   */
  public static Optional<Poison> run(
      SlipwayConfig config, Optional<String> database, Optional<Decision> decision) {
    requireRoot(config.storage());
    try (Lifecycle lifecycle = new Lifecycle()) {
      StorageBackend backend =
          lifecycle.add(
              Guice.createInjector(
                      Stage.PRODUCTION,
                      new RuntimeModule(config.server(), lifecycle),
                      new StorageModule(config.storage()))
                  .getInstance(StorageBackend.class));
      LogRepair repair = new LogRepair(backend.metadata());
      Optional<LogRepair.Poison> found =
          database.isPresent() ? repair.find(database.get()) : repair.findInCatalog();
      if (found.isPresent() && decision.isPresent()) {
        long micros =
            ChronoUnit.MICROS.between(java.time.Instant.EPOCH, InstantSource.system().instant());
        repair.declareVoid(found.get(), decision.get().actor(), decision.get().reason(), micros);
      }
      return found.map(
          poison -> new Poison(poison.key(), poison.revision(), poison.entries(), poison.why()));
    } catch (SlipwayException e) {
      throw new OfflineRepairException(e.reason() + ": " + e.getMessage(), e);
    } catch (CreationException | ProvisionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new OfflineRepairException("the storage can't be opened: " + cause.getMessage(), e);
    }
  }
}
