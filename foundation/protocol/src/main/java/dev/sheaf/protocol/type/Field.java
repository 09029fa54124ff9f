package dev.sheaf.protocol.type;

/** A named, typed column of a result, an operator's output or a statement's parameters. */
public record Field(String name, SqlType type, boolean nullable) {}
