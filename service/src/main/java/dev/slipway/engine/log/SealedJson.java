package dev.slipway.engine.log;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.slipway.storage.MetadataStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * JSON objects that prove they are whole: {@code {"format":1,...,"crc32c":"xxxxxxxx"}} and a line
 * feed. The checksum covers every byte before its own digits, so any flipped byte is found; the
 * object stays one that an operator can {@code cat}.
 */
public final class SealedJson {
  private static final String TAIL = ",\"crc32c\":\"";
  private static final String FORMAT = "{\"format\":";
  private static final int TAIL_BYTES = TAIL.length() + 8 + 3;

  /** Strict: an unknown property is a newer format's, and refused. */
  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxStringLength(MetadataStore.MAX_VALUE_BYTES)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private SealedJson() {}

  /** The object's bytes, sealed. Its JSON must be an object with at least one property. */
  public static byte[] seal(Object object) {
    byte[] json;
    try {
      json = JSON.writeValueAsBytes(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of the log have a JSON form", e);
    }
    byte[] sealed = Arrays.copyOf(json, json.length - 1 + TAIL_BYTES);
    byte[] tail = TAIL.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(tail, 0, sealed, json.length - 1, tail.length);
    int covered = json.length - 1 + tail.length;
    byte[] end = (checksum(sealed, covered) + "\"}\n").getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(end, 0, sealed, covered, end.length);
    return sealed;
  }

  /** Whether these are bytes as {@link #seal} makes them, each what was written. */
  public static boolean isWhole(byte[] sealed) {
    return flaw(sealed).isEmpty();
  }

  private static Optional<String> flaw(byte[] sealed) {
    int covered = sealed.length - 11;
    if (covered < TAIL.length()
        || !new String(sealed, covered - TAIL.length(), TAIL.length(), StandardCharsets.US_ASCII)
            .equals(TAIL)) {
      return Optional.of("it has no checksum at its end");
    }
    String found = new String(sealed, covered, 11, StandardCharsets.US_ASCII);
    String expected = checksum(sealed, covered) + "\"}\n";
    return found.equals(expected)
        ? Optional.empty()
        : Optional.of(
            "its checksum is " + found.substring(0, 8) + ", expected " + expected.substring(0, 8));
  }

  /** The digits at the end of an object that {@link #seal} made: they speak for all of it. */
  public static String sealOf(byte[] sealed) {
    return new String(sealed, sealed.length - 11, 8, StandardCharsets.US_ASCII);
  }

  /**
   * The object, if it is of that format: each begins with its own.
   *
   * @throws CorruptRecordException if a byte isn't what was written, or it is of another format or
   *     type
   */
  public static <T> T open(String key, byte[] sealed, Class<T> type, int format) {
    Optional<String> flaw = flaw(sealed);
    if (flaw.isPresent()) {
      throw new CorruptRecordException(key, flaw.get(), null);
    }
    String expected = FORMAT + format + ",";
    String found =
        new String(
            sealed, 0, Math.min(sealed.length, expected.length()), StandardCharsets.US_ASCII);
    if (!found.equals(expected)) {
      throw new CorruptRecordException(
          key,
          "expected format "
              + format
              + " of this version of Slipway, found one that begins with "
              + found,
          null);
    }
    return open(key, sealed, type);
  }

  /**
   * @throws CorruptRecordException if a byte isn't what was written, or it isn't of this type
   */
  public static <T> T open(String key, byte[] sealed, Class<T> type) {
    Optional<String> flaw = flaw(sealed);
    if (flaw.isPresent()) {
      throw new CorruptRecordException(key, flaw.get(), null);
    }
    int covered = sealed.length - 11;
    byte[] json = Arrays.copyOf(sealed, covered - TAIL.length() + 1);
    json[json.length - 1] = '}';
    try {
      return JSON.readValue(json, type);
    } catch (IOException e) {
      throw new CorruptRecordException(
          key, "this version of Slipway can't read it: " + firstLine(e), e);
    }
  }

  private static String firstLine(IOException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    String line = end < 0 ? message : message.substring(0, end);
    return line.length() > 200 ? line.substring(0, 200) : line;
  }

  private static String checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return String.format("%08x", crc.getValue());
  }
}
