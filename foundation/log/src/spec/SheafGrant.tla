----------------------------- MODULE SheafGrant -----------------------------
(* Who owns a shard: dev.sheaf.pageserver.grant over a coordination store with leases, what an owner *)
(* may answer and publish under its grant, and the timestamps that it draws.                         *)
(*                                                                                                   *)
(* Time passes by Tick alone, between any two steps and without bound on how far: so every step may  *)
(* be paused for as long as it takes. Clocks tell how much time has passed and nothing else; wall    *)
(* clocks are arbitrary. Messages to the store are lost by never being processed.                    *)
EXTENDS Naturals, Integers, FiniteSets, Sequences, TLC

CONSTANTS
  Nodes, None,
  Ttl,            \* length of a lease
  MaxTime, MaxTerm, MaxCommits, MaxTimestamp,  \* bounds
  WindowLength,   \* how far a window of timestamps reaches
  Publishing,     \* whether owners publish manifests; reads are left out then
  Mistake         \* "none", or the name of a seeded mistake

VARIABLES
  now,
  store,   \* the facts in coordination
  shard,   \* the log as its majority has it, the newest manifest
  node,    \* node -> its process
  seen     \* what clients saw: greatest acknowledged commit, timestamps that got out, broken promises

vars == <<now, store, shard, node, seen>>

Max(a, b) == IF a < b THEN b ELSE a
NoTime == -1

Process ==
  [lease |-> 0, validUntil |-> NoTime, sent |-> NoTime,
   term |-> 0, under |-> 0, serving |-> FALSE, applied |-> 0, read |-> None,
   last |-> 0, window |-> 0, storing |-> 0, drawn |-> None, covered |-> 0]

Init ==
  /\ now = 0
  /\ store = [lease |-> [n \in Nodes |-> 0], expiry |-> [n \in Nodes |-> NoTime],
              holder |-> None, term |-> 0, window |-> 0]
  /\ shard = [promised |-> 0, committed |-> 0, term |-> 0, covers |-> 0, start |-> 0]
  /\ node = [n \in Nodes |-> Process]
  /\ seen = [commit |-> 0, given |-> {}, greatest |-> 0, stale |-> FALSE, repeated |-> FALSE]

Tick == now < MaxTime /\ now' = now + 1 /\ UNCHANGED <<store, shard, node, seen>>

-----------------------------------------------------------------------------
(* Leases *)

HasLease(n) == store.expiry[n] # NoTime

(* Grant.isHeld: the lease that the grant was taken under holds by the node's own clock, from before *)
(* its last successful renewal was sent.                                                             *)
IsHeld(n) == node[n].under = node[n].lease /\ now < node[n].validUntil

(* Coordination.grantLease, or the adapter's renewal. The store processes it as soon as it is sent:  *)
(* later would only make the lease longer than the node believes. A lease that is over is not        *)
(* renewed; the node gets another one.                                                               *)
Renew(n) ==
  /\ node[n].sent = NoTime
  /\ node' = [node EXCEPT ![n].sent = now]
  /\ store' = [store EXCEPT !.expiry[n] = now + Ttl,
                            !.lease[n] = IF HasLease(n) THEN @ ELSE @ + 1]
  /\ UNCHANGED <<now, shard, seen>>

(* The answer arrives: the adapter judges from the time of sending. *)
Renewed(n) ==
  /\ node[n].sent # NoTime
  /\ node' = [node EXCEPT
       ![n].validUntil = (IF Mistake = "ValidFromReply" THEN now ELSE node[n].sent) + Ttl,
       ![n].lease = store.lease[n], ![n].sent = NoTime]
  /\ UNCHANGED <<now, store, shard, seen>>

(* The store lets a lease end, sooner or later, and its entries with it. *)
Expire(n) ==
  /\ HasLease(n)
  /\ now >= store.expiry[n] \/ Mistake = "LeaseEndsEarly"
  /\ store' = [store EXCEPT !.expiry[n] = NoTime,
                            !.holder = IF @ # None /\ @.node = n THEN None ELSE @]
  /\ UNCHANGED <<now, shard, node, seen>>

