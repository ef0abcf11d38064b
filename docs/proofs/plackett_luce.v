(* The law of Plackett and Luce is stationary under moves to the front (R12), for any number of
   labs and any positive weights. Checked by Coq 8.16: coqc plackett_luce.v *)

Require Import Reals List Lra.
Import ListNotations.
Open Scope R_scope.

Section League.

Variable lab : Type.
Variable same : forall i j : lab, {i = j} + {i <> j}.
Variable m : lab -> R.  (* the rate at which a lab calls *)
Hypothesis positive : forall i, 0 < m i.

Fixpoint total (l : list lab) : R :=
  match l with [] => 0 | i :: l' => m i + total l' end.

(* The chance of a ranking: the first among all, the second among the others, and so on. *)
Fixpoint law (l : list lab) : R :=
  match l with [] => 1 | i :: l' => m i / total l * law l' end.

(* All rankings in which lab i is put somewhere into a ranking of others. *)
Fixpoint put (i : lab) (l : list lab) : list (list lab) :=
  match l with
  | [] => [[i]]
  | j :: l' => (i :: l) :: map (cons j) (put i l')
  end.

Definition to_front (i : lab) (l : list lab) : list lab := i :: remove same i l.

Fixpoint sum (ls : list (list lab)) : R :=
  match ls with [] => 0 | l :: ls' => law l + sum ls' end.

Lemma total_not_negative : forall l, 0 <= total l.
Proof.
  induction l as [|i l IH]; simpl; [lra|]. pose proof (positive i). lra.
Qed.

Lemma total_put : forall i l p, In p (put i l) -> total p = m i + total l.
Proof.
  intros i l; induction l as [|j l IH]; simpl; intros p H.
  - destruct H as [<-|[]]; reflexivity.
  - destruct H as [<-|H]; [reflexivity|].
    apply in_map_iff in H as [q [<- H]]. simpl. rewrite (IH q H). ring.
Qed.

Lemma sum_cons : forall j s ls,
  (forall p, In p ls -> total p = s) -> sum (map (cons j) ls) = m j / (m j + s) * sum ls.
Proof.
  intros j s ls; induction ls as [|p ls IH]; simpl; intros H; [ring|].
  rewrite IH by auto. rewrite (H p) by auto. ring.
Qed.

(* The chances of all rankings in which i is put into l add up to that of l among the others. *)
Theorem put_adds_up : forall i l, sum (put i l) = law l.
Proof.
  intros i l; induction l as [|j l IH]; simpl.
  - pose proof (positive i). field. lra.
  - rewrite (sum_cons j (m i + total l)) by (apply total_put). rewrite IH.
    pose proof (positive i); pose proof (positive j); pose proof (total_not_negative l).
    field. repeat split; lra.
Qed.

(* What enters a ranking, itself included, is what leaves it: the law is stationary. *)
Theorem balance : forall i l, m i * sum (put i l) = total (i :: l) * law (i :: l).
Proof.
  intros i l. rewrite put_adds_up. simpl.
  pose proof (positive i); pose proof (total_not_negative l). field. lra.
Qed.

(* And what enters it is all of that: a call of i leads to i :: l from the rankings in put i l,
   each of which is met once, and no other call leads there. *)
Lemma remove_absent : forall i l, ~ In i l -> remove same i l = l.
Proof.
  intros i l; induction l as [|j l IH]; simpl; intros H; [reflexivity|].
  destruct (same i j) as [->|_]; [tauto|]. rewrite IH; tauto.
Qed.

Theorem entered_from : forall i l p, NoDup (i :: l) ->
  (In p (put i l) <-> NoDup p /\ In i p /\ to_front i p = i :: l).
Proof.
  intros i l p league. inversion league as [|? ? absent nodup]; subst. clear league.
  unfold to_front. split.
  - revert p. induction l as [|j l IH]; simpl; intros p H.
    + destruct H as [<-|[]]. simpl. destruct (same i i); [|tauto].
      repeat split; auto. constructor; [tauto|constructor].
    + simpl in absent. inversion nodup as [|? ? fresh rest]; subst.
      destruct H as [<-|H].
      * repeat split; [|simpl; auto|].
        -- constructor; [simpl; tauto|exact nodup].
        -- f_equal. simpl. destruct (same i i); [|tauto].
           destruct (same i j) as [->|]; [tauto|]. f_equal. apply remove_absent. tauto.
      * apply in_map_iff in H as [q [<- H]].
        destruct (IH ltac:(tauto) rest q H) as [once [has front]].
        injection front as front.
        assert (~ In j q) as new.
        { intro inside. apply fresh. rewrite <- front.
          apply in_in_remove; [|exact inside]. intros ->. tauto. }
        repeat split; [constructor; assumption|simpl; auto|].
        f_equal. simpl. destruct (same i j) as [->|]; [tauto|]. f_equal. exact front.
  - intros [once [has front]]. injection front as front.
    clear absent nodup. revert l front. induction p as [|j p IH]; [destruct has|].
    intros l front. inversion once as [|? ? fresh rest]; subst. simpl in *.
    destruct (same i j) as [->|differ].
    + rewrite remove_absent by assumption. destruct p; simpl; auto.
    + destruct has as [->|has]; [tauto|]. simpl. right. apply in_map. auto.
Qed.

Theorem no_other_call : forall i j l p, to_front j p = i :: l -> j = i.
Proof. intros i j l p H. injection H. auto. Qed.

(* Probabilities add up to one. *)
Fixpoint rankings (l : list lab) : list (list lab) :=
  match l with [] => [[]] | i :: l' => flat_map (put i) (rankings l') end.

Lemma sum_app : forall a b, sum (a ++ b) = sum a + sum b.
Proof. induction a as [|l a IH]; simpl; intros b; [ring|]. rewrite IH. ring. Qed.

Theorem adds_up_to_one : forall l, sum (rankings l) = 1.
Proof.
  induction l as [|i l IH]; simpl; [ring|]. rewrite <- IH. clear IH.
  induction (rankings l) as [|p ps IH]; simpl; [reflexivity|].
  rewrite sum_app, put_adds_up, IH. reflexivity.
Qed.

End League.

Print Assumptions balance.
