(* Leaders build less the longer their lead if revenue is log-concave in it, more if it is
   log-convex (R6). What is assumed of the values of ladders is what R6 argues for in its steps 3, 5 and 8 and
   the equation of the ladder; the rest is proved here. Checked by Coq 8.16: coqc log_concavity.v *)

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

(* The values of ladders of a class closed under what the proof does with it. *)
Variable fit : ladder -> Prop.
Variable value : ladder -> ladder.
Hypothesis fit_next : forall r, fit r -> fit (from_next r).
Hypothesis fit_times : forall c r, 0 < c -> fit r -> fit (times c r).
Hypothesis bellman : forall r, fit r ->
  D * value r 0%nat = Psi (r 0%nat) (value r 1%nat - value r 0%nat).
Hypothesis onwards : forall r g, fit r -> value (from_next r) g = value r (S g).
Hypothesis values_scale : forall c r g, 0 < c -> fit r -> value (times c r) g = c * value r g.
Hypothesis values_rise : forall low high, fit low -> fit high ->
  (forall g, low g <= high g) -> value low 0%nat <= value high 0%nat.

Definition gain (r : ladder) (g : nat) := value r (S g) - value r g.
Definition build (r : ladder) (g : nat) := share (r g) (gain r g).

(* The ladder from rung 1 on, rescaled to start where the ladder does. *)
Definition rival (r : ladder) : ladder := times (r 0%nat / r 1%nat) (from_next r).

Lemma factor_positive : forall r, positive r -> 0 < r 0%nat / r 1%nat.
Proof. intros r p. apply Rdiv_lt_0_compat; apply p. Qed.

Lemma rival_fit : forall r, positive r -> fit r -> fit (rival r).
Proof. intros. apply fit_times; [apply factor_positive|apply fit_next]; assumption. Qed.

Lemma rival_start : forall r, positive r -> rival r 0%nat = r 0%nat.
Proof.
  intros r p. unfold rival, times, from_next. pose proof (p 1%nat). field. lra.
Qed.

Lemma rival_value : forall r g, positive r -> fit r ->
  value (rival r) g = r 0%nat / r 1%nat * value r (S g).
Proof.
  intros r g p f. unfold rival. rewrite values_scale, onwards; auto using factor_positive.
Qed.

Lemma rival_build : forall r, positive r -> fit r ->
  share (r 0%nat) (value (rival r) 1%nat - value (rival r) 0%nat) = build r 1.
Proof.
  intros r p f. rewrite !rival_value by assumption.
  rewrite <- (rival_start r p) at 1. unfold rival, times, from_next.
  rewrite <- Rmult_minus_distr_l. apply shares_scale. apply factor_positive. exact p.
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
  intros r p c g. unfold rival, times, from_next.
  pose proof (ratios_fall r p c g). pose proof (p 1%nat).
  apply Rmult_le_reg_l with (r 1%nat); [assumption|].
  replace (r 1%nat * (r 0%nat / r 1%nat * r (S g))) with (r (S g) * r 0%nat) by (field; lra).
  assumption.
Qed.

Lemma rival_above : forall r, positive r -> log_convex r -> forall g, r g <= rival r g.
Proof.
  intros r p c g. unfold rival, times, from_next.
  pose proof (ratios_rise r p c g). pose proof (p 1%nat).
  apply Rmult_le_reg_l with (r 1%nat); [assumption|].
  replace (r 1%nat * (r 0%nat / r 1%nat * r (S g))) with (r (S g) * r 0%nat) by (field; lra).
  assumption.
Qed.

(* Two ladders that start at one revenue: the one that is worth less builds less there. *)
Lemma worth_less_builds_less : forall low high, fit low -> fit high ->
  low 0%nat = high 0%nat -> 0 < high 0%nat -> value low 0%nat <= value high 0%nat ->
  share (high 0%nat) (gain low 0) <= build high 0.
Proof.
  intros low high fl fh start p less. unfold build.
  destruct (Rle_lt_dec (gain low 0) (gain high 0)) as [falls|exceeds].
  - apply shares_rise. assumption.
  - rewrite (rising (high 0%nat) (gain high 0) (gain low 0)); auto using shares_not_negative.
    unfold gain. rewrite <- (bellman high fh), <- start, <- (bellman low fl).
    apply Rmult_le_compat_l; lra.
Qed.

Lemma at_the_bottom : forall r, positive r -> fit r -> log_concave r -> build r 1 <= build r 0.
Proof.
  intros r p f c. rewrite <- (rival_build r p f).
  apply worth_less_builds_less; auto using rival_fit, rival_start.
  apply values_rise; auto using rival_fit, rival_below.
Qed.

Lemma at_the_bottom_convex : forall r, positive r -> fit r -> log_convex r ->
  build r 0 <= build r 1.
Proof.
  intros r p f c. rewrite <- (rival_build r p f).
  pose proof (rival_start r p) as start.
  assert (share (rival r 0%nat) (gain r 0) <= build (rival r) 0) as less.
  { apply worth_less_builds_less; auto using rival_fit.
    - rewrite start. apply p.
    - apply values_rise; auto using rival_fit, rival_above. }
  unfold build in *. rewrite start in less. exact less.
Qed.

Lemma next_build : forall r g, fit r -> build (from_next r) g = build r (S g).
Proof. intros. unfold build, gain. rewrite !onwards by assumption. reflexivity. Qed.

Theorem log_concave_falls : forall g r, positive r -> fit r -> log_concave r ->
  build r (S g) <= build r g.
Proof.
  induction g as [|g IH]; intros r p f c; [apply at_the_bottom; assumption|].
  rewrite <- (next_build r (S g) f), <- (next_build r g f).
  apply IH; auto; intros k; [apply p|apply c].
Qed.

Theorem log_convex_rises : forall g r, positive r -> fit r -> log_convex r ->
  build r g <= build r (S g).
Proof.
  induction g as [|g IH]; intros r p f c; [apply at_the_bottom_convex; assumption|].
  rewrite <- (next_build r (S g) f), <- (next_build r g f).
  apply IH; auto; intros k; [apply p|apply c].
Qed.

Theorem log_linear_neutral : forall g r, positive r -> fit r -> log_concave r -> log_convex r ->
  build r (S g) = build r g.
Proof.
  intros. apply Rle_antisym; [apply log_concave_falls|apply log_convex_rises]; assumption.
Qed.

End Ladder.

Print Assumptions log_linear_neutral.
