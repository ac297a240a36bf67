package dev.slipway.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import java.util.List;
import java.util.OptionalLong;

/** One message of an upload, whichever method it came through. */
record UploadMessage(
    boolean hasHeader, ByteString arrowIpc, List<Struct> rows, OptionalLong offset, int size) {}
