package dev.slipway.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What every {@link MetadataStore} checks before it acts. All refusals are {@code
 * INVALID_ARGUMENT}.
 */
public final class MetadataKeys {
  public static final int MAX_KEY_CHARACTERS = 1_024;
  public static final int MAX_SEGMENT_CHARACTERS = 255;
  public static final int MAX_LIST_LIMIT = 10_000;

  private static final byte[] HOLLOW = MetadataStore.HOLLOW.getBytes(StandardCharsets.UTF_8);

  private MetadataKeys() {}

  /** The key is segments of {@code [A-Za-z0-9._-]} joined by slashes. */
  public static void checkKey(String key) {
    boolean fits = !key.isEmpty() && key.length() <= MAX_KEY_CHARACTERS;
    int start = 0;
    while (fits && start <= key.length()) {
      int slash = key.indexOf('/', start);
      int end = slash < 0 ? key.length() : slash;
      fits = isSegment(key, start, end);
      start = end + 1;
    }
    if (!fits) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT,
          "a key is segments of 1 to %d of A-Za-z0-9._- joined by /, none of them . or .., found %s",
          MAX_SEGMENT_CHARACTERS,
          Text.quote(key));
    }
  }

  /** The value is within bounds and isn't the hollow marker. */
  public static void checkValue(String key, byte[] value) {
    if (value.length > MetadataStore.MAX_VALUE_BYTES) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT,
          "the value of %s has %d bytes, more than %d",
          Text.quote(key),
          value.length,
          MetadataStore.MAX_VALUE_BYTES);
    }
    if (Arrays.equals(value, HOLLOW)) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT,
          "the value of %s is the hollow marker",
          Text.quote(key));
    }
  }

  /** The prefix is a key and a slash, {@code after} is empty or a key, the limit is in bounds. */
  public static void checkList(String prefix, String after, int limit) {
    if (!prefix.endsWith("/")) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT, "a prefix ends with /, found %s", Text.quote(prefix));
    }
    checkKey(prefix.substring(0, prefix.length() - 1));
    if (!after.isEmpty()) {
      checkKey(after);
    }
    if (limit < 1 || limit > MAX_LIST_LIMIT) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT,
          "limit must be 1 to %d, found %d",
          MAX_LIST_LIMIT,
          limit);
    }
  }

  /** A fresh copy of what {@link MetadataStore#hollow} leaves. */
  public static byte[] hollowValue() {
    return HOLLOW.clone();
  }

  private static boolean isSegment(String key, int start, int end) {
    int length = end - start;
    if (length < 1 || length > MAX_SEGMENT_CHARACTERS) {
      return false;
    }
    boolean onlyDots = length <= 2;
    for (int i = start; i < end; i++) {
      char c = key.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '_'
              || c == '-';
      if (!plain && c != '.') {
        return false;
      }
      onlyDots &= c == '.';
    }
    return !onlyDots;
  }
}
