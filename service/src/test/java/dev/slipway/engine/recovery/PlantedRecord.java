package dev.slipway.engine.recovery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.Finding;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.state.DatabaseState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Records that no committer writes and the fold refuses, planted at the head of a log. */
enum PlantedRecord {
  /** Two commits whose parent isn't there, sealed as it should be. */
  WRONG_PARENT(2, Finding.Kind.REFUSED_RECORD) {
    @Override
    LogBatch batch(DatabaseState head) {
      return commits(head, 99, head.incarnation(), 1, size());
    }
  },

  /** Of a database that was dropped, or never was. */
  FOREIGN_INCARNATION(2, Finding.Kind.REFUSED_RECORD) {
    @Override
    LogBatch batch(DatabaseState head) {
      return commits(head, head.revision(), "another", 1, size());
    }
  },

  BACK_IN_TIME(1, Finding.Kind.REFUSED_RECORD) {
    @Override
    LogBatch batch(DatabaseState head) {
      return commits(head, head.revision(), head.incarnation(), 0, size());
    }
  },

  /** Of a version of Slipway to come. */
  UNKNOWN_KIND(1, Finding.Kind.CORRUPT_RECORD) {
    @Override
    void spoil(ObjectNode record) {
      ((ObjectNode) record.path("entries").path(0)).put("kind", "table_teleported");
    }
  },

  UNKNOWN_PROPERTY(1, Finding.Kind.CORRUPT_RECORD) {
    @Override
    void spoil(ObjectNode record) {
      ((ObjectNode) record.path("entries").path(0)).put("feature", true);
    }
  },

  FUTURE_FORMAT(1, Finding.Kind.CORRUPT_RECORD) {
    @Override
    void spoil(ObjectNode record) {
      record.put("format", 2);
    }
  },

  DAMAGED(1, Finding.Kind.CORRUPT_RECORD) {
    @Override
    byte[] bytes(LogStore log, DatabaseState head) {
      byte[] bytes = super.bytes(log, head);
      bytes[bytes.length / 2] ^= 1;
      return bytes;
    }
  };

  private final int size;
  private final Finding.Kind finding;

  /**
   * @param size how many revisions it takes up, as far as anyone can tell
   * @param finding what a check says of it
   */
  PlantedRecord(int size, Finding.Kind finding) {
    this.size = size;
    this.finding = finding;
  }

  int size() {
    return size;
  }

  Finding.Kind finding() {
    return finding;
  }

  /** Puts it right after the head; gives its key. */
  String plant(Scene scene, Client client) {
    DatabaseState head = scene.log(client).head();
    LogStore log = new LogStore(scene.metadata(), Scene.home(client));
    String key = log.key(head.revision() + 1);
    if (!scene.metadata().putIfAbsent(key, bytes(log, head))) {
      throw new AssertionError(key + " is occupied");
    }
    return key;
  }

  byte[] bytes(LogStore log, DatabaseState head) {
    byte[] sound = log.encode(batch(head));
    ObjectNode record = SealedJson.open("a record", sound, ObjectNode.class);
    spoil(record);
    return SealedJson.seal(record);
  }

  /** A sound record, unless a constant says otherwise. */
  LogBatch batch(DatabaseState head) {
    return commits(head, head.revision(), head.incarnation(), 1, size);
  }

  void spoil(ObjectNode record) {}

  /** Empty commits, one on the other. */
  private static LogBatch commits(
      DatabaseState head, long parent, String incarnation, long later, int size) {
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      EntryHeader header =
          new EntryHeader("op-" + i, "planted-" + i, "d", "nobody", 0, head.lastTime() + later + i);
      entries.add(
          new LogEntry.Commit(
              header, DatabaseState.MAIN, 0, parent + i, "", Map.of(), List.of(), List.of(), null));
    }
    return new LogBatch(incarnation, "n", head.revision() + 1, entries);
  }
}