-----------------------------------------------------------------------------
(* Grants *)

(* Grants.take: the holder is absent, and the term rises, in one transaction. *)
Take(n) ==
  /\ store.term < MaxTerm
  /\ node[n].term = 0
  /\ HasLease(n) /\ node[n].lease = store.lease[n]
  /\ store.holder = None \/ Mistake = "TakenWhileHeld"
  /\ store' = [store EXCEPT !.holder = [node |-> n], !.term = @ + 1]
  /\ node' = [node EXCEPT ![n].term = store.term + 1, ![n].under = node[n].lease]
  /\ UNCHANGED <<now, shard, seen>>

(* ShardLog.open, ManifestStore.newest, LogReplay.run, WindowedOracle.start: see SheafLog for the    *)
(* first three. The order matters: the log's majority refuses the owner before from now on.          *)
Open(n) ==
  /\ node[n].term > 0 /\ ~node[n].serving
  /\ shard.promised < node[n].term
  /\ shard.covers <= shard.committed /\ shard.start <= shard.covers
  /\ shard' = [shard EXCEPT !.promised = node[n].term]
  /\ node' = [node EXCEPT
       ![n].serving = TRUE, ![n].applied = shard.committed, ![n].covered = shard.covers,
       ![n].last = IF Mistake = "BeginsAtWallClock" THEN 0 ELSE store.window,
       ![n].window = store.window, ![n].storing = 0]
  /\ UNCHANGED <<now, store, seen>>

(* OwnedShard.abandon, or the end of the process: serving ends before the grant is given back. *)
Stop(n) ==
  /\ node[n].term > 0
  /\ node' = [node EXCEPT ![n].term = 0, ![n].under = 0, ![n].serving = FALSE, ![n].read = None,
                          ![n].drawn = None, ![n].storing = 0, ![n].applied = 0,
                          ![n].last = 0, ![n].window = 0, ![n].covered = 0]
  /\ store' = [store EXCEPT !.holder =
       IF store.term = node[n].term /\ @ # None /\ @.node = n THEN None ELSE @]
  /\ UNCHANGED <<now, shard, seen>>

-----------------------------------------------------------------------------
(* Commits and reads *)

(* CommitPipeline: the log's majority takes a record of its promised term only; then it is applied   *)
(* and acknowledged.                                                                                 *)
Commit(n) ==
  /\ node[n].serving
  /\ shard.promised = node[n].term
  /\ shard.committed < MaxCommits
  /\ shard' = [shard EXCEPT !.committed = @ + 1]
  /\ node' = [node EXCEPT ![n].applied = shard.committed + 1]
  /\ seen' = [seen EXCEPT !.commit = shard.committed + 1]
  /\ UNCHANGED <<now, store>>

(* ShardReads.read: the request comes; what was acknowledged by now must be seen. *)
BeginRead(n) ==
  /\ MaxCommits > 0 /\ ~Publishing
  /\ node[n].serving /\ node[n].read = None
  /\ node' = [node EXCEPT ![n].read = [must |-> seen.commit, value |-> node[n].applied]]
  /\ UNCHANGED <<now, store, shard, seen>>

(* ShardReads.checkOwner, after the fact: the answer gets out only under the lease. *)
EndRead(n) ==
  LET r == node[n].read IN
  /\ node[n].serving /\ r # None
  /\ IsHeld(n) \/ Mistake = "ReadUnchecked"
  /\ node' = [node EXCEPT ![n].read = None]
  /\ seen' = [seen EXCEPT !.stale = @ \/ r.value < r.must]
  /\ UNCHANGED <<now, store, shard>>

-----------------------------------------------------------------------------
(* Timestamps *)

(* TimestampOracle.draw: above the last one, below the window, wherever the wall clock stands. *)
Draw(n) ==
  /\ node[n].serving /\ node[n].drawn = None
  /\ \E t \in (node[n].last + 1)..(node[n].window - 1) :
       node' = [node EXCEPT ![n].last = t, ![n].drawn = [at |-> t, above |-> seen.greatest]]
  /\ UNCHANGED <<now, store, shard, seen>>

(* WindowedOracle.tryDraw: judged after the draw. *)
Give(n) ==
  LET d == node[n].drawn IN
  /\ d # None
  /\ IsHeld(n) \/ Mistake = "DrawUnchecked"
  /\ node' = [node EXCEPT ![n].drawn = None]
  /\ seen' = [seen EXCEPT
       !.given = @ \cup {d.at}, !.greatest = Max(@, d.at),
       !.repeated = @ \/ d.at \in seen.given \/ d.at <= d.above]
  /\ UNCHANGED <<now, store, shard>>

