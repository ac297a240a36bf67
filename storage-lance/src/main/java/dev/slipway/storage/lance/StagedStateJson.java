package dev.slipway.storage.lance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
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
          number(node, "bytesGrown"));
    } catch (IOException e) {
      throw new StorageException(
          StorageErrorCode.TOKEN_INVALID, "the staged write's state isn't JSON", e);
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

  static <T> List<T> list(JsonNode node, String name, Function<JsonNode, T> read) {
    JsonNode found = node.path(name);
    if (!found.isArray()) {
      throw invalid(name, "a list");
    }
    List<T> out = new ArrayList<>();
    found.forEach(entry -> out.add(read.apply(entry)));
    return out;
  }

  static List<Integer> ints(JsonNode node, String name) {
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

  static String text(JsonNode node, String name) {
    JsonNode found = node.path(name);
    if (!found.isTextual()) {
      throw invalid(name, "a string");
    }
    return found.textValue();
  }

  static long number(JsonNode node, String name) {
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

  static StorageException invalid(String name, String expected) {
    return new StorageException(
        StorageErrorCode.TOKEN_INVALID,
        String.format(Locale.ROOT, "expected %s as %s of a staged write's state", expected, name),
        null);
  }
}
