package dev.sheaf.testkit.sim;

import dev.sheaf.objectstore.ObjectStore;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * An object store behind a network: calls take milliseconds, fail, or fail although they took
 * effect. Over any store, which keeps the objects; for simulated threads.
 */
public final class SimulatedObjectStore implements ObjectStore {
  private final Simulation simulation;
  private final ObjectStore objects;
  private Faults faults;
  private boolean down;

  public SimulatedObjectStore(Simulation simulation, ObjectStore objects, Faults faults) {
    this.simulation = simulation;
    this.objects = objects;
    this.faults = faults;
  }

  public void setFaults(Faults next) {
    faults = next;
  }

  /** While down every call fails. */
  public void setDown(boolean isDown) {
    down = isDown;
  }

  private void write(String what, Runnable call) {
    before(what);
    call.run();
    if (simulation.chance(faults.objectAmbiguity())) {
      throw failed(what);
    }
    pause();
  }

  private <T> T read(String what, Supplier<T> call) {
    before(what);
    T found = call.get();
    pause();
    return found;
  }

  private void before(String what) {
    pause();
    if (down || simulation.chance(faults.objectError())) {
      throw failed(what);
    }
  }

  private void pause() {
    SimThread thread = SimThread.current();
    if (thread == null) {
      throw new IllegalStateException("only simulated threads call this store");
    }
    double most = simulation.random().nextInt(20) == 0 ? 300 : 10;
    thread.sleep(simulation.betweenMillis(0.5, most));
  }

  private static SheafException failed(String what) {
    return new SheafException(ErrorCode.IO_ERROR, "the object store did not answer to " + what);
  }

  @Override
  public void put(String key, byte[] content) {
    write("put " + key, () -> objects.put(key, content));
  }

  @Override
  public void putFile(String key, Path file) {
    write("put " + key, () -> objects.putFile(key, file));
  }

  @Override
  public boolean putIfAbsent(String key, byte[] content) {
    before("put " + key);
    boolean put = objects.putIfAbsent(key, content);
    if (simulation.chance(faults.objectAmbiguity())) {
      throw failed("put " + key);
    }
    pause();
    return put;
  }

  @Override
  public Optional<byte[]> get(String key) {
    return read("get " + key, () -> objects.get(key));
  }

  @Override
  public byte[] getRange(String key, long offset, int length) {
    return read("get " + key, () -> objects.getRange(key, offset, length));
  }

  @Override
  public Optional<Long> size(String key) {
    return read("size of " + key, () -> objects.size(key));
  }

  @Override
  public List<String> list(String prefix, String startAfter, int limit) {
    return read("list " + prefix, () -> objects.list(prefix, startAfter, limit));
  }

  @Override
  public void delete(String key) {
    write("delete " + key, () -> objects.delete(key));
  }

  @Override
  public void close() {}
}
