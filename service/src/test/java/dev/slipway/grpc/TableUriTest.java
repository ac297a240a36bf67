package dev.slipway.grpc;

import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.Table;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a table says its data is. */
final class TableUriTest {
  @TempDir private Path folder;

  @Test
  void getTable_onLance_namesTheFolderOfTheVersion() {
    try (GrpcFixture fixture = new GrpcFixture(BackendKind.LANCE, folder).withPerson()) {
      fixture.write(
          write("{header: {database: 'crm', table: 'person', append: {}}, rows: [{id: 1}]}"));
      Table table = table(fixture);

      assertThat(Path.of(table.getUri())).startsWith(folder).isDirectory();
      String manifest = "d" + Long.toUnsignedString(table.getStorageVersion()) + ".manifest";
      assertThat(Path.of(table.getUri(), "_versions", manifest)).isRegularFile();
    }
  }

  @Test
  void getTable_inMemory_hasNoUri() {
    try (GrpcFixture fixture = new GrpcFixture(folder).withPerson()) {
      assertThat(table(fixture).getUri()).isEmpty();
    }
  }

  private static Table table(GrpcFixture fixture) {
    return fixture
        .tables()
        .getTable(json("{database: 'crm', table: 'person'}", GetTableRequest.newBuilder()))
        .getTable();
  }
}
