package dev.slipway.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import dev.slipway.v1.WriteRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prints each figure of the server, over a loopback port, beside that of Lance used directly. */
@Tag("bench")
class BenchmarkRun {
  private static final int ROWS = 1_000_000;
  private static final int BATCH = 8_192;
  private static final int ONE_ROW_WRITES = 400;
  private static final int WRITERS = 32;
  private static final int DIRECT_WRITERS = 8;
  private static final int SECONDS = 5;
  private static final int ROUNDS = 9;

  /** Not measured: while the code is being compiled, the compiler takes a core from both sides. */
  private static final int WARM_UP_WRITES = 1_500;

  private static final int WARM_UP_ROUNDS = 12;
  private static final int SCANS_IN_A_ROUND = 9;

  @TempDir Path folder;

  private final List<String> lines = new ArrayList<>();

  @Test
  void measure_everyFigure_besideDirectLance() throws Exception {
    Map<String, String> settings =
        Map.of(
            "storage.kind",
            "lance",
            "storage.path",
            folder.resolve("slipway").toString(),
            "server.port",
            "0");
    try (BufferAllocator allocator = new RootAllocator();
        SlipwayServer server = SlipwayServer.start(SlipwayConfig.of(settings));
        SlipwayClient client = new SlipwayClient(allocator, server.port())) {
      client.createDatabase();
      oneRow(allocator, client);
      ingestAndScan(allocator, client);
      writers(allocator, client);
    }
    lines.forEach(System.out::println);
  }

  private void oneRow(BufferAllocator allocator, SlipwayClient client) {
    client.createTable("one");
    try (DirectLance plain = new DirectLance(allocator, folder.resolve("one-plain"), false);
        DirectLance forced = new DirectLance(allocator, folder.resolve("one-forced"), true)) {
      List<Long> slipwayTimes = new ArrayList<>();
      List<Long> plainTimes = new ArrayList<>();
      List<Long> forcedTimes = new ArrayList<>();
      for (int i = 0; i < WARM_UP_WRITES + ONE_ROW_WRITES; i++) {
        int id = i;
        WriteRequest request = client.oneRow("one", id);
        long slipway = time(() -> client.write(request));
        long direct = time(() -> plain.appendOne(id));
        long directForced = time(() -> forced.appendOne(id));
        if (i >= WARM_UP_WRITES) {
          slipwayTimes.add(slipway);
          plainTimes.add(direct);
          forcedTimes.add(directForced);
        }
      }
      assertThat(client.count("one")).isEqualTo(WARM_UP_WRITES + ONE_ROW_WRITES);
      print("one-row Write, p50 ms", median(slipwayTimes), median(plainTimes), median(forcedTimes));
    }
  }

  private void ingestAndScan(BufferAllocator allocator, SlipwayClient client) throws Exception {
    List<Long> ingest = new ArrayList<>();
    List<Long> ingestPlain = new ArrayList<>();
    List<Long> ingestForced = new ArrayList<>();
    List<Long> scan = new ArrayList<>();
    List<Long> scanDirect = new ArrayList<>();
    for (int round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
      String table = "bulk" + round;
      boolean measured = round >= WARM_UP_ROUNDS;
      client.createTable(table);
      try (DirectLance plain = new DirectLance(allocator, folder.resolve(table + "-p"), false);
          DirectLance forced = new DirectLance(allocator, folder.resolve(table + "-f"), true)) {
        long slipway = timeRows(allocator, rows -> client.ingest(table, rows));
        long direct = timeRows(allocator, plain::append);
        long directForced = timeRows(allocator, forced::append);
        if (measured) {
          ingest.add(slipway);
          ingestPlain.add(direct);
          ingestForced.add(directForced);
        }
        for (int i = 0; i < SCANS_IN_A_ROUND; i++) {
          long slipwayScan = timeScan(() -> client.scan(table, BATCH));
          long directScan = timeScan(() -> plain.scan(BATCH));
          if (measured) {
            scan.add(slipwayScan);
            scanDirect.add(directScan);
          }
        }
      }
    }
    print("ingest of 1M rows, ms", median(ingest), median(ingestPlain), median(ingestForced));
    print("full scan of 1M rows, ms", median(scan), median(scanDirect), median(scanDirect));
  }

  private void writers(BufferAllocator allocator, SlipwayClient client) throws Exception {
    client.createTable("many");
    double slipway = perSecond(WRITERS, id -> client.write(client.oneRow("many", id)));
    try (DirectLance plain = new DirectLance(allocator, folder.resolve("many-plain"), false);
        DirectLance forced = new DirectLance(allocator, folder.resolve("many-forced"), true)) {
      double direct = perSecond(DIRECT_WRITERS, plain::appendOneConcurrently);
      double directForced = perSecond(DIRECT_WRITERS, forced::appendOneConcurrently);
      lines.add(
          String.format(
              Locale.ROOT,
              "| commits/s on one table, 32 writers (direct: 8) | %.0f | %.0f | %.0f | %.2f |"
                  + " %.2f |",
              slipway,
              direct,
              directForced,
              slipway / direct,
              slipway / directForced));
    }
  }

  private void print(String what, long slipway, long direct, long forced) {
    lines.add(
        String.format(
            Locale.ROOT,
            "| %s | %.2f | %.2f | %.2f | %.2f | %.2f |",
            what,
            slipway / 1e6,
            direct / 1e6,
            forced / 1e6,
            (double) slipway / direct,
            (double) slipway / forced));
  }

  private interface RowsTask {
    void run(ArrowReader rows) throws Exception;
  }

  private interface ScanTask {
    long run() throws Exception;
  }

  private interface WriteTask {
    void run(int id);
  }

  private static long time(Runnable task) {
    long start = System.nanoTime();
    task.run();
    return System.nanoTime() - start;
  }

  private static long timeRows(BufferAllocator allocator, RowsTask task) throws Exception {
    try (ArrowReader rows = BenchRows.reader(allocator, ROWS, BATCH)) {
      long start = System.nanoTime();
      task.run(rows);
      return System.nanoTime() - start;
    }
  }

  private static long timeScan(ScanTask task) throws Exception {
    long start = System.nanoTime();
    assertThat(task.run()).isEqualTo(ROWS);
    return System.nanoTime() - start;
  }

  private static double perSecond(int writers, WriteTask task) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(SECONDS);
    List<Future<Integer>> counts = new ArrayList<>();
    for (int writer = 0; writer < writers; writer++) {
      int first = writer * 1_000_000;
      counts.add(
          threads.submit(
              () -> {
                int written = 0;
                while (System.nanoTime() < end) {
                  task.run(first + written);
                  written++;
                }
                return written;
              }));
    }
    long total = 0;
    for (Future<Integer> count : counts) {
      total += count.get();
    }
    threads.shutdown();
    return total / ((System.nanoTime() - start) / 1e9);
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().toList().get(times.size() / 2);
  }
}
