"""Every result: its lemmas hold, its closed forms meet the solvers, and no other form would."""

import pytest
import sympy as sp

from leaderbored import theory

THOUSANDTH = sp.Rational(1001, 1000)


LONG = ("R24",)  # many games are solved for each of its forms
IDS = [pytest.param(id, marks=pytest.mark.slow) if id in LONG else id for id in theory.ids()]


@pytest.mark.parametrize("id", IDS)
def test_closed_forms_meet_the_solvers(id: str) -> None:
    check = theory.result(id).check(seed=1)
    assert check.passed, check


@pytest.mark.slow
@pytest.mark.parametrize("id", IDS)
def test_a_form_that_is_off_by_a_thousandth_or_by_its_sign_fails(id: str) -> None:
    result = theory.result(id)
    for name, form in result.derive().closed.items():
        for mutant in (form * THOUSANDTH, -form):
            seen = (result.check(samples=k, closed={name: mutant}) for k in (1, 3))
            assert not all(check.passed for check in seen), (name, mutant)


@pytest.mark.parametrize("id", theory.ids())
def test_the_forms_know_only_parameters_of_the_domain(id: str) -> None:
    result = theory.result(id)
    for form in result.derive().closed.values():
        assert form.free_symbols <= set(result.domain)
