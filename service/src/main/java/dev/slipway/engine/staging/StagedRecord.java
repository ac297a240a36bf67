package dev.slipway.engine.staging;

import dev.slipway.engine.StagedWriteInfo;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.log.Settings;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.WriteKind;

/**
 * A staged write as it is stored: the storage's token, and what a commit must know to judge it.
 *
 * @param id its id
 * @param renewals how often it was renewed
 * @param branch the branch it is for
 * @param incarnation the revision that created that branch
 * @param table the table's name when it was staged
 * @param tableId the table's id
 * @param unique its rows' keys must be new to the table
 * @param token the storage's durable form of it
 * @param begun the head when its upload's header came
 * @param base the version it was staged on
 * @param schemaRevision of the table's last schema change then
 * @param digest of its content
 * @param created microseconds since 1970
 * @param renewed when its lifetime last began, microseconds since 1970
 */
public record StagedRecord(
    String id,
    int renewals,
    String branch,
    long incarnation,
    String table,
    String tableId,
    WriteKind kind,
    boolean unique,
    byte[] token,
    long begun,
    VersionRef base,
    long schemaRevision,
    long rowsAdded,
    long rowsRemoved,
    long bytes,
    String digest,
    String actor,
    long created,
    long renewed) {

  /** The record of its next renewal. */
  public StagedRecord renewedAt(long micros) {
    return new StagedRecord(
        id,
        renewals + 1,
        branch,
        incarnation,
        table,
        tableId,
        kind,
        unique,
        token,
        begun,
        base,
        schemaRevision,
        rowsAdded,
        rowsRemoved,
        bytes,
        digest,
        actor,
        created,
        micros);
  }

  /** When its lifetime ends, microseconds since 1970. */
  public long expiresAt(Settings settings) {
    return renewed + settings.stagedLifetimeSeconds() * 1_000_000;
  }

  public StagedWriteInfo info(Settings settings) {
    return new StagedWriteInfo(
        id,
        branch,
        table,
        kind,
        rowsAdded,
        rowsRemoved,
        bytes,
        begun,
        Micros.instant(created),
        Micros.instant(expiresAt(settings)),
        actor);
  }
}
