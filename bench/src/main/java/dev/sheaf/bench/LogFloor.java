package dev.sheaf.bench;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What nobody can go below on this machine: three writers, each with a file that has its place on
 * the disk, write and fdatasync the entry; two of them having done so is followed by one echo of it
 * over loopback gRPC. Appends that wait for a writer share its next fsync.
 */
final class LogFloor implements LogTarget {
  private static final int FILE_BYTES = 64 << 20;
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };
  private static final MethodDescriptor<byte[], byte[]> ECHO =
      MethodDescriptor.<byte[], byte[]>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("bench.Echo/Echo")
          .setRequestMarshaller(BYTES)
          .setResponseMarshaller(BYTES)
          .build();

  private final List<Writer> writers = new ArrayList<>();
  private final Server server;
  private final ManagedChannel channel;

  LogFloor(Path folder) throws IOException {
    for (int i = 0; i < 3; i++) {
      writers.add(new Writer(folder.resolve("floor-" + i)));
    }
    BindableService echo =
        () ->
            ServerServiceDefinition.builder("bench.Echo")
                .addMethod(
                    ECHO,
                    ServerCalls.asyncUnaryCall((request, observer) -> {
                      observer.onNext(new byte[8]);
                      observer.onCompleted();
                    }))
                .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .directExecutor()
            .addService(echo)
            .build()
            .start();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
            .usePlaintext()
            .directExecutor()
            .build();
  }

  @Override
  public String name() {
    return "floor: fdatasync x3 + one echo";
  }

  @Override
  public CompletableFuture<?> append(byte[] entry) {
    var majority = new CompletableFuture<byte[]>();
    var done = new AtomicInteger();
    for (Writer writer : writers) {
      writer
          .write(entry)
          .whenComplete((written, error) -> {
            if (error != null) {
              majority.completeExceptionally(error);
            } else if (done.incrementAndGet() == 2) {
              echo(channel, entry, majority);
            }
          });
    }
    return majority;
  }

  private static void echo(Channel channel, byte[] entry, CompletableFuture<byte[]> answer) {
    ClientCalls.asyncUnaryCall(
        channel.newCall(ECHO, CallOptions.DEFAULT),
        entry,
        new StreamObserver<>() {
          @Override
          public void onNext(byte[] value) {
            answer.complete(value);
          }

          @Override
          public void onError(Throwable error) {
            answer.completeExceptionally(error);
          }

          @Override
          public void onCompleted() {}
        });
  }

  @Override
  public void close() throws Exception {
    channel.shutdownNow();
    server.shutdownNow();
    for (Writer writer : writers) {
      writer.close();
    }
  }

  /** One file and the thread that writes it, around and around. */
  private static final class Writer implements AutoCloseable {
    private record Waiting(byte[] entry, CompletableFuture<Void> written) {}

    private final FileChannel file;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private List<Waiting> queue = new ArrayList<>();
    private long position;

    Writer(Path path) throws IOException {
      file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
      for (long at = 0; at < FILE_BYTES; at += zeros.capacity()) {
        file.write(zeros.clear(), at);
      }
      file.force(true);
    }

    CompletableFuture<Void> write(byte[] entry) {
      var written = new CompletableFuture<Void>();
      boolean first;
      synchronized (this) {
        first = queue.isEmpty();
        queue.add(new Waiting(entry, written));
      }
      if (first) {
        thread.execute(this::writeGroup);
      }
      return written;
    }

    private void writeGroup() {
      List<Waiting> group;
      synchronized (this) {
        group = queue;
        queue = new ArrayList<>();
      }
      try {
        int bytes = group.stream().mapToInt(each -> each.entry.length).sum();
        ByteBuffer all = ByteBuffer.allocate(bytes);
        group.forEach(each -> all.put(each.entry));
        position = position + bytes > FILE_BYTES ? 0 : position;
        file.write(all.flip(), position);
        file.force(false);
        position += bytes;
        group.forEach(each -> each.written.complete(null));
      } catch (IOException e) {
        group.forEach(each -> each.written.completeExceptionally(e));
      }
    }

    @Override
    public void close() throws IOException {
      thread.shutdownNow();
      file.close();
    }
  }
}
