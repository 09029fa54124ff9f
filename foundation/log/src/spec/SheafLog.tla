------------------------------ MODULE SheafLog ------------------------------
(* The replicated log of one shard as dev.sheaf.log.Acceptor and dev.sheaf.log.Proposer run it.      *)
(*                                                                                                   *)
(* Requests are not kept in a bag. What a proposer may have sent follows from its state, which only  *)
(* grows within its term, so an acceptor may receive a request at any time after it could be sent:   *)
(* late, again, in any order, or never. A proposer that died is one that takes no further step while *)
(* its requests are still under way. A reply is taken note of when it is released (Answered); that it *)
(* came late or never is that the proposer takes its next step late or never.                        *)
(*                                                                                                   *)
(* docs/reliability.md, "The log's specification", says what is left out and what was checked.       *)
EXTENDS Naturals, Integers, FiniteSets, Sequences, TLC, TermHistories

CONSTANTS
  Acceptors,       \* members: a safekeeper with one journal; with a new journal it is another
  Proposers,       \* owners; an element is one (process, term): a Proposer object
  None,
  Configurations,  \* the chain of configurations by generation: <<[members, newMembers], ...>>
  MaxTerm, MaxLsn, \* bounds: terms granted, records in the log
  MaxCrashes,      \* how often an acceptor may lose what it has not synced
  MaxWipes,        \* how many acceptors may lose their journal
  DoubleGrants,    \* whether two proposers may claim one term
  Forgetting,      \* whether owners publish manifests and let the log forget
  Mistake          \* "none", or the name of a seeded mistake

VARIABLES
  mem,         \* acceptor -> the state its machine has decided on
  disk,        \* acceptor -> the state it would restart with
  gone,        \* acceptors whose journal is lost
  prop,        \* proposer -> its state
  granted,     \* greatest term that coordination has granted
  generation,  \* of the configuration in coordination
  manifest,    \* term -> position up to which that term's newest manifest covers the log
  crashes, wipes

vars == <<mem, disk, gone, prop, granted, generation, manifest, crashes, wipes>>

Terms == 1..MaxTerm
Blank == None  \* in place of a record that was forgotten

-----------------------------------------------------------------------------
(* State *)

