package dev.slipway.storage.lance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.storage.Assignment;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.PredicateCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The stored form of a staged write's state, written out by hand: it must stay readable when
 * classes change. Nothing is guessed: what is missing or of another kind makes the token invalid.
 */
final class StagedStateJson {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  /** A file's name, never a path: a token can't point out of the home. */
  private static final Pattern FILE_NAME = Pattern.compile("[0-9A-Za-z_-]+(\\.[0-9A-Za-z_-]+)*");

  private StagedStateJson() {}

  static byte[] encode(LanceStagedState state) {
    ObjectNode node = JSON.createObjectNode();
    node.set("added", fragments(state.added()));
    node.set("updated", fragments(state.updated()));
    node.set("removed", JSON.valueToTree(state.removed()));
    node.put("bytesGrown", state.bytesGrown());
    node.set("redo", redo(state.redo()));
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new StorageException(StorageErrorCode.INTERNAL, "can't write a token", e);
    }
  }

  static LanceStagedState decode(byte[] bytes) {
    try {
      JsonNode node = JSON.readTree(bytes);
      return new LanceStagedState(
          list(node, "added", StagedStateJson::fragment),
          list(node, "updated", StagedStateJson::fragment),
          ints(node, "removed"),
          number(node, "bytesGrown"),
          readRedo(node.path("redo")));
    } catch (IOException e) {
      throw new StorageException(
          StorageErrorCode.TOKEN_INVALID, "the staged write's state isn't JSON", e);
    }
  }

  private static ObjectNode redo(Redo redo) {
    ObjectNode node = JSON.createObjectNode();
    if (redo instanceof Redo.Upsert upsert) {
      node.put("kind", "upsert");
      node.set("keys", JSON.valueToTree(upsert.keys()));
      node.set("source", fragments(upsert.source()));
      node.set("given", JSON.valueToTree(upsert.given()));
    } else if (redo instanceof Redo.Delete delete) {
      node.put("kind", "delete");
      node.put("predicate", coded(out -> PredicateCodec.write(delete.predicate(), out)));
    } else if (redo instanceof Redo.Update update) {
      node.put("kind", "update");
      ArrayNode assignments = node.putArray("assignments");
      for (Assignment assignment : update.assignments()) {
        ObjectNode entry = assignments.addObject();
        entry.put("column", assignment.column());
        entry.put("value", coded(out -> PredicateCodec.write(assignment.value(), out)));
      }
      update
          .predicate()
          .ifPresent(p -> node.put("predicate", coded(out -> PredicateCodec.write(p, out))));
    } else {
      node.put("kind", "nothing");
    }
    return node;
  }

  private static Redo readRedo(JsonNode node) {
    return switch (text(node, "kind")) {
      case "nothing" -> new Redo.Nothing();
      case "upsert" ->
          new Redo.Upsert(
              texts(node, "keys"),
              list(node, "source", StagedStateJson::fragment),
              texts(node, "given"));
      case "delete" -> new Redo.Delete(predicate(node));
      case "update" ->
          new Redo.Update(
              list(
                  node,
                  "assignments",
                  entry ->
                      new Assignment(
                          text(entry, "column"),
                          decoded(entry, "value", PredicateCodec::readOperand))),
              node.has("predicate") ? Optional.of(predicate(node)) : Optional.empty());
      default -> throw invalid("kind", "nothing, upsert, delete or update");
    };
  }

  private static Predicate predicate(JsonNode node) {
    return decoded(node, "predicate", PredicateCodec::readPredicate);
  }

  private interface Write {
    void to(DataOutput out) throws IOException;
  }

  private interface Read<T> {
    T from(DataInput in) throws IOException;
  }

  private static byte[] coded(Write write) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write.to(new DataOutputStream(bytes));
    } catch (IOException e) {
      throw new StorageException(StorageErrorCode.INTERNAL, "can't write a token", e);
    }
    return bytes.toByteArray();
  }

  /** Bytes lie in JSON as base64. */
  private static <T> T decoded(JsonNode node, String name, Read<T> read) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text(node, name));
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      T value = read.from(in);
      if (in.available() > 0) {
        throw invalid(name, "nothing more");
      }
      return value;
    } catch (IOException | IllegalArgumentException e) {
      throw new StorageException(
          StorageErrorCode.TOKEN_INVALID, "the staged write's " + name + " is damaged", e);
    }
  }

  private static ArrayNode fragments(List<StoredFragment> fragments) {
    ArrayNode out = JSON.createArrayNode();
    for (StoredFragment fragment : fragments) {
      ObjectNode node = out.addObject();
      node.put("id", fragment.id());
      node.put("physicalRows", fragment.physicalRows());
      ArrayNode files = node.putArray("files");
      for (StoredFile file : fragment.files()) {
        ObjectNode entry = files.addObject();
        entry.put("path", file.path());
        entry.set("fields", JSON.valueToTree(file.fields()));
        entry.set("columns", JSON.valueToTree(file.columns()));
        entry.put("major", file.major());
        entry.put("minor", file.minor());
        entry.put("bytes", file.bytes());
      }
      fragment
          .deletion()
          .ifPresent(
              deletion -> {
                ObjectNode entry = node.putObject("deletion");
                entry.put("id", deletion.id());
                entry.put("readVersion", deletion.readVersion());
                entry.put("rows", deletion.rows());
                entry.put("form", deletion.form().name());
              });
    }
    return out;
  }

  private static StoredFragment fragment(JsonNode node) {
    JsonNode deletion = node.get("deletion");
    return new StoredFragment(
        integer(node, "id"),
        number(node, "physicalRows"),
        list(node, "files", StagedStateJson::file),
        Optional.ofNullable(deletion).map(StagedStateJson::deletion));
  }

  private static StoredFile file(JsonNode node) {
    String path = text(node, "path");
    if (!FILE_NAME.matcher(path).matches()) {
      throw invalid("path", "a file's name");
    }
    return new StoredFile(
        path,
        ints(node, "fields"),
        ints(node, "columns"),
        integer(node, "major"),
        integer(node, "minor"),
        number(node, "bytes"));
  }

  private static StoredDeletion deletion(JsonNode node) {
    StoredDeletion.Form form =
        switch (text(node, "form")) {
          case "ARRAY" -> StoredDeletion.Form.ARRAY;
          case "BITMAP" -> StoredDeletion.Form.BITMAP;
          default -> throw invalid("form", "ARRAY or BITMAP");
        };
    return new StoredDeletion(
        number(node, "id"), number(node, "readVersion"), number(node, "rows"), form);
  }

  private static <T> List<T> list(JsonNode node, String name, Function<JsonNode, T> read) {
    JsonNode found = node.path(name);
    if (!found.isArray()) {
      throw invalid(name, "a list");
    }
    List<T> out = new ArrayList<>();
    found.forEach(entry -> out.add(read.apply(entry)));
    return out;
  }

  private static List<Integer> ints(JsonNode node, String name) {
    return list(
        node,
        name,
        entry -> {
          if (!entry.isInt()) {
            throw invalid(name, "a list of numbers");
          }
          return entry.intValue();
        });
  }

  private static List<String> texts(JsonNode node, String name) {
    return list(
        node,
        name,
        entry -> {
          if (!entry.isTextual()) {
            throw invalid(name, "a list of strings");
          }
          return entry.textValue();
        });
  }

  private static String text(JsonNode node, String name) {
    JsonNode found = node.path(name);
    if (!found.isTextual()) {
      throw invalid(name, "a string");
    }
    return found.textValue();
  }

  private static long number(JsonNode node, String name) {
    JsonNode found = node.path(name);
    if (!found.isIntegralNumber() || !found.canConvertToLong()) {
      throw invalid(name, "a number");
    }
    return found.longValue();
  }

  private static int integer(JsonNode node, String name) {
    JsonNode found = node.path(name);
    if (!found.isInt()) {
      throw invalid(name, "a number");
    }
    return found.intValue();
  }

  private static StorageException invalid(String name, String expected) {
    return new StorageException(
        StorageErrorCode.TOKEN_INVALID,
        String.format(Locale.ROOT, "expected %s as %s of a staged write's state", expected, name),
        null);
  }
}
