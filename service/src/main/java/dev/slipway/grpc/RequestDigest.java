package dev.slipway.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.slipway.engine.RequestKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * SHA-256 over what a request asks for: its canonical message, then the data as one run, however it
 * was cut. Fed by one thread at a time; each feeder's work must happen before the next one's.
 */
final class RequestDigest {
  private static final HexFormat HEX = HexFormat.of();

  private final MessageDigest sha;
  private @Nullable String result;

  /**
   * @param canonical the request without what may differ between two tries of it, defaults filled
   */
  RequestDigest(String method, Message canonical) {
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    sha.update((method + "\n").getBytes(StandardCharsets.UTF_8));
    sha.update(bytes(canonical));
  }

  /** A key for a request without data; empty if the client gave no id. */
  static Optional<RequestKey> key(String requestId, String method, Message canonical) {
    return requestId.isEmpty()
        ? Optional.empty()
        : Optional.of(new RequestKey(requestId, () -> new RequestDigest(method, canonical).hex()));
  }

  void add(ByteString piece) {
    for (ByteBuffer buffer : piece.asReadOnlyByteBufferList()) {
      sha.update(buffer);
    }
  }

  void add(List<Struct> rows) {
    StringBuilder text = new StringBuilder();
    for (Struct row : rows) {
      object(row, text);
      text.append('\n');
    }
    sha.update(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  synchronized String hex() {
    if (result == null) {
      result = HEX.formatHex(sha.digest());
    }
    return result;
  }

  private static byte[] bytes(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes;
  }

  private static void object(Struct object, StringBuilder out) {
    char before = '{';
    for (Map.Entry<String, Value> field : new TreeMap<>(object.getFieldsMap()).entrySet()) {
      out.append(before);
      string(field.getKey(), out);
      out.append(':');
      value(field.getValue(), out);
      before = ',';
    }
    out.append(before == '{' ? "{}" : "}");
  }

  private static void value(Value value, StringBuilder out) {
    switch (value.getKindCase()) {
      case NUMBER_VALUE -> out.append(value.getNumberValue());
      case STRING_VALUE -> string(value.getStringValue(), out);
      case BOOL_VALUE -> out.append(value.getBoolValue());
      case STRUCT_VALUE -> object(value.getStructValue(), out);
      case LIST_VALUE -> {
        char before = '[';
        for (Value element : value.getListValue().getValuesList()) {
          out.append(before);
          value(element, out);
          before = ',';
        }
        out.append(before == '[' ? "[]" : "]");
      }
      case NULL_VALUE, KIND_NOT_SET -> out.append("null");
    }
  }

  private static void string(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append("\\u00").append(HEX.toHexDigits((byte) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
