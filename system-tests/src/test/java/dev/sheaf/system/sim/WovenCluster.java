package dev.sheaf.system.sim;

import dev.sheaf.testkit.sim.Redirect;
import dev.sheaf.testkit.sim.WeavingLoader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * {@link ClusterRun}, {@link StoreRun} or {@link LogRun} in classes woven for the simulator,
 * perhaps with a bug in them.
 */
final class WovenCluster {
  private final Method run;

  /** In which part of the system a simulation lives. */
  enum Part {
    CLUSTER(ClusterRun.class),
    STORE(StoreRun.class),
    LOG(LogRun.class);

    private final Class<?> run;

    Part(Class<?> run) {
      this.run = run;
    }
  }

  /**
   * @param bug calls that go wrong
   */
  WovenCluster(Part part, List<Redirect> bug) {
    var loader =
        new WeavingLoader(
            WovenCluster.class.getClassLoader(), bug, WovenCluster.class.getPackageName() + ".");
    try {
      run = loader.loadClass(part.run.getName()).getDeclaredMethod("run", long.class);
      run.setAccessible(true);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What happened under a seed; throws what the simulation found. */
  Map<String, Long> run(long seed) {
    // On a virtual thread, to which the simulated ones hand over without the operating system.
    var answer = new CompletableFuture<Map<String, Long>>();
    Thread _ =
        Thread.startVirtualThread(() -> {
          try {
            answer.complete(invoke(seed));
          } catch (Throwable e) {
            answer.completeExceptionally(e);
          }
        });
    try {
      return answer.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error found) {
        throw found;
      }
      throw e;
    }
  }

  @SuppressWarnings("unchecked")
  private Map<String, Long> invoke(long seed) {
    try {
      return (Map<String, Long>) run.invoke(null, seed);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Error found) {
        throw found;
      }
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }
}
