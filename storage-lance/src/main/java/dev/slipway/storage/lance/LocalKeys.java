package dev.slipway.storage.lance;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.Text;
import java.util.regex.Pattern;

/** Which keys there are. */
final class LocalKeys {
  private static final Pattern KEY =
      Pattern.compile("(?!\\.{1,2}(/|$))[A-Za-z0-9._-]+(/(?!\\.{1,2}(/|$))[A-Za-z0-9._-]+)*");

  private LocalKeys() {}

  static String require(String key) {
    if (!KEY.matcher(key).matches()) {
      throw StorageException.of(
          StorageErrorCode.INVALID_ARGUMENT,
          "a key has segments of [A-Za-z0-9._-] joined by /, found %s",
          Text.quote(key));
    }
    return key;
  }
}