(* AcceptorState.NEW; the log's end is Len(log), .log[i] names the proposer of the record. *)
NewAcceptor ==
  [promised |-> 0, candidate |-> None, generation |-> 0, history |-> EmptyHistory,
   log |-> <<>>, start |-> 0, commit |-> 0]

NewProposer ==
  [stage |-> "idle", term |-> 0, opened |-> 0, generation |-> 0, votes |-> {}, donor |-> None,
   history |-> EmptyHistory, log |-> <<>>, termStart |-> 0, logStart |-> 0, commit |-> 0,
   recovered |-> FALSE, base |-> -1, storing |-> FALSE, settled |-> {},
   acked |-> [a \in Acceptors |-> -1], obeys |-> [a \in Acceptors |-> 0],
   since |-> [a \in Acceptors |-> 0]]

Members(g) == Configurations[g].members
NewMembers(g) == Configurations[g].newMembers
All(g) == Members(g) \cup NewMembers(g)
IsJoint(g) == NewMembers(g) # {}

IsMajority(nodes, passing) == 2 * Cardinality(nodes \cap passing) > Cardinality(nodes)

(* Configuration.isQuorum *)
IsQuorum(g, passing) ==
  IsMajority(Members(g), passing) /\ (IsJoint(g) => IsMajority(NewMembers(g), passing))

(* Configuration.quorumPosition *)
QuorumPosition(g, position) ==
  LET reached == {n \in 0..MaxLsn : IsQuorum(g, {a \in All(g) : position[a] >= n})}
  IN CHOOSE n \in reached : \A m \in reached : m <= n

(* AcceptorState.followsPromised, and Acceptor.isReadableBy *)
FollowsPromised(s) == LastTerm(s.history) = s.promised
IsReadableBy(s, term) ==
  /\ LastTerm(s.history) = term
  /\ s.promised = term \/ Mistake = "LowerTermAppends"

(* Acceptor.isOutdated, hasOtherLeader *)
IsOutdated(s, p, g, isVote) ==
  \/ prop[p].term < s.promised
  \/ prop[p].term = s.promised /\ s.candidate # p /\ (FollowsPromised(s) \/ isVote)
  \/ g < s.generation

IsLeading(p) == prop[p].stage = "leading"

(* Membership.nodes: a leader is followed by those that shall be members, too. *)
Followers(p) ==
  LET g == prop[p].generation IN
  All(g) \cup (IF IsLeading(p) /\ g < Len(Configurations) THEN All(g + 1) ELSE {})
Talks(p, a) == prop[p].stage # "idle" /\ a \in Followers(p) /\ a \notin gone

(* Generations that a request of the proposer may carry: it has had all of these configurations. *)
Generations(p) == prop[p].opened..prop[p].generation

(* The newest manifest as ManifestStore.newest finds it: of the highest term. *)
Published ==
  LET published == {t \in Terms : manifest[t] > 0}
  IN IF published = {} THEN 0 ELSE manifest[CHOOSE t \in published : \A u \in published : u <= t]

-----------------------------------------------------------------------------
(* Replies *)

(* LogPosition.compareTo; the seeded mistakes compare something else. *)
IsAhead(s, t) ==
  LET byTerm(x, y) == x > y \/ (x = y /\ Len(s.log) > Len(t.log)) IN
  CASE Mistake = "DonorByLength"  -> Len(s.log) > Len(t.log)
    [] Mistake = "DonorByHistory" -> byTerm(LastTerm(s.history), LastTerm(t.history))
    [] OTHER -> byTerm(TermAt(s.history, Len(s.log)), TermAt(t.history, Len(t.log)))

(* Proposer.win: the donor's log becomes the leader's. *)
Won(q) ==
  [q EXCEPT !.stage = "leading", !.votes = {}, !.donor = None,
            !.log = q.donor.log, !.termStart = Len(q.donor.log), !.commit = q.logStart,
            !.history = Extend(q.donor.history, q.term, Len(q.donor.log))]

(* Reply.Standing to Proposer.onStanding. The donor is the best of the votes so far; Followers.donor  *)
(* compares them at the end. Followers.haveElected decides.                                          *)
AnsweredStanding(q, a, s) ==
  CASE q.stage = "asking" /\ a \notin q.votes ->
         LET standing == [history |-> s.history, log |-> s.log, start |-> s.start]
             better == IF q.donor = None THEN TRUE ELSE IsAhead(standing, q.donor)
             voted == [q EXCEPT !.votes = @ \cup {a}, !.logStart = Max(@, s.start),
                                !.donor = IF better THEN standing ELSE @]
         IN IF IsQuorum(q.generation, voted.votes) THEN Won(voted) ELSE voted
    [] q.stage = "leading" -> [q EXCEPT !.logStart = Max(@, s.start)]
    [] OTHER -> q

(* Reply.Synced to Proposer.onSynced. One that comes back as a follower is asked for its vote first,  *)
(* and hears of the configuration by that; what it acknowledged before is dropped (SafekeeperCalls).  *)
AnsweredSynced(q, a, s) ==
  IF /\ q.stage = "leading" /\ Len(s.log) <= Len(q.log)
     /\ s.generation >= q.since[a] \/ Mistake = "LateAcknowledgement"
  THEN [q EXCEPT !.acked[a] = Max(@, Len(s.log)), !.obeys[a] = Max(@, s.generation)]
  ELSE q

(* The proposers after an acceptor in this state answered one of them. *)
Answered(p, a, s) ==
  IF p = None THEN prop
  ELSE IF a \notin Followers(p) THEN prop
  ELSE IF IsReadableBy(s, prop[p].term) /\ (s.candidate = p \/ Mistake = "LowerTermAppends")
  THEN [prop EXCEPT ![p] = AnsweredSynced(@, a, s)]
  ELSE IF s.promised = prop[p].term /\ s.candidate = p
  THEN [prop EXCEPT ![p] = AnsweredStanding(@, a, s)]
  ELSE prop

(* Acceptor.Decision: the reply is held back until the changes are durable. They are at once when no *)
(* crash is to come that could tell the difference.                                                  *)
Decide(p, a, s, unpersisted) ==
  /\ mem' = [mem EXCEPT ![a] = s]
  /\ disk' = IF crashes > 0 THEN disk ELSE [disk EXCEPT ![a] = s]
  /\ prop' = IF crashes > 0 /\ Mistake # unpersisted THEN prop ELSE Answered(p, a, s)

-----------------------------------------------------------------------------
(* The owner takes the shard *)

(* Grants.take, then new Proposer(term, candidate, configuration) and Proposer.start. *)
Start(p) ==
  /\ prop[p].stage = "idle"
  /\ \E t \in Terms, g \in 1..generation :  \* the configuration may have been read before
       /\ t = granted + 1 \/ (DoubleGrants /\ t = granted)
       /\ granted' = t
       /\ prop' = [prop EXCEPT ![p].stage = "asking", ![p].term = t, ![p].opened = g,
                               ![p].generation = g]
  /\ UNCHANGED <<mem, disk, gone, generation, manifest, crashes, wipes>>

