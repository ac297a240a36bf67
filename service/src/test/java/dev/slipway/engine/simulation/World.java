package dev.slipway.engine.simulation;

/** What all who act in a run share. */
record World(
    Scheduler scheduler, Cluster cluster, Incarnations incarnations, Regime regime, Tally tally) {}
