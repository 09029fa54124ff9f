package dev.sheaf.compute.exec;

import dev.sheaf.columnar.vector.BatchSource;
import java.util.List;

/** UNION ALL: the streams of all inputs. */
final class UnionOperator implements Operator {
  private final List<Operator> inputs;

  UnionOperator(List<Operator> inputs) {
    this.inputs = inputs;
  }

  @Override
  public void prepare() {
    inputs.forEach(Operator::prepare);
  }

  @Override
  public int width() {
    return inputs.stream().mapToInt(Operator::width).sum();
  }

  @Override
  public void offer(int column, RuntimeFilter filter) {
    inputs.forEach(input -> input.offer(column, filter));
  }

  @Override
  public BatchSource stream(int index) {
    int rest = index;
    for (Operator input : inputs) {
      if (rest < input.width()) {
        return input.stream(rest);
      }
      rest -= input.width();
    }
    throw new IndexOutOfBoundsException(index);
  }

  @Override
  public void close() {
    inputs.forEach(Operator::close);
  }
}