(* Acceptor.onVote *)
ReceiveVote(p, a) ==
  LET s == mem[a] IN
  /\ Talks(p, a)
  /\ \E g \in Generations(p) :
       /\ ~IsOutdated(s, p, g, TRUE)
       /\ ~(prop[p].term = s.promised /\ g = s.generation)
       /\ Decide(p, a, [s EXCEPT !.promised = prop[p].term, !.candidate = p, !.generation = g],
                 "VoteNotPersisted")
  /\ UNCHANGED <<gone, granted, generation, manifest, crashes, wipes>>

-----------------------------------------------------------------------------
(* Acceptors follow and append *)

(* Where Acceptor.onElected cuts; Request.Elected.at agrees or the acceptor does nothing. *)
KeepsLog(p, s) ==
  /\ SharedTerms(s.history, prop[p].history) # {}
  /\ CommonPoint(s.history, Len(s.log), prop[p].history, Len(s.log)) >= prop[p].logStart
CutAt(p, s) ==
  IF KeepsLog(p, s)
  THEN CommonPoint(s.history, Len(s.log), prop[p].history, Len(s.log))
  ELSE prop[p].logStart

Forgotten(log, below) == [i \in 1..Max(Len(log), below) |-> IF i <= below THEN Blank ELSE log[i]]

(* Acceptor.onElected, for an acceptor that does not follow yet; a repetition changes nothing. *)
WouldFollow(p, a, g) ==
  /\ IsLeading(p) /\ Talks(p, a)
  /\ ~IsOutdated(mem[a], p, g, FALSE)
  /\ ~(mem[a].promised = prop[p].term /\ FollowsPromised(mem[a]))

ReceiveElected(p, a) ==
  LET s == mem[a]
      at == CutAt(p, s)
      start == IF KeepsLog(p, s) THEN Max(s.start, prop[p].logStart) ELSE at
      kept == IF Mistake = "NoTruncation" THEN s.log ELSE SubSeq(s.log, 1, Min(at, Len(s.log)))
  IN
  /\ at >= s.commit  \* else XX000, see NeverCutsCommitted
  /\ \E g \in Generations(p) :
       /\ WouldFollow(p, a, g)
       /\ Decide(p, a, [promised |-> prop[p].term, candidate |-> p, generation |-> g,
                     history |-> ForgetBelow(prop[p].history, start),
                     log |-> Forgotten(kept, start), start |-> start,
                     commit |-> Max(s.commit, start)], "ElectedNotPersisted")
  /\ UNCHANGED <<gone, granted, generation, manifest, crashes, wipes>>

(* The record that Request.Append carries: from RecordWindow, or fetched from the disk of a follower *)
(* (Proposer.fetch, SafekeeperService.read).                                                         *)
Offered(p, at) ==
  IF at >= prop[p].termStart
  THEN IF at < Len(prop[p].log) THEN {prop[p].log[at + 1]} ELSE {}
  ELSE {disk[d].log[at + 1] : d \in
         {d \in Followers(p) \ gone :
            /\ prop[p].acked[d] > at
            /\ IsReadableBy(mem[d], prop[p].term)
            /\ disk[d].start <= at /\ at < Len(disk[d].log)}}

(* Acceptor.onAppend: one record at the end of the log. *)
ReceiveAppend(p, a) ==
  LET s == mem[a] IN
  /\ IsLeading(p) /\ Talks(p, a)
  /\ ~IsOutdated(s, p, prop[p].generation, FALSE) \/ Mistake = "LowerTermAppends"
  /\ IsReadableBy(s, prop[p].term)
  /\ \E record \in Offered(p, Len(s.log)) :
       LET log == Append(s.log, record) IN
       Decide(p, a, [s EXCEPT !.log = log, !.commit = Max(@, Min(prop[p].commit, Len(log)))],
              "AppendNotPersisted")
  /\ UNCHANGED <<gone, granted, generation, manifest, crashes, wipes>>

