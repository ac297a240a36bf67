package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import dev.slipway.v1.AppendOperation;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.Field;
import dev.slipway.v1.ListTablesRequest;
import dev.slipway.v1.Schema;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.Table;
import dev.slipway.v1.WriteHeader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NewTablesTest {
  private static final Schema IDS =
      Schema.newBuilder().addFields(Field.newBuilder().setName("id").setType("int64")).build();

  private final SlipwayServer server =
      SlipwayServer.start(SlipwayConfig.of(Map.of("server.port", "0", "storage.kind", "memory")));
  private final Connection connection =
      Connection.to("127.0.0.1:" + server.port(), Duration.ofMinutes(1));
  private final StringWriter err = new StringWriter();
  private final TableSetup setup = new TableSetup("m", "main", Map.of(), Map.of());
  private final NewTables tables = new NewTables(connection, setup, new PrintWriter(err, true));

  @BeforeEach
  void createDatabase() {
    setup.database(connection);
  }

  @AfterEach
  void stop() {
    connection.close();
    server.close();
  }

  @Test
  void drop_ofTablesNobodyChanged_dropsThem() {
    tables.create("a", IDS);
    tables.create("b", IDS);

    tables.drop();

    assertThat(names()).isEmpty();
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void drop_ofATableThatSomebodyFilled_leavesItAndSaysSo() {
    tables.create("a", IDS);
    tables.create("b", IDS);
    append("a");

    tables.drop();

    assertThat(names()).containsExactly("a");
    assertThat(err).hasToString(stays("a", "it was changed since"));
  }

  @Test
  void drop_ofATableThatIsGone_saysNothing() {
    tables.create("a", IDS);
    tables.create("b", IDS);
    connection
        .tables()
        .dropTable(DropTableRequest.newBuilder().setDatabase("m").setTable("a").build());

    tables.drop();

    assertThat(names()).isEmpty();
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void drop_thatFails_saysWhyForEach() {
    tables.create("a", IDS);
    tables.create("b", IDS);
    connection.close();

    tables.drop();

    assertThat(err.toString())
        .hasLineCount(2)
        .contains("slipway: table 'a', which this load made, stays: ", "table 'b'");
  }

  private static String stays(String table, String why) {
    return "slipway: table '%s', which this load made, stays: %s%n".formatted(table, why);
  }

  private void append(String table) {
    WriteHeader header =
        WriteHeader.newBuilder()
            .setDatabase("m")
            .setTable(table)
            .setAppend(AppendOperation.getDefaultInstance())
            .build();
    Struct row =
        Struct.newBuilder().putFields("id", Value.newBuilder().setNumberValue(1).build()).build();
    String staged =
        StageUpload.send(
                connection.uploads(),
                StageWriteRequest.newBuilder().setHeader(header).addRows(row).build())
            .getId();
    connection
        .commits()
        .commit(CommitRequest.newBuilder().setDatabase("m").addStagedWriteIds(staged).build());
  }

  private List<String> names() {
    return connection
        .tables()
        .listTables(ListTablesRequest.newBuilder().setDatabase("m").build())
        .getTablesList()
        .stream()
        .map(Table::getName)
        .toList();
  }
}
