package dev.slipway.cli;

import dev.slipway.v1.AppendOperation;
import dev.slipway.v1.OverwriteOperation;
import dev.slipway.v1.UpsertOperation;
import dev.slipway.v1.WriteHeader;

/** What loaded rows do to a table. */
enum LoadMode {
  APPEND,
  OVERWRITE,
  UPSERT;

  /**
   * @param partial whether the rows leave out columns: an upsert then keeps what is in them
   */
  WriteHeader.Builder header(boolean partial) {
    WriteHeader.Builder header = WriteHeader.newBuilder();
    return switch (this) {
      case APPEND -> header.setAppend(AppendOperation.getDefaultInstance());
      case OVERWRITE -> header.setOverwrite(OverwriteOperation.getDefaultInstance());
      case UPSERT -> header.setUpsert(UpsertOperation.newBuilder().setPartial(partial));
    };
  }
}
