package dev.slipway.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import dev.slipway.engine.SlipwayException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32;

/**
 * Where a listing goes on. Opaque to clients; bound to the listing it came from, so that one taken
 * elsewhere is refused instead of skipping rows.
 *
 * @param revision the revision all pages are read at; 0 if pages aren't of one revision
 * @param after the last item of the page before
 */
record PageToken(long revision, String after) {
  private static final int VERSION = 1;

  static final PageToken FIRST = new PageToken(0, "");

  /**
   * @param listing names the listing and what it is of
   */
  String write(String listing) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeUInt32NoTag(VERSION);
      out.writeUInt64NoTag(revision);
      out.writeStringNoTag(after);
      out.writeFixed32NoTag(sum(listing, revision, after));
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }

  /** The token, or the first page's for an empty one. */
  static PageToken read(String listing, String token) {
    if (token.isEmpty()) {
      return FIRST;
    }
    try {
      CodedInputStream in =
          ByteString.copyFrom(Base64.getUrlDecoder().decode(token)).newCodedInput();
      int version = in.readUInt32();
      PageToken read = new PageToken(in.readUInt64(), in.readStringRequireUtf8());
      if (version == VERSION
          && in.readFixed32() == sum(listing, read.revision, read.after)
          && in.isAtEnd()) {
        return read;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw wrong().causedBy(e);
    }
    throw wrong();
  }

  private static SlipwayException wrong() {
    return Arguments.invalid(
        "page_token", "next_page_token of an answer to the same request, or nothing");
  }

  private static int sum(String listing, long revision, String after) {
    CRC32 sum = new CRC32();
    sum.update((listing + "\u0000" + revision + "\u0000" + after).getBytes(StandardCharsets.UTF_8));
    return (int) sum.getValue();
  }
}
