package dev.sheaf.bench;

import java.util.concurrent.CompletableFuture;

/** A replicated log, or something that answers when bytes are durable on a majority. */
interface LogTarget extends AutoCloseable {
  String name();

  /** Completes when the entry is durable. */
  CompletableFuture<?> append(byte[] entry);

  @Override
  void close() throws Exception;
}
