package dev.slipway.grpc;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Times as messages. */
final class Times {
  private Times() {}

  static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }
}
