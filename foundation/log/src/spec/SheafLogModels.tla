--------------------------- MODULE SheafLogModels ---------------------------
(* What the models of SheafLog choose from: chains of configurations, and states to begin at. *)
EXTENDS SheafLog

CONSTANTS a1, a2, a3, a4, p1, p2

Conf(members, newMembers) == [members |-> members, newMembers |-> newMembers]

(* Members never change. *)
Static == <<Conf(Acceptors, {})>>

(* One of three is replaced: by another node, or by its own next incarnation. *)
Replace == <<Conf({a1, a2, a3}, {}), Conf({a1, a2, a3}, {a1, a2, a4}), Conf({a1, a2, a4}, {})>>

(* One goes for another. *)
Swap == <<Conf({a1}, {}), Conf({a1}, {a2}), Conf({a2}, {})>>

(* One goes for another, and comes back. *)
Return == <<Conf({a1}, {}), Conf({a1}, {a2}), Conf({a2}, {}), Conf({a2}, {a1}), Conf({a1}, {})>>

(* One becomes three. *)
Grow == <<Conf({a1}, {}), Conf({a1}, {a1, a2, a3}), Conf({a1, a2, a3}, {})>>

AllAlike == Permutations(Acceptors) \cup Permutations(Proposers)
OwnersAlike == Permutations(Proposers)
LaterOwnersAlike == Permutations(Proposers \ {p1, p2})

-----------------------------------------------------------------------------
(* States to begin at. All are reachable: ReachesLagging and its like say so by their violation.   *)

Rest ==
  /\ disk = mem /\ gone = {} /\ generation = 1
  /\ manifest = [t \in Terms |-> 0]
  /\ crashes = MaxCrashes /\ wipes = MaxWipes

FirstHistory == <<Entry(0, 0), Entry(1, 0)>>
SecondHistory == <<Entry(1, 0), Entry(2, 0)>>

FollowsFirst ==
  [NewAcceptor EXCEPT !.promised = 1, !.candidate = p1, !.generation = 1,
                      !.history = <<Entry(1, 0)>>]
LeadsFirst ==
  [NewProposer EXCEPT !.stage = "leading", !.term = 1, !.opened = 1, !.generation = 1,
                      !.history = FirstHistory, !.log = <<p1, p1>>, !.recovered = TRUE]

(* Raft's figure 8 in small: the first owner's two records are on one acceptor only, the second one  *)
(* leads an acceptor that has none of them, and has the promise of the third.                        *)
Lagging ==
  /\ mem = [a \in Acceptors |->
       CASE a = a1 -> [FollowsFirst EXCEPT !.log = <<p1, p1>>]
         [] a = a2 -> [FollowsFirst EXCEPT !.promised = 2, !.candidate = p2,
                                           !.history = <<Entry(2, 0)>>]
         [] OTHER -> [NewAcceptor EXCEPT !.promised = 2, !.candidate = p2, !.generation = 1]]
  /\ prop = [p \in Proposers |->
       CASE p = p1 -> [LeadsFirst EXCEPT !.acked = (a1 :> 2 @@ a2 :> 0 @@ a3 :> -1),
                                         !.obeys = (a1 :> 1 @@ a2 :> 1 @@ a3 :> 0)]
         [] p = p2 -> [NewProposer EXCEPT !.stage = "leading", !.term = 2, !.opened = 1,
                                          !.generation = 1, !.history = SecondHistory,
                                          !.acked = (a1 :> -1 @@ a2 :> 0 @@ a3 :> -1),
                                          !.obeys = (a1 :> 0 @@ a2 :> 1 @@ a3 :> 0)]
         [] OTHER -> NewProposer]
  /\ granted = 2
  /\ Rest

(* The first owner's two records are committed on two acceptors, the third has none of them. *)
Half ==
  /\ mem = [a \in Acceptors |->
       CASE a \in {a1, a2} -> [FollowsFirst EXCEPT !.log = <<p1, p1>>, !.commit = 1]
         [] a = a3 -> FollowsFirst
         [] OTHER -> NewAcceptor]
  /\ prop = [p \in Proposers |->
       IF p = p1
       THEN [LeadsFirst EXCEPT !.commit = 2, !.base = IF Forgetting THEN 0 ELSE -1,
               !.acked = [a \in Acceptors |->
                            IF a \in {a1, a2} THEN 2 ELSE IF a = a3 THEN 0 ELSE -1],
               !.obeys = [a \in Acceptors |-> IF a \in {a1, a2, a3} THEN 1 ELSE 0]]
       ELSE NewProposer]
  /\ granted = 1
  /\ Rest

(* The first owner's two records are on one acceptor only; the second owner's one is committed on    *)
(* the other two.                                                                                    *)
Superseded ==
  /\ mem = [a \in Acceptors |->
       IF a = a1 THEN [FollowsFirst EXCEPT !.log = <<p1, p1>>]
       ELSE [FollowsFirst EXCEPT !.promised = 2, !.candidate = p2,
                                 !.history = <<Entry(2, 0)>>, !.log = <<p2>>]]
  /\ prop = [p \in Proposers |->
       CASE p = p1 -> [LeadsFirst EXCEPT !.acked = (a1 :> 2 @@ a2 :> 0 @@ a3 :> -1),
                                         !.obeys = (a1 :> 1 @@ a2 :> 1 @@ a3 :> 0)]
         [] p = p2 -> [LeadsFirst EXCEPT !.term = 2, !.history = SecondHistory, !.log = <<p2>>,
                                         !.commit = 1,
                                         !.acked = (a1 :> -1 @@ a2 :> 1 @@ a3 :> 1),
                                         !.obeys = (a1 :> 0 @@ a2 :> 1 @@ a3 :> 1)]
         [] OTHER -> NewProposer]
  /\ granted = 2
  /\ Rest

FromLagging == Lagging /\ [][Next]_vars
FromSuperseded == Superseded /\ [][Next]_vars
FromHalf == Half /\ [][Next]_vars

ReachesLagging == ~Lagging
ReachesSuperseded == ~Superseded
ReachesHalf == ~Half
=============================================================================
