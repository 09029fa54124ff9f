package dev.sheaf.compute.sql;

/** A name as the catalog stores it (folded to lower case unless it was quoted), and its place. */
public record Identifier(String name, Position position) {}