(* Proposer.propose *)
Propose(p) ==
  /\ IsLeading(p) /\ prop[p].recovered
  /\ Len(prop[p].log) < MaxLsn
  /\ prop' = [prop EXCEPT ![p].log = Append(@, p)]
  /\ UNCHANGED <<mem, disk, gone, granted, generation, manifest, crashes, wipes>>

(* Followers.isPast, quorumPosition *)
IsPastStart(p, a) ==
  /\ prop[p].acked[a] >= 0
  /\ prop[p].acked[a] >= prop[p].termStart \/ Mistake = "CommitBeforeTermStart"
CountedFlush(p) == [a \in Acceptors |-> IF IsPastStart(p, a) THEN prop[p].acked[a] ELSE 0]

(* Proposer.advanceCommit *)
Commit(p) ==
  LET g == prop[p].generation
      reached == QuorumPosition(g, CountedFlush(p))
  IN
  /\ IsLeading(p)
  /\ IsQuorum(g, {a \in All(g) : IsPastStart(p, a)})
  /\ prop[p].commit < reached \/ ~prop[p].recovered
  /\ prop' = [prop EXCEPT ![p].commit = Max(@, reached), ![p].recovered = TRUE]
  /\ UNCHANGED <<mem, disk, gone, granted, generation, manifest, crashes, wipes>>

-----------------------------------------------------------------------------
(* Forgetting what is published *)

(* ManifestStore.newest in ShardOpener.open, after the log is won; a manifest of a later term says    *)
(* that this owner is none any more.                                                                 *)
MayLoad(p) ==
  /\ Forgetting
  /\ IsLeading(p) /\ prop[p].recovered /\ prop[p].base = -1
  /\ \A t \in Terms : manifest[t] > 0 => t <= prop[p].term

Load(p) ==
  /\ MayLoad(p)
  /\ prop' = [prop EXCEPT ![p].base = Published]
  /\ UNCHANGED <<mem, disk, gone, granted, generation, manifest, crashes, wipes>>

(* ManifestStore.publish in ShardFlusher.publish; perhaps by an owner that is not the owner any more. *)
Publish(p) ==
  /\ Forgetting
  /\ IsLeading(p) /\ prop[p].base >= 0
  /\ \E m \in (prop[p].base + 1)..prop[p].commit :
       /\ manifest' = [manifest EXCEPT ![prop[p].term] = m]
       /\ prop' = [prop EXCEPT ![p].base = m]
  /\ UNCHANGED <<mem, disk, gone, granted, generation, crashes, wipes>>

(* Grants.confirm after publishing, then Proposer.forget. *)
Forget(p) ==
  LET below == IF Mistake = "ForgetUnpublished" THEN prop[p].commit ELSE manifest[prop[p].term] IN
  /\ Forgetting
  /\ IsLeading(p) /\ prop[p].base >= 0
  /\ granted = prop[p].term \/ Mistake = "ForgetUnconfirmed"
  /\ prop[p].logStart < below
  /\ prop' = [prop EXCEPT ![p].logStart = Min(below, prop[p].commit)]
  /\ UNCHANGED <<mem, disk, gone, granted, generation, manifest, crashes, wipes>>

(* Acceptor.onForget *)
ReceiveForget(p, a) ==
  LET s == mem[a]
      below == Min(prop[p].logStart, prop[p].commit)
      end == Max(Len(s.log), below)
  IN
  /\ Forgetting
  /\ IsLeading(p) /\ Talks(p, a)
  /\ ~IsOutdated(s, p, prop[p].generation, FALSE)
  /\ IsReadableBy(s, prop[p].term)
  /\ s.start < below
  /\ Decide(p, a, [s EXCEPT !.history = ForgetBelow(@, below), !.log = Forgotten(@, below),
                         !.start = below,
                         !.commit = Max(Max(@, below), Min(prop[p].commit, end))], "")
  /\ UNCHANGED <<gone, granted, generation, manifest, crashes, wipes>>

-----------------------------------------------------------------------------
(* Disks *)

(* Journal: what was submitted up to here is fsynced, and the replies that waited are released. *)
Sync(a) ==
  /\ disk[a] # mem[a]
  /\ disk' = [disk EXCEPT ![a] = mem[a]]
  /\ prop' = Answered(mem[a].candidate, a, mem[a])
  /\ UNCHANGED <<mem, gone, granted, generation, manifest, crashes, wipes>>

