package dev.sheaf.columnar.segment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Packs pages that are to be read into requests: what lies side by side in the file shares one, up
 * to a size. Nothing between is read along: an unneeded column costs no byte. Not thread-safe.
 */
final class PageRuns {
  private final int requestBytes;
  private final List<PageRun> runs = new ArrayList<>();

  PageRuns(int requestBytes) {
    this.requestBytes = requestBytes;
  }

  void add(ColumnIndex column, int page) {
    if (!runs.isEmpty()) {
      PageRun last = runs.getLast();
      if (last.column() == column && last.end() == page) {
        boolean fits = column.offset(page + 1) - last.offset() <= requestBytes;
        if (fits) {
          runs.set(runs.size() - 1, new PageRun(column, last.from(), page + 1));
          return;
        }
      }
    }
    runs.add(new PageRun(column, page, page + 1));
  }

  /** The requests, each of runs that touch, in the order of the file. */
  List<List<PageRun>> requests() {
    runs.sort(Comparator.comparingLong(PageRun::offset));
    List<List<PageRun>> requests = new ArrayList<>();
    List<PageRun> open = new ArrayList<>();
    for (PageRun run : runs) {
      boolean touches =
          !open.isEmpty()
              && open.getLast().endOffset() == run.offset()
              && run.endOffset() - open.getFirst().offset() <= requestBytes;
      if (!touches && !open.isEmpty()) {
        requests.add(open);
        open = new ArrayList<>();
      }
      open.add(run);
    }
    if (!open.isEmpty()) {
      requests.add(open);
    }
    return requests;
  }
}
