package dev.sheaf.testkit.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Loads Sheaf's classes anew with some of their calls led elsewhere: waits, locks, clocks and
 * chance to {@link Blocking}, and whatever else {@link Redirect redirects} name, which is how a
 * simulation puts a bug into production code without that code knowing. The simulator itself stays
 * as it is; everything outside of {@code dev.sheaf} is the parent's.
 */
public final class WeavingLoader extends ClassLoader {
  private static final String WOVEN = "dev.sheaf.";
  private static final String SIMULATOR = "dev.sheaf.testkit.sim.";

  private final ClassFile classFile;
  private final Weaver weaver;

  /**
   * @param keep prefix of classes to which only the simulator's redirects apply, not the given
   *     ones: where those lead
   */
  public WeavingLoader(ClassLoader parent, List<Redirect> redirects, String keep) {
    super("woven", parent);
    this.classFile =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(parent)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    this.weaver = new Weaver(redirects, keep);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(WOVEN)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] bytes = read(name);
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    if (!name.startsWith(SIMULATOR)) {
      ClassModel model = classFile.parse(bytes);
      ClassTransform transform = weaver.transform(name);
      bytes = classFile.transformClass(model, transform);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  private byte @Nullable [] read(String name) {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
