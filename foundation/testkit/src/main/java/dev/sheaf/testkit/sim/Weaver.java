package dev.sheaf.testkit.sim;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_void;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rewrites method calls and monitors in class files. */
final class Weaver {
  private static final ClassDesc BLOCKING = ClassDesc.of("dev.sheaf.testkit.sim.Blocking");
  private static final MethodTypeDesc ON_OBJECT = MethodTypeDesc.of(CD_void, CD_Object);

  private static final Map<ClassDesc, ClassDesc> ORDERED =
      Map.of(
          ClassDesc.of("java.util.HashMap"), ClassDesc.of("java.util.LinkedHashMap"),
          ClassDesc.of("java.util.HashSet"), ClassDesc.of("java.util.LinkedHashSet"));

  /** Where a call goes instead. */
  private record Target(ClassDesc owner, String method, MethodTypeDesc type) {}

  private final Map<String, Target> blocking = new HashMap<>();
  private final Map<String, Target> redirected = new HashMap<>();
  private final String keep;

  Weaver(List<Redirect> redirects, String keep) {
    this.keep = keep;
    String future = "java.util.concurrent.CompletableFuture";
    block(future, "get", "(JLjava/util/concurrent/TimeUnit;)Ljava/lang/Object;", "get");
    block(future, "get", "()Ljava/lang/Object;", "get");
    block(future, "join", "()Ljava/lang/Object;", "join");
    String lock = "java.util.concurrent.locks.ReentrantLock";
    block(lock, "lock", "()V", "lock");
    block(lock, "unlock", "()V", "unlock");
    block(lock, "newCondition", "()Ljava/util/concurrent/locks/Condition;", "newCondition");
    block(
        "java.util.concurrent.Semaphore",
        "tryAcquire",
        "(JLjava/util/concurrent/TimeUnit;)Z",
        "tryAcquire");
    block("java.lang.Thread", "start", "()V", "start");
    blockStatic("java.lang.Thread", "sleep", "(J)V", "sleep");
    blockStatic("java.lang.Thread", "sleep", "(Ljava/time/Duration;)V", "sleep");
    blockStatic("java.lang.System", "nanoTime", "()J", "nanoTime");
    blockStatic("java.lang.System", "currentTimeMillis", "()J", "currentTimeMillis");
    blockStatic(
        "java.lang.System", "getLogger", "(Ljava/lang/String;)Ljava/lang/System$Logger;", "logger");
    blockStatic("java.util.UUID", "randomUUID", "()Ljava/util/UUID;", "randomUuid");
    blockStatic("java.util.Map", "copyOf", "(Ljava/util/Map;)Ljava/util/Map;", "copyOf");
    blockStatic("java.util.Set", "copyOf", "(Ljava/util/Collection;)Ljava/util/Set;", "copyOf");
    redirects.forEach(
        each -> redirected.put(internal(each.owner()) + "." + each.method(), find(each)));
  }

  private void block(String owner, String method, String type, String target) {
    MethodTypeDesc desc = MethodTypeDesc.ofDescriptor(type);
    blocking.put(
        internal(owner) + "." + method + type,
        new Target(BLOCKING, target, desc.insertParameterTypes(0, ClassDesc.of(owner))));
  }

  private void blockStatic(String owner, String method, String type, String target) {
    blocking.put(
        internal(owner) + "." + method + type,
        new Target(BLOCKING, target, MethodTypeDesc.ofDescriptor(type)));
  }

  private static String internal(String binaryName) {
    return binaryName.replace('.', '/');
  }

