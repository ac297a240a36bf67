package dev.slipway.engine.commit;

import java.util.List;

/**
 * A batch in flight, as stored: found after a crash, it says what was under way.
 *
 * @param id a ULID
 * @param begun the head when it was written
 * @param owner the instance id of the server that wrote it
 */
public record Intent(String id, long begun, String owner, List<OperationSpec> operations) {
  public Intent {
    operations = List.copyOf(operations);
  }
}
