package dev.slipway.storage;

/**
 * Bounds that every backend keeps.
 *
 * @param maxUpsertRows rows one upsert's source may have; its keys are held in memory (about 100
 *     bytes each). Default 5,000,000
 */
public record StorageLimits(long maxUpsertRows) {
  public static final StorageLimits DEFAULT = new StorageLimits(5_000_000);
}
