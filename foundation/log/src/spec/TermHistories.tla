--------------------------- MODULE TermHistories ---------------------------
(* dev.sheaf.log.TermHistory: which term wrote which part of a log. A history is a sequence of       *)
(* [term, start], terms and starts ascending, the first entry being term 0 at position 0 until a     *)
(* history is shortened. Positions count records: record i lies between positions i - 1 and i.       *)
EXTENDS Naturals, Sequences

Min(a, b) == IF a < b THEN a ELSE b
Max(a, b) == IF a < b THEN b ELSE a

Entry(term, start) == [term |-> term, start |-> start]

EmptyHistory == <<Entry(0, 0)>>

(* TermHistory.lastTerm *)
LastTerm(history) == history[Len(history)].term

(* TermHistory.positionAt(flush).lastTerm: an entry that starts at the end of the log counts. *)
TermAt(history, flush) ==
  LET reached == {i \in 1..Len(history) : i = 1 \/ history[i].start <= flush}
  IN history[CHOOSE i \in reached : \A j \in reached : j <= i].term

(* TermHistory.extend: entries that begin at the start or later wrote nothing and are dropped. *)
RECURSIVE Extend(_, _, _)
Extend(history, term, start) ==
  IF Len(history) > 1 /\ history[Len(history)].start >= start
  THEN Extend(SubSeq(history, 1, Len(history) - 1), term, start)
  ELSE Append(history, Entry(term, start))

(* TermHistory.forgetBelow *)
RECURSIVE ForgetBelow(_, _)
ForgetBelow(history, position) ==
  IF Len(history) > 1 /\ history[2].start <= position
  THEN ForgetBelow(Tail(history), position)
  ELSE history

EndOf(history, i, end) == IF i < Len(history) THEN Min(history[i + 1].start, end) ELSE end

SharedTerms(mine, others) ==
  {i \in 1..Len(mine) : \E j \in 1..Len(others) : mine[i].term = others[j].term}

(* TermHistory.commonPoint; meaningful only if some term is shared. *)
CommonPoint(mine, end, others, otherEnd) ==
  LET shared == SharedTerms(mine, others)
      i == CHOOSE i \in shared : \A k \in shared : k <= i
      j == CHOOSE j \in 1..Len(others) : others[j].term = mine[i].term
  IN Min(EndOf(mine, i, end), EndOf(others, j, otherEnd))

(* What the constructor of TermHistory insists on. *)
IsHistory(history) ==
  /\ Len(history) >= 1
  /\ \A i \in 1..(Len(history) - 1) :
       /\ history[i].term < history[i + 1].term
       /\ history[i].start <= history[i + 1].start
============================================================================
