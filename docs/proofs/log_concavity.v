(* Leaders build less the longer their lead if revenue is log-concave in it, more if it is
   log-convex (R6). With a cap the first is proved from the equation of the ladder alone; without
   one both are, from the equation and from values that scale and rise with revenue (steps 3 and 5
   of R6). Checked by Coq 8.16: coqc log_concavity.v *)

Require Import Reals Lra Lia.
Open Scope R_scope.

Definition ladder := nat -> R.  (* revenue by lead; also values by lead *)

Definition from_next (r : ladder) : ladder := fun g => r (S g).
Definition times (c : R) (r : ladder) : ladder := fun g => c * r g.
Definition positive (r : ladder) := forall g, 0 < r g.
Definition log_concave (r : ladder) := forall g, r g * r (S (S g)) <= r (S g) * r (S g).
Definition log_convex (r : ladder) := forall g, r (S g) * r (S g) <= r g * r (S (S g)).

Section Ladder.

Variable D : R.
Hypothesis discounting : 0 < D.

(* A rung: what a share is worth at a revenue and a gain, and the least best share. That the
   hazard h is concave is not needed; if it is strictly concave there is one best share. *)
Variable h : R -> R.
Hypothesis h_zero : h 0 = 0.
Hypothesis h_rises : forall low high, 0 <= low -> low <= high -> high <= 1 -> h low <= h high.

Definition stage (r gain b : R) := (1 - b) * r + h b * gain.

Variable share : R -> R -> R.
Hypothesis possible : forall r gain, 0 <= share r gain <= 1.
Hypothesis best : forall r gain b, 0 <= b <= 1 -> stage r gain b <= stage r gain (share r gain).
Hypothesis least : forall r gain b,
  0 <= b < share r gain -> stage r gain b < stage r gain (share r gain).

Definition Psi (r gain : R) := stage r gain (share r gain).

Lemma shares_scale : forall c r gain, 0 < c -> share (c * r) (c * gain) = share r gain.
Proof.
  intros c r gain pos.
  assert (forall b, stage (c * r) (c * gain) b = c * stage r gain b) as scale
    by (intros; unfold stage; ring).
  pose proof (possible r gain) as one. pose proof (possible (c * r) (c * gain)) as two.
  destruct (Rtotal_order (share (c * r) (c * gain)) (share r gain)) as [less|[same|more]].
  - pose proof (least r gain (share (c * r) (c * gain)) ltac:(lra)).
    pose proof (best (c * r) (c * gain) (share r gain) ltac:(lra)) as other.
    rewrite !scale in other. apply Rmult_le_reg_l in other; lra.
  - exact same.
  - pose proof (least (c * r) (c * gain) (share r gain) ltac:(lra)) as other.
    pose proof (best r gain (share (c * r) (c * gain)) ltac:(lra)).
    rewrite !scale in other. apply Rmult_lt_reg_l in other; lra.
Qed.

Lemma shares_rise : forall r low high, low <= high -> share r low <= share r high.
Proof.
  intros r low high order.
  destruct (Rle_lt_dec (share r low) (share r high)) as [|falls]; [assumption|exfalso].
  pose proof (possible r low). pose proof (possible r high).
  pose proof (least r low (share r high) ltac:(lra)) as at_low.
  pose proof (best r high (share r low) ltac:(lra)) as at_high.
  pose proof (h_rises (share r high) (share r low) ltac:(lra) ltac:(lra) ltac:(lra)).
  unfold stage in *. nra.
Qed.

Lemma shares_not_negative : forall r gain, 0 <= share r gain.
Proof. intros. apply possible. Qed.

(* Psi rises in the gain, strictly unless the best share is zero. *)
Lemma rising : forall r low high,
  0 < r -> low < high -> Psi r high <= Psi r low -> share r high = 0.
Proof.
  intros r low high pos order flat. unfold Psi in flat.
  destruct (Rle_lt_dec (share r high) 0) as [none|some];
    [pose proof (possible r high); lra|exfalso].
  pose proof (possible r low). pose proof (possible r high).
  pose proof (least r high 0 ltac:(lra)) as zero.
  pose proof (best r high (share r low) ltac:(lra)) as copied.
  pose proof (h_rises 0 (share r low) ltac:(lra) ltac:(lra) ltac:(lra)) as not_negative.
  rewrite h_zero in not_negative. unfold stage in *. rewrite h_zero in zero.
  assert (h (share r low) * (high - low) <= 0) by nra.
  assert (h (share r low) = 0) as nothing by nra.
  rewrite nothing in *. nra.
Qed.

(* Ladders and their values: the equation at the bottom, what is left after a rung, a scale, and
   that more revenue at every rung is worth more. *)
Variable solves : ladder -> ladder -> Prop.
Hypothesis bellman : forall r u, solves r u -> D * u 0%nat = Psi (r 0%nat) (u 1%nat - u 0%nat).
Hypothesis onwards : forall r u, solves r u -> solves (from_next r) (from_next u).
Hypothesis values_scale : forall c r u, 0 < c -> solves r u -> solves (times c r) (times c u).
Hypothesis values_rise : forall low u high v, solves low u -> solves high v ->
  (forall g, low g <= high g) -> u 0%nat <= v 0%nat.

