package dev.lastgood.demo;

/** A record that an audit says is damaged, by the lower-case name of its table and its key. */
public record Found(String table, long key) {}
