package dev.slipway.cli;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.slipway.v1.AppendOperation;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitResponse;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.Expectation;
import dev.slipway.v1.Field;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.OverwriteOperation;
import dev.slipway.v1.PayloadFormat;
import dev.slipway.v1.ReadAt;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.Schema;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.WriteHeader;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The narrated tour: what it shows, it checks. */
final class Tour {
  private final Connection connection;
  private final String database;
  private final PrintWriter out;
  private final AtomicInteger step = new AtomicInteger();

  Tour(Connection connection, String database, PrintWriter out) {
    this.connection = connection;
    this.database = database;
    this.out = out;
  }

  void run() {
    step("Create database %s with two related tables: customer and invoice.".formatted(database));
    connection
        .databases()
        .createDatabase(CreateDatabaseRequest.newBuilder().setDatabase(database).build());
    createTable("customer", column("id", "int64"), column("name", "utf8"));
    createTable(
        "invoice", column("id", "int64"), column("customer", "int64"), column("amount", "float64"));

    step("Stage two customers and three invoices. They are durable now, and nobody sees them:");
    String customers = append("customer", row("id", 1, "name", "Ada"), row("id", 2, "name", "Bob"));
    String invoices =
        append(
            "invoice",
            row("id", 10, "customer", 1, "amount", 99.5),
            row("id", 11, "customer", 1, "amount", 12),
            row("id", 12, "customer", 2, "amount", 250));
    expect("customers visible", 0, count("customer"));
    expect("invoices visible", 0, count("invoice"));
    say("but whoever holds the staged write's id can look at it before it is committed:");
    show(scan("customer", ReadAt.newBuilder().setStagedWriteId(customers)));

    step("Commit both in one atomic step, with a request id:");
    CommitRequest commit =
        CommitRequest.newBuilder()
            .setDatabase(database)
            .addStagedWriteIds(customers)
            .addStagedWriteIds(invoices)
            .setRequestId("tour-first-commit")
            .setMessage("First customers and their invoices")
            .build();
    CommitResponse first = connection.commits().commit(commit);
    commit(first);
    show(scan("customer", at(first)));
    show(scan("invoice", at(first)));

    step("The answer got lost? Send the same request again. It isn't applied twice:");
    CommitResponse again = connection.commits().commit(commit);
    say("revision %d again, replayed: %s".formatted(again.getRevision(), again.getReplayed()));
    expect("still the newest revision", first.getRevision(), again.getRevision());
    expect("customers", 2, count("customer"));

    step(
        "Two people replace the customers at the same time. One is first; the other gets a typed error:");
    String mine = overwrite(row("id", 1, "name", "Ada Lovelace"));
    String theirs = overwrite(row("id", 7, "name", "Mallory"));
    CommitResponse second = connection.commits().commit(request(mine).build());
    commit(second);
    conflict(request(theirs));

    step(
        "Commits can name what they rely on. This one relies on customers that have changed since:");
    String late = append("invoice", row("id", 13, "customer", 9, "amount", 1));
    conflict(
        request(late)
            .addExpectations(
                Expectation.newBuilder()
                    .setTable("customer")
                    .setUnchangedSinceRevision(first.getRevision())));

    step(
        "Every revision stays readable. Customers at revision %d and now:"
            .formatted(first.getRevision()));
    show(scan("customer", at(first)));
    show(scan("customer", ReadAt.newBuilder()));

    step("The history:");
    connection
        .commits()
        .listCommits(ListCommitsRequest.newBuilder().setDatabase(database).build())
        .getCommitsList()
        .forEach(each -> LogCommand.print(out, each));
    out.flush();
  }

  private void createTable(String name, Field... columns) {
    connection
        .tables()
        .createTable(
            CreateTableRequest.newBuilder()
                .setDatabase(database)
                .setTable(name)
                .setSchema(Schema.newBuilder().addAllFields(List.of(columns)))
                .build());
  }