(* The safekeeper restarts: new Acceptor(durable). *)
Crash(a) ==
  /\ crashes > 0
  /\ disk[a] # mem[a]
  /\ mem' = [mem EXCEPT ![a] = disk[a]]
  /\ crashes' = crashes - 1
  /\ UNCHANGED <<disk, gone, prop, granted, generation, manifest, wipes>>

(* The safekeeper restarts with a new journal: its incarnation is in no configuration. *)
Wipe(a) ==
  /\ wipes > 0 /\ a \notin gone
  /\ wipes' = wipes - 1
  /\ mem' = [mem EXCEPT ![a] = NewAcceptor]
  /\ disk' = [disk EXCEPT ![a] = NewAcceptor]
  /\ gone' = IF Mistake = "WipedVotes" THEN gone ELSE gone \cup {a}
  /\ UNCHANGED <<prop, granted, generation, manifest, crashes>>

-----------------------------------------------------------------------------
(* Membership *)

(* Followers.obey: the configuration is in force. *)
Obey(p) ==
  LET g == prop[p].generation IN
  IsQuorum(g, {a \in All(g) : /\ prop[p].acked[a] >= prop[p].commit
                              /\ prop[p].obeys[a] >= g \/ Mistake = "ObeyedUnheard"})

(* Proposer.advanceChange: ProposerEffect.StoreConfiguration. *)
AskForNext(p) ==
  LET g == prop[p].generation IN
  /\ IsLeading(p) /\ prop[p].recovered
  /\ ~prop[p].storing /\ g < Len(Configurations)
  /\ Obey(p) \/ (IsJoint(g) /\ Mistake = "LeaveJointAtOnce")
  /\ prop' = [prop EXCEPT ![p].storing = TRUE]
  /\ UNCHANGED <<mem, disk, gone, granted, generation, manifest, crashes, wipes>>

(* The compare-and-swap in coordination, perhaps much later. *)
StoreConfiguration(p) ==
  /\ prop[p].storing
  /\ prop[p].generation = generation
  /\ generation' = IF Mistake = "NotJoint" THEN generation + 2 ELSE generation + 1
  /\ UNCHANGED <<mem, disk, gone, prop, granted, manifest, crashes, wipes>>

(* Proposer.stored: the next configuration is adopted, whoever stored it, by those that asked for it. *)
(* Leavers are forgotten: Followers.follow.                                                          *)
Adopt(p) ==
  LET q == prop[p]
      stays == All(generation)
  IN
  /\ q.storing \/ (Mistake = "AdoptUnasked" /\ IsLeading(p) /\ q.recovered)
  /\ generation = q.generation + 1 \/ (Mistake = "NotJoint" /\ generation > q.generation)
  /\ prop' = [prop EXCEPT
       ![p].generation = generation,
       ![p].storing = FALSE,
       ![p].acked = [a \in Acceptors |-> IF a \in stays THEN q.acked[a] ELSE -1],
       ![p].obeys = [a \in Acceptors |-> IF a \in stays THEN q.obeys[a] ELSE 0],
       ![p].since = [a \in Acceptors |-> IF a \in stays THEN q.since[a] ELSE generation]]
  /\ UNCHANGED <<mem, disk, gone, granted, generation, manifest, crashes, wipes>>

(* Acceptor.onConfigure *)
ReceiveConfigure(p, a) ==
  LET s == mem[a] IN
  /\ IsLeading(p) /\ Talks(p, a)
  /\ IsReadableBy(s, prop[p].term)
  /\ \E g \in Generations(p) :
       /\ ~IsOutdated(s, p, g, FALSE)
       /\ g > s.generation
       /\ Decide(p, a, [s EXCEPT !.generation = g], "")
  /\ UNCHANGED <<gone, granted, generation, manifest, crashes, wipes>>

(* Proposer.advanceChange: those that are members no more may drop the log. *)
Settle(p) ==
  LET g == prop[p].generation IN
  /\ IsLeading(p) /\ prop[p].recovered
  /\ g > 1 /\ ~IsJoint(g) /\ g \notin prop[p].settled
  /\ Obey(p)
  /\ prop' = [prop EXCEPT ![p].settled = @ \cup {g}]
  /\ UNCHANGED <<mem, disk, gone, granted, generation, manifest, crashes, wipes>>