Definition build (r u : ladder) (g : nat) := share (r g) (u (S g) - u g).

(* The ladder from rung 1 on, rescaled to start where the ladder does, and its values. *)
Definition factor (r : ladder) := r 0%nat / r 1%nat.
Definition rival (r : ladder) : ladder := times (factor r) (from_next r).
Definition worth (r u : ladder) : ladder := times (factor r) (from_next u).

Lemma factor_positive : forall r, positive r -> 0 < factor r.
Proof. intros r p. apply Rdiv_lt_0_compat; apply p. Qed.

Lemma rival_solves : forall r u, positive r -> solves r u -> solves (rival r) (worth r u).
Proof. intros. apply values_scale; [apply factor_positive|apply onwards]; assumption. Qed.

Lemma rival_start : forall r, positive r -> rival r 0%nat = r 0%nat.
Proof.
  intros r p. unfold rival, factor, times, from_next. pose proof (p 1%nat). field. lra.
Qed.

Lemma rival_build : forall r u, positive r -> build (rival r) (worth r u) 0 = build r u 1.
Proof.
  intros r u p. unfold build, rival, worth, times, from_next.
  rewrite <- Rmult_minus_distr_l. apply shares_scale, factor_positive, p.
Qed.

(* Ratios of neighbours fall, or rise, along the ladder. *)
Lemma ratios_fall : forall r, positive r -> log_concave r ->
  forall g, r (S g) * r 0%nat <= r 1%nat * r g.
Proof.
  intros r p c g. induction g as [|g IH]; [lra|].
  pose proof (p g) as pg. pose proof (c g) as cg. pose proof (p (S g)) as ps.
  pose proof (p 0%nat) as p0.
  apply Rmult_le_reg_l with (r g); [exact pg|].
  apply Rle_trans with (r (S g) * r (S g) * r 0%nat); [nra|].
  replace (r g * (r 1%nat * r (S g))) with (r (S g) * (r 1%nat * r g)) by ring.
  nra.
Qed.

Lemma ratios_rise : forall r, positive r -> log_convex r ->
  forall g, r 1%nat * r g <= r (S g) * r 0%nat.
Proof.
  intros r p c g. induction g as [|g IH]; [lra|].
  pose proof (p g) as pg. pose proof (c g) as cg. pose proof (p (S g)) as ps.
  pose proof (p 0%nat) as p0.
  apply Rmult_le_reg_l with (r g); [exact pg|].
  apply Rle_trans with (r (S g) * r (S g) * r 0%nat); [|nra].
  replace (r g * (r 1%nat * r (S g))) with (r (S g) * (r 1%nat * r g)) by ring.
  nra.
Qed.

Lemma rival_below : forall r, positive r -> log_concave r -> forall g, rival r g <= r g.
Proof.
  intros r p c g. unfold rival, factor, times, from_next.
  pose proof (ratios_fall r p c g). pose proof (p 1%nat).
  apply Rmult_le_reg_l with (r 1%nat); [assumption|].
  replace (r 1%nat * (r 0%nat / r 1%nat * r (S g))) with (r (S g) * r 0%nat) by (field; lra).
  assumption.
Qed.

Lemma rival_above : forall r, positive r -> log_convex r -> forall g, r g <= rival r g.
Proof.
  intros r p c g. unfold rival, factor, times, from_next.
  pose proof (ratios_rise r p c g). pose proof (p 1%nat).
  apply Rmult_le_reg_l with (r 1%nat); [assumption|].
  replace (r 1%nat * (r 0%nat / r 1%nat * r (S g))) with (r (S g) * r 0%nat) by (field; lra).
  assumption.
Qed.

(* Of two ladders that start at one revenue the one that is worth less builds less there. *)
Lemma worth_less_builds_less : forall low u high v, solves low u -> solves high v ->
  low 0%nat = high 0%nat -> 0 < high 0%nat -> u 0%nat <= v 0%nat -> build low u 0 <= build high v 0.
Proof.
  intros low u high v sl sh start p less. unfold build. rewrite start.
  destruct (Rle_lt_dec (u 1%nat - u 0%nat) (v 1%nat - v 0%nat)) as [falls|exceeds].
  - apply shares_rise. assumption.
  - rewrite (rising (high 0%nat) (v 1%nat - v 0%nat) (u 1%nat - u 0%nat));
      auto using shares_not_negative.
    rewrite <- (bellman high v sh), <- start, <- (bellman low u sl).
    apply Rmult_le_compat_l; lra.
Qed.

Theorem log_concave_falls : forall g r u, positive r -> solves r u -> log_concave r ->
  build r u (S g) <= build r u g.
Proof.
  induction g as [|g IH]; intros r u p s c.
  - rewrite <- (rival_build r u p).
    apply worth_less_builds_less; auto using rival_solves, rival_start.
    eapply values_rise; eauto using rival_solves, rival_below.
  - change (build (from_next r) (from_next u) (S g) <= build (from_next r) (from_next u) g).
    apply IH; auto; intros k; [apply p|apply c].
