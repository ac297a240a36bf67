package dev.slipway.cli;

import dev.slipway.v1.ScanResponse;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;

/** The pieces of a scan as one stream. Asks for the next piece only when it is needed. */
final class ScanStream extends InputStream {
  private final Iterator<ScanResponse> responses;
  private ByteBuffer rest = ByteBuffer.allocate(0);

  ScanStream(Iterator<ScanResponse> responses) {
    this.responses = responses;
  }

  @Override
  public int read() {
    return advance() ? rest.get() & 0xFF : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (!advance()) {
      return -1;
    }
    int part = Math.min(length, rest.remaining());
    rest.get(target, offset, part);
    return part;
  }

  private boolean advance() {
    while (!rest.hasRemaining()) {
      if (!responses.hasNext()) {
        return false;
      }
      rest = responses.next().getArrowIpc().asReadOnlyByteBuffer();
    }
    return true;
  }
}