(* Acceptor.onRetire *)
ReceiveRetire(p, a) ==
  /\ a \notin gone
  /\ \E g \in prop[p].settled :
       /\ a \notin All(g)
       /\ ~IsOutdated(mem[a], p, g, FALSE)
       /\ g > mem[a].generation
       /\ Decide(p, a, [NewAcceptor EXCEPT !.promised = prop[p].term, !.candidate = p,
                                           !.generation = g], "")
  /\ UNCHANGED <<gone, granted, generation, manifest, crashes, wipes>>

-----------------------------------------------------------------------------
(* Behaviours *)

Init ==
  /\ mem = [a \in Acceptors |-> NewAcceptor]
  /\ disk = mem
  /\ gone = {}
  /\ prop = [p \in Proposers |-> NewProposer]
  /\ granted = 0
  /\ generation = 1
  /\ manifest = [t \in Terms |-> 0]
  /\ crashes = MaxCrashes
  /\ wipes = MaxWipes

Next ==
  \/ \E p \in Proposers :
       \/ Start(p) \/ Propose(p) \/ Commit(p)
       \/ Load(p) \/ Publish(p) \/ Forget(p)
       \/ AskForNext(p) \/ StoreConfiguration(p) \/ Adopt(p) \/ Settle(p)
  \/ \E p \in Proposers, a \in Acceptors :
       \/ ReceiveVote(p, a) \/ ReceiveElected(p, a) \/ ReceiveAppend(p, a)
       \/ ReceiveForget(p, a) \/ ReceiveConfigure(p, a) \/ ReceiveRetire(p, a)
  \/ \E a \in Acceptors : Sync(a) \/ Crash(a) \/ Wipe(a)

Spec == Init /\ [][Next]_vars

-----------------------------------------------------------------------------
(* Invariants *)

Leaders == {p \in Proposers : IsLeading(p)}
States == {mem[a] : a \in Acceptors} \cup {disk[a] : a \in Acceptors}

Same(x, y) == x = y \/ x = Blank \/ y = Blank

(* A term has one leader, whoever else claims it, and under whatever configuration. *)
OneLeaderPerTerm == \A p, q \in Leaders : prop[p].term = prop[q].term => p = q

(* Two committed records at one position are equal. *)
CommittedAgree ==
  \A p, q \in Leaders : \A i \in 1..Min(prop[p].commit, prop[q].commit) :
    Same(prop[p].log[i], prop[q].log[i])

(* What was committed is in the log of every later leader. *)
NothingCommittedIsLost ==
  \A p, q \in Leaders :
    prop[p].term < prop[q].term =>
      /\ prop[p].commit <= Len(prop[q].log)
      /\ \A i \in 1..prop[p].commit : Same(prop[p].log[i], prop[q].log[i])

(* Whoever acknowledges a record of a leader has that leader's log up to there. *)
FollowersHoldTheLeadersLog ==
  \A a \in Acceptors : \A p \in Leaders :
    disk[a].candidate = p /\ disk[a].promised = prop[p].term /\ FollowsPromised(disk[a]) =>
      /\ Len(disk[a].log) <= Len(prop[p].log)
      /\ \A i \in 1..Len(disk[a].log) : Same(disk[a].log[i], prop[p].log[i])

(* Terms never decrease along a log, and the history knows who wrote each record. *)
HistoryTellsTheWriter ==
  \A s \in States :
    /\ IsHistory(s.history)
    /\ \A i \in 1..Len(s.log) :
         s.log[i] # Blank => prop[s.log[i]].term = TermAt(s.history, i - 1)

(* What the constructors of AcceptorState and Proposer take for granted. *)
PositionsInOrder ==
  /\ \A s \in States : s.start <= Len(s.log) /\ s.commit <= Len(s.log)
  /\ \A p \in Leaders : prop[p].logStart <= Len(prop[p].log) /\ prop[p].commit <= Len(prop[p].log)

(* Acceptor.onElected never has to refuse with XX000. *)
NeverCutsCommitted ==
  \A p \in Leaders, a \in Acceptors :
    WouldFollow(p, a, prop[p].generation) => CutAt(p, mem[a]) >= mem[a].commit

(* Only what the manifest that counts covers is forgotten, by anybody. *)
ForgetsOnlyPublished ==
  /\ \A s \in States : s.start <= Published
  /\ \A p \in Leaders : prop[p].logStart <= Published

(* An owner finds its manifest and its log to fit together (else XX001 in ShardOpener.open). *)
ManifestMeetsLog ==
  \A p \in Leaders : MayLoad(p) =>
    prop[p].logStart <= Published /\ Published <= Len(prop[p].log)
============================================================================
