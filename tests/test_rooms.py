"""The house: imports run down only, no two modules need each other, and none is long."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import leaderbored

HOME = Path(leaderbored.__file__).parent
LONGEST = 400  # lines
FLOORS = (  # from the ground up; rooms on one floor may know each other
    {"kinds", "text", "files", "late"},
    {"shown"},  # a record says where its page is; what is shown is imported when asked for
    {"games"},
    {"race"},
    {"solvers"},
    {"play"},
    {"verdicts", "motion"},
    {"theory", "sweeps", "evidence"},
    {"views", "figures"},
    {"cli", "writeup", "explore"},
    {"__main__"},
)
FLOOR = {room: k for k, rooms in enumerate(FLOORS) for room in rooms}
BELOW = {("shown", "figures")}  # saving a picture is asked for by the result itself
MODULES = {
    ".".join((HOME.name, *path.relative_to(HOME).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(HOME.rglob("*.py"))
}


def imported(path: Path) -> Iterator[str]:
    """Modules of the package that a module imports, also inside its functions."""
    for node in walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield whole if whole in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Every node; what stands under TYPE_CHECKING is never run, and left out."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from walk(child)


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@cache
def imports() -> dict[str, list[str]]:
    return {module: list(imported(path)) for module, path in MODULES.items()}


def test_imports_run_down() -> None:
    up = [
        f"{module} imports {other}"
        for module, others in imports().items()
        for other in others
        if other.startswith("leaderbored.") and room(module) not in ("", room(other))
        if FLOOR[room(other)] > FLOOR[room(module)] and (room(module), room(other)) not in BELOW
    ]
    assert not up


def test_every_room_has_a_floor() -> None:
    assert {room(module) for module in MODULES} - {""} == set(FLOOR)


def test_no_module_needs_one_that_needs_it() -> None:
    """Also not by imports inside functions: of heavy libraries they are late, of rooms not."""
    needs = {
        module: {other for other in others if other in MODULES and other != module}
        for module, others in imports().items()
    }
    below: set[str] = set()
    while free := {module for module in needs if module not in below and needs[module] <= below}:
        below |= free
    left = sorted(set(needs) - below)
    assert not left, f"these need each other, or what does: {left}"


def test_no_module_is_long() -> None:
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}
