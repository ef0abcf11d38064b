"""How a game would be solved, as a page in the terminal and as plain data."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from leaderbored.solvers.explain import Explanation
from leaderbored.views.sheet import Cells, blank, pairs, sheet


def explain_page(found: Explanation) -> RenderableType:
    """What the game becomes, by which method it is solved, and what may be asked of it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(explain_page(lb.explain(lb.NormalForm([[[1, 0], [0, 1]]] * 2))))
    >>> "solved by FiniteMethod in leaderbored.solvers.finite" in shown.get()
    True
    """
    title = getattr(found.game, "name", "") or found.kind
    return sheet(title, headline(found), _chain(found), _method(found), *_verbs(found))


def headline(found: Explanation) -> str:
    """Where it is solved and by what, in a sentence.

    Examples
    --------
    >>> import leaderbored as lb
    >>> headline(lb.explain(lb.NormalForm([[1, 2]])))
    'A game of kind normal-form, solved by FiniteMethod in leaderbored.solvers.finite'
    """
    return f"A game of kind {found.kind}, solved by {found.method} in {found.room}"


def explain_report(found: Explanation) -> dict[str, Any]:
    """One JSON-ready object, without the game itself.

    Examples
    --------
    >>> import leaderbored as lb
    >>> explain_report(lb.explain(lb.NormalForm([[1, 2]])))["steps"][0]["size"]
    {'players': 1, 'profiles': 2, 'unknowns': 2}
    """
    return {
        "kind": found.kind,
        "headline": f"{headline(found)}.",
        "steps": [{"kind": s.kind, "what": s.what, "size": s.size} for s in found.steps],
        "room": found.room,
        "method": found.method,
        "defaults": found.defaults,
        "options": list(found.options),
        "expected": found.expected,
        "answers": list(found.answers),
        "refusals": found.refusals,
    }


def _chain(found: Explanation) -> Cells:
    heads = list(dict.fromkeys(word for step in found.steps for word in step.size))
    table = blank(1)
    table.add_column()
    table.add_column("kind")
    for head in heads:
        table.add_column(head.replace(" ", "\n"), justify="right")
    for step in found.steps:
        counts = (f"{step.size[head]:,}" if head in step.size else "-" for head in heads)
        table.add_row(step.what or "as given", step.kind, *counts)
    return table


def _method(found: Explanation) -> RenderableType:
    parts: dict[str, list[str]] = {}
    for place, value in found.defaults.items():
        first, dot, rest = place.partition(".")
        if "." not in rest:
            parts.setdefault(first if dot else "", []).append(f"{rest or first} {value}")
    table = pairs((name, ", ".join(words)) for name, words in sorted(parts.items()))
    deep = any(place.count(".") > 1 for place in found.defaults)
    more = "; settings within settings are left out here" if deep else ""
    return Group(Text(f"{found.method}, by default{more}", style="dim"), table)


def _verbs(found: Explanation) -> list[RenderableType]:
    lines = [Text(f"Answers: {', '.join(found.answers)}.")]
    lines += [Text(f"One equilibrium takes: {found.expected}.")] if found.expected else []
    alike: dict[str, list[str]] = {}
    for verb, words in found.refusals.items():
        alike.setdefault(words, []).append(verb)
    table = pairs((", ".join(verbs), words) for words, verbs in alike.items())
    return [Group(*lines), Group(Text("Does not answer", style="dim"), table)]
