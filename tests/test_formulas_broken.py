"""Broken formulas by the thousand: each is a formula after all, or refused with a caret and in its
place; never a traceback."""

import json
import random
import re
import warnings

import pytest
from formulas_drawn import Kit, formula
from sympy import Symbol

from leaderbored.games.expression import Definition, ExpressionError, Grid, Law, Share, read
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError

PIECES = (
    *"()[]+-*/^,.=<#\\'\"@~%{}:|&!?; \n",
    *("**", "q", "A.q", "B.q", "A.", "sum(", "others(", "E[t](", "E[", "max(", "mean(", "prod("),
    *("lambda", "if", "else", "not", "and", "for", "in", "import", "True", "None", "__"),
    *("1e9", "9**9", "0", ".5", "1j", "0x1", "1_0", "1e999", "w[", "w[0]", "w[9]", "w[q]"),
    *("P", "Q", "t", "gamma(", "floor(", "N", "pi", "e", "log(0)", "1/0", "sqrt(-1)"),
    *("²", "≤", "é", "λ", "\0", "\u202e", "\ud800", "\ua66e", "ﬁ", ":=", "=="),
)


def broken(text: str, draw: random.Random) -> str:
    """A formula after one to four slips."""
    for _ in range(draw.randint(1, 4)):
        i, j = sorted((draw.randrange(len(text) + 1), draw.randrange(len(text) + 1)))
        text = draw.choice(
            [
                text[:i] + draw.choice(PIECES) + text[i:],
                text[:i] + text[min(j, i + 6) :],
                text[:i] + text[i:j] + text[i:],
                text[:i] + draw.choice(PIECES) + text[i + 1 :],
                text[i:] + text[:i],
            ]
        )
    return text


def drawn(draw: random.Random) -> str:
    law, defined = [(1.0, 0.5), (2.0, 0.5)], {"P": ("P", lambda seat: 0.0)}
    kit = Kit(True, {"t": law}, {"w": [1.0, 2.0, 3.0]}, defined, {"A.q": 1.0, "B.q": 1.0})
    return formula(draw, ["a", "q", "c"], draw.choice([1, 2, 3]), kit)[0]


def test_thousands_of_broken_formulas_are_read_or_refused_with_a_caret() -> None:
    draw, refused = random.Random(7), 0
    common = {
        "a": 1.5,
        "t": Law((1.0, 2.0), (0.5, 0.5), "random.t"),
        "w": Grid("0", (3,)),
        "P": Definition("a - Q", "let.P"),
        "Q": Definition("sum(q)", "let.Q"),
        "N": 3,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(4000):
            text = broken(drawn(draw), draw)
            totals = [Share({**common, "q": 1, "c": 2}, own=True), Share({**common, "q": 2}, 2)]
            try:
                read(text, {**common, "q": 1, "c": 2, "B.q": 2, "A.q": 1}, totals)
            except ExpressionError as error:
                refused += 1
                said = str(error).split("\n")
                for first, shown, caret in zip(said[::3], said[1::3], said[2::3], strict=True):
                    assert first
                    assert caret.strip() == "^"
                    assert len(caret) <= len(shown) + 1
                assert len(str(error)) < 4000
    assert refused > 2000


def told(text: str, names: dict[str, object], shares: list[Share]) -> list[int]:
    """The columns of what is wrong with a formula."""
    try:
        read(text, names, shares)
    except ExpressionError as error:
        return [each.column for each in error.each]
    return []


def test_every_name_that_means_nothing_is_told_and_nothing_else() -> None:
    draw, several = random.Random(3), 0
    names = {"a": Symbol("a"), "c": Symbol("c"), "w": Grid("0", (3,)), "N": 3}
    names |= {"e": 2.5, "pi": 3}
    names |= {"t": Law((1.0, 2.0), (0.5, 0.5), "random.t"), "P": Definition("a * c", "let.P")}
    names |= {"q": Symbol("q"), "A.q": Symbol("q"), "B.q": Symbol("p")}
    shares = [Share(names, own=True), Share({**names, "q": Symbol("p")}, 2)]
    for _ in range(300):
        text = drawn(draw)
        if told(text, names, shares):  # log(-2)
            continue
        leaves = [leaf.start() for leaf in re.finditer(r"(?<![\w.])[aqc](?![\w.(])", text)]
        chosen = sorted(draw.sample(leaves, draw.randint(0, min(4, len(leaves)))))
        wrong = "".join("x" if k in chosen else letter for k, letter in enumerate(text))
        assert told(wrong, names, shares) == chosen, wrong
        several += len(chosen) > 1
    assert several > 20


@pytest.mark.parametrize("seed", range(2))
def test_broken_formulas_in_files_are_named_by_their_place(seed: int) -> None:
    draw, told = random.Random(seed), 0
    for _ in range(60):
        wrong = broken(drawn(draw), draw).replace("\ud800", "")
        key = draw.choice(["payoff", "let.P", "parameters.b", "strategies.q"])
        say = {"payoff": "P * q", "let.P": "a - Q", "parameters.b": "2 * a", "strategies.q": "b"}
        said = {k: json.dumps(wrong if k == key else text) for k, text in say.items()}
        try:
            loads(
                'kind = "continuous"\n'
                f"parameters = {{ a = 1.5, c = 0.5, w = [1, 2, 3], b = {said['parameters.b']} }}\n"
                f'let = {{ P = {said["let.P"]}, Q = "sum(q)" }}\n'
                "random = { t = { values = [1, 2] } }\n"
                "[[players]]\n"
                f'name = "A"\nstrategies = {{ q = [0, {said["strategies.q"]}] }}\n'
                f"payoff = {said['payoff']}\n"
                '[[players]]\nname = "B"\nstrategies = { q = [0, 1] }\npayoff = "q * P"\n'
            )
        except GameFileError as error:
            places = {mistake.place for mistake in error.mistakes}
            assert "file" in places or any(key in place for place in places), (wrong, places)
            assert all(mistake.line or mistake.place == "file" for mistake in error.mistakes)
            told += 1
    assert told > 30


def test_what_is_written_out_without_end_is_refused_at_once() -> None:
    doubling = {f"d{k}": Definition(f"d{k + 1} * d{k + 1} + 1", f"let.d{k}") for k in range(40)}
    with pytest.raises(ExpressionError, match="longer than"):
        read("d0", {**doubling, "d40": Definition("x", "let.d40"), "x": Symbol("x")})
    law = Law(tuple(float(k) for k in range(60)), (1 / 60,) * 60, "random.t")
    names = {"t": law, "u": law, "v": law}
    with pytest.raises(ExpressionError, match="longer than"):
        read("E[t, u, v](log(1 + t * u * v))", names)
    totals = [Share({"q": k}) for k in range(60)]
    with pytest.raises(ExpressionError, match="longer than"):
        read("sum(sum(sum(q * q)))", {}, totals)
