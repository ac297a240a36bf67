package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.person;

import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.matrix.Client.Staging;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What every story begins with: tables {@code person} (1 to 3) and {@code customer} (1). */
public final class Setting {
  private Setting() {}

  /** Creates the database and its tables, and fills them: four revisions. */
  public static void commit(Client client, Ledger ledger) {
    client.engine().fixture().create(Client.DATABASE);
    table(client, ledger, "customer", List.of(person(1, "Eve", 50)));
    table(
        client,
        ledger,
        "person",
        List.of(person(1, "Ada", 36), person(2, "Bob", 40), person(3, "Cy", 7)));
  }

  private static void table(
      Client client, Ledger ledger, String name, List<Map<String, @Nullable Object>> rows) {
    ledger.ask(
        "create-" + name,
        model -> model.create(name),
        client.engine().life(),
        () -> client.createTable("create-" + name, name));
    ledger.ask(
        "fill-" + name,
        Model.put(name, rows),
        client.engine().life(),
        () ->
            client.write(
                "fill-" + name, new Staging(name, new WriteOperation.Append(false), rows)));
  }
}