  private static Field column(String name, String type) {
    return Field.newBuilder().setName(name).setType(type).build();
  }

  private String append(String table, Struct... rows) {
    return stage(header(table).setAppend(AppendOperation.getDefaultInstance()), rows);
  }

  private String overwrite(Struct row) {
    return stage(header("customer").setOverwrite(OverwriteOperation.getDefaultInstance()), row);
  }

  private WriteHeader.Builder header(String table) {
    return WriteHeader.newBuilder().setDatabase(database).setTable(table);
  }

  private String stage(WriteHeader.Builder header, Struct... rows) {
    String id =
        StageUpload.send(
                connection.uploads(),
                StageWriteRequest.newBuilder().setHeader(header).addAllRows(List.of(rows)).build())
            .getId();
    say("staged %s: %d rows for %s".formatted(id, rows.length, header.getTable()));
    return id;
  }

  private static Struct row(Object... namesAndValues) {
    Struct.Builder row = Struct.newBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      Value.Builder value = Value.newBuilder();
      if (namesAndValues[i + 1] instanceof Number number) {
        value.setNumberValue(number.doubleValue());
      } else {
        value.setStringValue(String.valueOf(namesAndValues[i + 1]));
      }
      row.putFields(String.valueOf(namesAndValues[i]), value.build());
    }
    return row.build();
  }

  private CommitRequest.Builder request(String staged) {
    return CommitRequest.newBuilder().setDatabase(database).addStagedWriteIds(staged);
  }

  private void commit(CommitResponse commit) {
    say("revision %d:".formatted(commit.getRevision()));
    commit
        .getTablesList()
        .forEach(table -> say("  %s: %s".formatted(table.getName(), LogCommand.rows(table))));
  }

  private void conflict(CommitRequest.Builder request) {
    try {
      CommitResponse commit = connection.commits().commit(request.build());
      throw new IllegalStateException(
          "expected a conflict, found revision " + commit.getRevision());
    } catch (StatusRuntimeException e) {
      String reason = FailureLine.reason(e).orElse("none");
      if (!reason.equals("COMMIT_CONFLICT")) {
        throw e;
      }
      say("%s %s: %s".formatted(e.getStatus().getCode(), reason, e.getStatus().getDescription()));
    }
  }

  private long count(String table) {
    return connection
        .reads()
        .count(CountRequest.newBuilder().setDatabase(database).setTable(table).build())
        .getCount();
  }

  private static ReadAt.Builder at(CommitResponse commit) {
    return ReadAt.newBuilder().setRevision(commit.getRevision());
  }

  private List<Struct> scan(String table, ReadAt.Builder at) {
    List<Struct> rows = new ArrayList<>();
    connection
        .reads()
        .scan(
            ScanRequest.newBuilder()
                .setDatabase(database)
                .setTable(table)
                .setAt(at)
                .setFormat(PayloadFormat.PAYLOAD_FORMAT_ROWS)
                .build())
        .forEachRemaining(piece -> rows.addAll(piece.getRowsList()));
    return rows;
  }

  private void show(List<Struct> rows) {
    for (Struct row : rows) {
      StringBuilder line = new StringBuilder("    ");
      for (Map.Entry<String, Value> field : row.getFieldsMap().entrySet()) {
        Value value = field.getValue();
        line.append(field.getKey())
            .append('=')
            .append(
                value.hasNumberValue()
                    ? String.valueOf(value.getNumberValue())
                    : value.getStringValue())
            .append("  ");
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }

  private void expect(String what, long expected, long found) {
    if (expected != found) {
      throw new IllegalStateException("%s: expected %d, found %d".formatted(what, expected, found));
    }
    say("%s: %d".formatted(what, found));
  }

  private void step(String text) {
    out.printf("%n%d. %s%n", step.incrementAndGet(), text);
    out.flush();
  }

  private void say(String text) {
    out.println("  " + text);
    out.flush();
  }
}