  private static Target find(Redirect redirect) {
    String resource = internal(redirect.target()) + ".class";
    try (InputStream in = Weaver.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no class " + redirect.target());
      }
      return ClassFile.of().parse(in.readAllBytes()).methods().stream()
          .filter(each -> each.methodName().equalsString(redirect.targetMethod()))
          .map(each ->
              new Target(
                  ClassDesc.of(redirect.target()),
                  redirect.targetMethod(),
                  each.methodTypeSymbol()))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException("no method for " + redirect));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ClassTransform transform(String className) {
    boolean kept = className.startsWith(keep);
    return (builder, element) -> {
      if (element instanceof MethodModel method) {
        boolean monitor =
            method.flags().has(AccessFlag.SYNCHRONIZED) && !method.flags().has(AccessFlag.STATIC);
        builder.transformMethod(
            method,
            (methodBuilder, part) -> {
              if (part instanceof CodeModel code) {
                methodBuilder.transformCode(
                    code, monitor ? new Synchronized(kept) : (b, e) -> weave(b, e, kept));
              } else if (monitor && part instanceof java.lang.classfile.AccessFlags flags) {
                methodBuilder.withFlags(flags.flagsMask() & ~ClassFile.ACC_SYNCHRONIZED);
              } else {
                methodBuilder.with(part);
              }
            });
      } else {
        builder.with(element);
      }
    };
  }

  private void weave(CodeBuilder builder, CodeElement element, boolean kept) {
    switch (element) {
      case InvokeInstruction call -> {
        Target target = targetOf(call, kept);
        if (call.opcode() == Opcode.INVOKESPECIAL && call.name().equalsString("<init>")) {
          builder.invokespecial(ordered(call.owner().asSymbol()), "<init>", call.typeSymbol());
        } else if (target == null) {
          builder.with(call);
        } else {
          builder.invokestatic(target.owner, target.method, target.type);
          ClassDesc wanted = call.typeSymbol().returnType();
          if (!wanted.equals(target.type.returnType())) {
            builder.checkcast(wanted);
          }
        }
      }
      case NewObjectInstruction creation -> builder.new_(ordered(creation.className().asSymbol()));
      case MonitorInstruction monitor ->
          builder.invokestatic(
              BLOCKING,
              monitor.opcode() == Opcode.MONITORENTER ? "monitorEnter" : "monitorExit",
              ON_OBJECT);
      default -> builder.with(element);
    }
  }

  /** The order of hashed things may hang on addresses; that of linked ones does not. */
  private static ClassDesc ordered(ClassDesc created) {
    return ORDERED.getOrDefault(created, created);
  }

  private @Nullable Target targetOf(InvokeInstruction call, boolean kept) {
    String name = call.owner().asInternalName() + "." + call.name().stringValue();
    Target target = blocking.get(name + call.type().stringValue());
    if (target != null || kept) {
      return target;
    }
    target = redirected.get(name);
    if (target == null) {
      return null;
    }
    int receiver = call.opcode() == Opcode.INVOKESTATIC ? 0 : 1;
    boolean fits = call.typeSymbol().parameterCount() + receiver == target.type.parameterCount();
    return fits ? target : null;
  }

  /** A synchronized method as one that takes a lock, and gives it back on every way out. */
  private final class Synchronized implements CodeTransform {
    private final boolean kept;
    private @Nullable Label begin;

    Synchronized(boolean kept) {
      this.kept = kept;
    }

    @Override
    public void atStart(CodeBuilder builder) {
      builder.aload(0).invokestatic(BLOCKING, "monitorEnter", ON_OBJECT);
      begin = builder.newBoundLabel();
    }

    @Override
    public void accept(CodeBuilder builder, CodeElement element) {
      if (element instanceof ReturnInstruction) {
        builder.aload(0).invokestatic(BLOCKING, "monitorExit", ON_OBJECT);
      }
      weave(builder, element, kept);
    }

    @Override
    public void atEnd(CodeBuilder builder) {
      Label end = builder.newBoundLabel();
      Label handler = end;
      if (begin != null) {
        builder.exceptionCatchAll(begin, end, handler);
      }
      builder.aload(0).invokestatic(BLOCKING, "monitorExit", ON_OBJECT).athrow();
    }
  }
}
