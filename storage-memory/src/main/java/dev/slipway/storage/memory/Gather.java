package dev.slipway.storage.memory;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * Copies runs of values, also from different vectors of one type, into one new vector with buffers
 * of exactly the size needed. All copying in this backend is done here.
 */
final class Gather {
  private final BufferAllocator allocator;

  Gather(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Loads the target, which was made by the same allocator and holds nothing. */
  void fill(FieldVector target, List<Segment> segments) {
    int rows = Segment.rows(segments);
    List<ArrowBuf> buffers = new ArrayList<>(3);
    List<Segment> elements = List.of();
    try {
      buffers.add(bits(segments, rows, false));
      if (target instanceof BitVector) {
        buffers.add(bits(segments, rows, true));
      } else if (target instanceof BaseFixedWidthVector fixed) {
        buffers.add(fixedValues(segments, rows, fixed.getTypeWidth()));
      } else if (target instanceof FixedSizeListVector list) {
        elements = fixedElements(segments, list.getListSize());
      } else if (!(target instanceof StructVector)) {
        elements = offsets(target, segments, rows, buffers);
      }
      target.loadFieldBuffers(new ArrowFieldNode(rows, 0), buffers);
    } finally {
      buffers.forEach(ArrowBuf::close);
    }
    if (target instanceof StructVector) {
      for (int i = 0; i < target.getChildrenFromFields().size(); i++) {
        int child = i;
        fill(
            target.getChildrenFromFields().get(child),
            segments.stream()
                .map(s -> new Segment(child(s, child), s.start(), s.count()))
                .toList());
      }
    } else if (target instanceof BaseListVector || target instanceof LargeListVector) {
      fill(target.getChildrenFromFields().get(0), elements);
    }
  }

  private ArrowBuf bits(List<Segment> segments, int rows, boolean values) {
    ArrowBuf bits = zeroed(BitVectorHelper.getValidityBufferSize(rows));
    int at = 0;
    for (Segment segment : segments) {
      FieldVector vector = segment.vector();
      ArrowBuf from = values ? vector.getDataBuffer() : vector.getValidityBuffer();
      copyBits(from, segment.start(), bits, at, segment.count());
      at += segment.count();
    }
    return bits;
  }

  private static void copyBits(ArrowBuf from, int start, ArrowBuf to, int at, int count) {
    int source = start;
    int target = at;
    int left = count;
    while (left > 0) {
      int shift = source & 7;
      if ((target & 7) == 0 && left >= 8) {
        int bits = (from.getByte(source >> 3) & 0xFF) >>> shift;
        if (shift != 0) {
          bits |= from.getByte((source >> 3) + 1L) << (8 - shift);
        }
        to.setByte(target >> 3, bits);
        source += 8;
        target += 8;
        left -= 8;
      } else {
        int bit = (from.getByte(source >> 3) >>> shift) & 1;
        int old = to.getByte(target >> 3);
        to.setByte(target >> 3, old | (bit << (target & 7)));
        source++;
        target++;
        left--;
      }
    }
  }

  private ArrowBuf fixedValues(List<Segment> segments, int rows, int width) {
    ArrowBuf values = allocator.buffer((long) rows * width);
    long at = 0;
    for (Segment segment : segments) {
      long length = (long) segment.count() * width;
      values.setBytes(at, segment.vector().getDataBuffer(), (long) segment.start() * width, length);
      at += length;
    }
    return values;
  }

  private static List<Segment> fixedElements(List<Segment> segments, int size) {
    return segments.stream()
        .map(s -> new Segment(child(s, 0), s.start() * size, s.count() * size))
        .toList();
  }

  /**
   * Adds the offsets and, for text and binary, the bytes they point at.
   *
   * @return for lists, the elements they point at
   */
  private List<Segment> offsets(
      FieldVector target, List<Segment> segments, int rows, List<ArrowBuf> buffers) {
    boolean wide = isWide(target);
    boolean lists = !target.getChildrenFromFields().isEmpty();
    ArrowBuf offsets = zeroed((rows + 1L) * (wide ? Long.BYTES : Integer.BYTES));
    buffers.add(offsets);
    List<Segment> elements = new ArrayList<>();
    long end = 0;
    int row = 0;
    for (Segment segment : segments) {
      ArrowBuf from = segment.vector().getOffsetBuffer();
      long first = offset(from, segment.start(), wide);
      long last = first;
      for (int i = 1; i <= segment.count(); i++) {
        last = offset(from, segment.start() + i, wide);
        setOffset(offsets, ++row, end + last - first, wide);
      }
      end += last - first;
      if (lists) {
        elements.add(
            new Segment(child(segment, 0), Math.toIntExact(first), Math.toIntExact(last - first)));
      }
    }
    if (!lists) {
      buffers.add(bytes(segments, end, wide));
    }
    return elements;
  }

  private ArrowBuf bytes(List<Segment> segments, long size, boolean wide) {
    ArrowBuf bytes = allocator.buffer(size);
    long at = 0;
    for (Segment segment : segments) {
      ArrowBuf offsets = segment.vector().getOffsetBuffer();
      long first = offset(offsets, segment.start(), wide);
      long length = offset(offsets, segment.start() + segment.count(), wide) - first;
      bytes.setBytes(at, segment.vector().getDataBuffer(), first, length);
      at += length;
    }
    return bytes;
  }

  private static boolean isWide(FieldVector vector) {
    ArrowType type = vector.getField().getType();
    return type instanceof ArrowType.LargeUtf8
        || type instanceof ArrowType.LargeBinary
        || type instanceof ArrowType.LargeList;
  }

  private static long offset(ArrowBuf offsets, int index, boolean wide) {
    if (offsets.capacity() == 0) {
      return 0;
    }
    return wide
        ? offsets.getLong((long) index * Long.BYTES)
        : offsets.getInt((long) index * Integer.BYTES);
  }

  private static void setOffset(ArrowBuf offsets, int index, long value, boolean wide) {
    if (wide) {
      offsets.setLong((long) index * Long.BYTES, value);
    } else {
      offsets.setInt((long) index * Integer.BYTES, Math.toIntExact(value));
    }
  }

  private static FieldVector child(Segment segment, int index) {
    return segment.vector().getChildrenFromFields().get(index);
  }

  private ArrowBuf zeroed(long size) {
    ArrowBuf buffer = allocator.buffer(size);
    buffer.setZero(0, buffer.capacity());
    return buffer;
  }
}
