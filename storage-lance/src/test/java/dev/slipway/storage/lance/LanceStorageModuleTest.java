package dev.slipway.storage.lance;

import static dev.slipway.storage.testkit.Columns.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.inject.AbstractModule;
import com.google.inject.ConfigurationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Stage;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageHooks;
import dev.slipway.storage.StorageLimits;
import dev.slipway.storage.TableId;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanceStorageModuleTest {
  @TempDir Path root;

  @Test
  void module_exposesTheBackendAlone() {
    try (BufferAllocator allocator = new RootAllocator()) {
      Injector injector =
          Guice.createInjector(
              Stage.PRODUCTION,
              new LanceStorageModule(LanceOptions.at(root)),
              new AbstractModule() {
                @Override
                protected void configure() {
                  bind(BufferAllocator.class).toInstance(allocator);
                  bind(StorageHooks.class).toInstance(StorageHooks.NONE);
                  bind(StorageLimits.class).toInstance(StorageLimits.DEFAULT);
                }
              });
      try (StorageBackend backend = injector.getInstance(StorageBackend.class)) {
        assertThat(injector.getInstance(StorageBackend.class)).isSameAs(backend);
        assertThat(backend.name()).isEqualTo("lance");
        assertThatThrownBy(() -> injector.getInstance(LanceOptions.class))
            .isInstanceOf(ConfigurationException.class);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"with space", "a%20b", "x#y?z", "q'u\"o", "\u00fcber", "c:d", "[e]"})
  void root_ofAnyName_holdsTheTables(String name) throws Exception {
    Path odd = root.resolve(name);
    try (BufferAllocator allocator = new RootAllocator();
        StorageBackend backend =
            LanceStorage.open(
                LanceOptions.at(odd), allocator, StorageHooks.NONE, StorageLimits.DEFAULT)) {
      TableId table = new TableId("db", "t");
      backend.inlineResidual().createHome(table, schema(int64("id")));

      assertThat(backend.inlineResidual().homes("db")).containsExactly("t");
      assertThat(odd.resolve("db/db/tables/t/_versions")).isDirectory();
      try (var entries = Files.list(root)) {
        assertThat(entries).containsExactly(odd);
      }
    }
  }
}
