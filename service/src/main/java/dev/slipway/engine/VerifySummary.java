package dev.slipway.engine;

/**
 * What a check looked at and found.
 *
 * @param head the newest revision that could be folded
 * @param records log records read and folded
 * @param checkpoints compared with the log
 * @param versions opened and counted
 * @param files in tables' homes
 * @param bytes their size
 * @param rows read, if the check was deep
 * @param intents looked at
 */
public record VerifySummary(
    long head,
    long records,
    long checkpoints,
    long versions,
    long files,
    long bytes,
    long rows,
    long intents,
    long problems,
    long notices) {}
