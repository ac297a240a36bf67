package dev.slipway.grpc.payload;

/**
 * Bounds of what one upload may make the server hold.
 *
 * @param maxBatchBytes size of a record batch as sent and once decompressed, and of all
 *     dictionaries together. Default 64 MiB
 * @param maxMetadataBytes size of an IPC message's metadata. Default 4 MiB
 * @param maxFields fields in an IPC schema, nested ones included. Default 10,000
 */
public record PayloadLimits(long maxBatchBytes, int maxMetadataBytes, int maxFields) {
  public static final PayloadLimits DEFAULT = new PayloadLimits(64 << 20, 4 << 20, 10_000);

  /** Memory one upload may take: a batch as sent, decompressed and decoded, and dictionaries. */
  public long memoryBytes() {
    return 4 * maxBatchBytes;
  }
}
