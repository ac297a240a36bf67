package dev.slipway.cli.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.function.LongConsumer;

/** A file to read, which tells how much was read. */
final class CountedChannel implements SeekableByteChannel {
  private final SeekableByteChannel file;
  private final LongConsumer consumed;

  CountedChannel(SeekableByteChannel file, LongConsumer consumed) {
    this.file = file;
    this.consumed = consumed;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    int read = file.read(target);
    if (read > 0) {
      consumed.accept(read);
    }
    return read;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return file.write(source);
  }

  @Override
  public long position() throws IOException {
    return file.position();
  }

  @Override
  public SeekableByteChannel position(long position) throws IOException {
    file.position(position);
    return this;
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public SeekableByteChannel truncate(long size) throws IOException {
    file.truncate(size);
    return this;
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