Qed.

Theorem log_convex_rises : forall g r u, positive r -> solves r u -> log_convex r ->
  build r u g <= build r u (S g).
Proof.
  induction g as [|g IH]; intros r u p s c.
  - rewrite <- (rival_build r u p).
    apply worth_less_builds_less; auto using rival_solves.
    + symmetry. apply rival_start, p.
    + rewrite rival_start; auto.
    + eapply values_rise; eauto using rival_solves, rival_above.
  - change (build (from_next r) (from_next u) g <= build (from_next r) (from_next u) (S g)).
    apply IH; auto; intros k; [apply p|apply c].
Qed.

Theorem log_linear_neutral : forall g r u, positive r -> solves r u ->
  log_concave r -> log_convex r -> build r u (S g) = build r u g.
Proof.
  intros. apply Rle_antisym; [apply log_concave_falls|apply log_convex_rises]; assumption.
Qed.

End Ladder.

Section Capped.

Variables (D : R) (h : R -> R) (share : R -> R -> R).
Hypothesis discounting : 0 < D.
Hypothesis h_zero : h 0 = 0.
Hypothesis h_rises : forall low high, 0 <= low -> low <= high -> high <= 1 -> h low <= h high.
Hypothesis possible : forall r gain, 0 <= share r gain <= 1.
Hypothesis best : forall r gain b, 0 <= b <= 1 -> stage h r gain b <= stage h r gain (share r gain).
Hypothesis least : forall r gain b,
  0 <= b < share r gain -> stage h r gain b < stage h r gain (share r gain).

(* The equation at every rung; from the cap on revenue repeats, and is sold for ever. *)
Definition capped (r u : ladder) :=
  (forall g, D * u g = Psi h share (r g) (u (S g) - u g)) /\
  exists G, forall g, (G <= g)%nat -> r g = r G /\ D * u g = r g.

Lemma capped_onwards : forall r u, capped r u -> capped (from_next r) (from_next u).
Proof.
  intros r u [every [G top]]. split; [intros g; apply every|].
  exists G. intros g high. unfold from_next. destruct (top (S g) ltac:(lia)) as [same sold].
  destruct (top (S G) ltac:(lia)) as [same' _]. split; [congruence|assumption].
Qed.

Lemma Psi_scales : forall c r gain, 0 < c ->
  Psi h share (c * r) (c * gain) = c * Psi h share r gain.
Proof.
  intros c r gain pos. unfold Psi. rewrite shares_scale with (h := h); auto.
  unfold stage. ring.
Qed.

Lemma capped_scale : forall c r u, 0 < c -> capped r u -> capped (times c r) (times c u).
Proof.
  intros c r u pos [every [G top]]. split.
  - intros g. unfold times. rewrite <- Rmult_minus_distr_l, Psi_scales by assumption.
    rewrite <- every. ring.
  - exists G. intros g high. unfold times. destruct (top g high) as [same sold].
    rewrite same in *. split; [reflexivity|]. rewrite <- sold. ring.
Qed.

Lemma Psi_rises : forall r r' gain gain', r <= r' -> gain <= gain' ->
  Psi h share r gain <= Psi h share r' gain'.
Proof.
  intros r r' gain gain' more_revenue more_gain.
  pose proof (possible r gain) as range.
  pose proof (best r' gain' (share r gain) range) as copied.
  pose proof (h_rises 0 (share r gain) ltac:(lra) ltac:(lra) ltac:(lra)) as not_negative.
  rewrite h_zero in not_negative. unfold Psi, stage in *. nra.
Qed.

Lemma capped_rises : forall low u high v, capped low u -> capped high v ->
  (forall g, low g <= high g) -> u 0%nat <= v 0%nat.
Proof.
  intros low u high v [every [G top]] [every' [G' top']] below.
  assert (forall down g, (g + down >= Nat.max G G')%nat -> u g <= v g) as all.
  { induction down as [|down IH]; intros g far.
    - destruct (top g ltac:(lia)) as [_ sold]. destruct (top' g ltac:(lia)) as [_ sold'].
      pose proof (below g). apply Rmult_le_reg_l with D; lra.
    - specialize (IH (S g) ltac:(lia)).
      destruct (Rle_lt_dec (u g) (v g)) as [|above]; [assumption|exfalso].
      pose proof (Psi_rises (low g) (high g) (u (S g) - u g) (v (S g) - v g) (below g) ltac:(lra)).
      rewrite <- every, <- every' in *. apply Rmult_le_reg_l in H; lra. }
  apply (all (Nat.max G G')). lia.
Qed.

(* With a cap: shares fall in the lead where revenue is log-concave. *)
Theorem capped_log_concave_falls : forall g r u, positive r -> capped r u -> log_concave r ->
  build share r u (S g) <= build share r u g.
Proof.
  apply log_concave_falls with (D := D) (h := h); auto.
  - intros r u [every _]. apply every.
  - apply capped_onwards.
  - apply capped_scale.
  - apply capped_rises.
Qed.

End Capped.

Print Assumptions log_linear_neutral.
Print Assumptions capped_log_concave_falls.