(* WindowedOracle.persist: a transaction that compares the grant and the window. *)
StoreWindow(n) ==
  LET bound == node[n].last + WindowLength IN
  /\ node[n].serving /\ node[n].storing = 0
  /\ bound <= MaxTimestamp /\ bound > node[n].window
  /\ \/ store.term = node[n].term /\ store.window = node[n].window
     \/ Mistake = "WindowUnconditional"
  /\ store' = [store EXCEPT !.window = bound]
  /\ node' = [node EXCEPT ![n].storing = bound]
  /\ UNCHANGED <<now, shard, seen>>

(* TimestampOracle.extended: the outcome is known, at any later time. *)
Extended(n) ==
  /\ node[n].storing > 0
  /\ node' = [node EXCEPT ![n].window = node[n].storing, ![n].storing = 0]
  /\ UNCHANGED <<now, store, shard, seen>>

-----------------------------------------------------------------------------
(* Manifests *)

(* ShardFlusher.publish: perhaps long after the last look at the lease. Manifests are named by term  *)
(* and sequence, and the highest name counts (ManifestStore.newest).                                 *)
Publish(n) ==
  /\ Publishing
  /\ node[n].serving /\ node[n].covered < node[n].applied
  /\ node' = [node EXCEPT ![n].covered = node[n].applied]
  /\ shard' = IF node[n].term >= shard.term \/ Mistake = "NewestByTime"
              THEN [shard EXCEPT !.term = node[n].term, !.covers = node[n].applied]
              ELSE shard
  /\ UNCHANGED <<now, store, seen>>

(* Grants.confirm, then Proposer.forget. *)
Forget(n) ==
  /\ Publishing
  /\ node[n].serving /\ shard.start < node[n].covered
  /\ store.term = node[n].term
  /\ shard' = [shard EXCEPT !.start = node[n].covered]
  /\ UNCHANGED <<now, store, node, seen>>

-----------------------------------------------------------------------------

Next ==
  \/ Tick
  \/ \E n \in Nodes :
       \/ Renew(n) \/ Renewed(n) \/ Expire(n)
       \/ Take(n) \/ Open(n) \/ Stop(n)
       \/ Commit(n) \/ BeginRead(n) \/ EndRead(n)
       \/ Draw(n) \/ Give(n) \/ StoreWindow(n) \/ Extended(n)
       \/ Publish(n) \/ Forget(n)

Spec == Init /\ [][Next]_vars

(* Invariants *)

(* Two nodes never both believe in their lease on one shard. *)
OneOwnerAtATime ==
  \A m, n \in Nodes :
    node[m].serving /\ node[n].serving /\ IsHeld(m) /\ IsHeld(n) => m = n

(* Every answer has all that was acknowledged before it was asked for. *)
ReadsAreFresh == ~seen.stale

(* A timestamp is given once, and is above all that was given before it was asked for. *)
TimestampsAscend == ~seen.repeated

(* Nothing drawn, given or not, reaches the stored window: a successor begins above it. *)
DrawnBelowWindow ==
  \A n \in Nodes : node[n].drawn # None => node[n].drawn.at < store.window

(* A term is granted once, and only its newest owner appends. *)
TermsAreUnique ==
  \A m, n \in Nodes : node[m].term > 0 /\ node[m].term = node[n].term => m = n

(* What was forgotten is in the manifest that counts. *)
ForgetsOnlyPublished == shard.start <= shard.covers

Alike == Permutations(Nodes)
=============================================================================
