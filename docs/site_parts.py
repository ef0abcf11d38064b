"""Parts of the site that are read off the package: commands, records, figures, statuses, names.

Each function writes Markdown, and a page asks for it where it wants it, by its name in a block
``{made}``. So none of it can fall behind the package.
"""

import ast
import inspect
import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import get_args

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from leaderbored.solvers.solution import Code

ROOT = Path(__file__).parents[1]
CONTENTS = {  # of the site, behind the front page
    "Start": ["docs/how-to", "docs/guide", "notebooks/*"],
    "Understand": [
        "docs/explanation",
        "docs/theory",
        "docs/welfare",
        "docs/evidence",
        "docs/proofs",
    ],
    "Do": [
        "docs/explore",
        "docs/what-if",
        "docs/sweeps",
        "docs/dynamics",
        "docs/clusters",
        "docs/extending",
        "docs/troubleshooting",
    ],
    "Look up": [
        "docs/gallery",
        "docs/glossary",
        "docs/games",
        "docs/game-files",
        "docs/keys",
        "docs/commands",
        "docs/api",
        "benchmarks/results",
        "CHANGELOG",
        "CONTRIBUTING",
    ],
}


class Made(SphinxDirective):
    """A block whose Markdown a function of this module writes."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The nodes of what it writes, anew in every build."""
        self.env.note_reread()
        box = nodes.section()
        box.document = self.state.document
        lines = StringList(globals()[self.arguments[0]]().splitlines(), source=self.arguments[0])
        self.state.nested_parse(lines, self.content_offset, box, match_titles=True)
        return box.children


def contents() -> str:
    """The table of contents of the site."""
    trees = (
        f"```{{toctree}}\n:hidden:\n:glob:\n:caption: {caption}\n\n" + "\n".join(pages) + "\n```"
        for caption, pages in CONTENTS.items()
    )
    return "\n\n" + "\n\n".join(trees) + "\n"


def commands() -> str:
    """Every command with its options, as ``--help`` has them."""
    from leaderbored.cli import app

    text = app.generate_docs(output_format="markdown")
    return text[text.index("\n## leaderbored") :]


def api() -> str:
    """Every public name with its docstring."""
    import leaderbored as lb

    names = [name for name in lb.__all__ if not inspect.ismodule(getattr(lb, name))]
    blocks = []
    for name in names:
        kind = "class" if isinstance(getattr(lb, name), type) else "function"
        blocks.append(
            f"## `{name}`\n\n```{{eval-rst}}\n.. auto{kind}:: leaderbored.{name}\n"
            f"{'   :members:' if kind == 'class' else ''}\n```"
        )
    return "\n\n".join(blocks)


def gallery() -> str:
    """Every figure, with the command that draws it and the code of the function that does."""
    from leaderbored.figures.gallery import GALLERY

    return "\n\n".join(_figure(entry) for entry in GALLERY)


def _figure(entry) -> str:
    home = inspect.getmodule(entry.function)
    own = " --game mine.toml" if entry.takes else ""
    return (
        f"## `{entry.name}`\n\n{entry.title[0].upper()}{entry.title[1:]}.\n\n"
        f"![{entry.title}](gallery/{entry.name}.svg)\n\n"
        f"```sh\nleaderbored figures {entry.name}{own}\n```\n\n"
        f"<details><summary>{home.__name__}</summary>\n\n"
        f"````python\n{inspect.getsource(home)}\n````\n\n</details>"
    )


def statuses() -> str:
    """Every message of a status in the package with its advice, by the code of the status."""
    found: dict[str, set[tuple[str, str]]] = {}
    for path in sorted((ROOT / "leaderbored").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for scope in ast.walk(tree):
            if isinstance(scope, ast.FunctionDef | ast.Module):
                for code, *said in _said(scope, tree):
                    found.setdefault(code, set()).add(tuple(said))
    parts = []
    for code in get_args(Code):
        rows = [f"| {message} | {advice} |" for message, advice in sorted(found.get(code, ()))]
        parts.append("\n".join([f"## {code}", "", "| message | advice |", "|---|---|", *rows]))
    return "\n\n".join(parts)


def _said(scope: ast.AST, tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """Code, message and advice of the statuses that are made in a function or module."""
    lines = [node for outer in getattr(scope, "body", ()) for node in _own(outer)]
    named = [node for outer in tree.body for node in _own(outer)] + lines
    named = [n for n in named if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)]
    for line in lines:
        calls = ast.walk(line) if isinstance(line, ast.Return | ast.Assign | ast.Expr) else ()
        for node in calls:
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Status":
                words = _meant([n for n in named if n.lineno < line.lineno], line.col_offset)
                options = [_texts(argument, words) or {""} for argument in node.args]
                for code, message, *advice in product(*options):
                    if code and message:
                        yield code, message, "".join(advice)


def _meant(named: list[ast.Assign], indent: int) -> dict[str, set[str]]:
    """What names may stand for: what was last said of each, and before that if on a condition."""
    words: dict[str, set[str]] = {}
    for node in sorted(named, key=lambda node: node.lineno):
        name, before = node.targets[0].id, words.get(node.targets[0].id, set())
        texts = _texts(node.value, words) or {"…"}
        words[name] = texts | before if node.col_offset > indent else texts
    return words


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all within it but other functions."""
    if not isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _own(child)


def _texts(node: ast.AST, words: dict[str, set[str]]) -> set[str]:
    """What a piece of text may say, with an ellipsis for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.IfExp(body=one, orelse=other):
            return _texts(one, words) | _texts(other, words)
        case ast.Name(id=name):
            return words.get(name, set())
        case ast.JoinedStr(values=pieces):
            return {"".join(parts) for parts in product(*(_texts(p, words) for p in pieces))}
        case ast.FormattedValue(value=value):
            return _texts(value, words) or {"…"}
    return set()


def keys() -> str:
    """Every key of every kind of game file: unit, range, default and meaning."""
    from leaderbored.games.formats.gamefile import schema
    from leaderbored.kinds import kinds_in_files

    seen: set[str] = set()
    parts = []
    for kind in sorted(kinds_in_files(), key=lambda kind: (kind != "race", kind)):
        tree = json.loads(schema(kind))
        records = {f'kind = "{kind}"': tree, **tree.get("$defs", {})}
        for name, record in records.items():
            if name in seen or not record.get("properties"):
                continue
            seen.add(name)
            head = f"## `{name}`" if record is tree else f"### {name}"
            parts.append(f"{head}\n\n{record['description']}\n\n{_table(record)}")
    return "\n\n".join(parts)


def _table(record: dict) -> str:
    lines = ["| key | value | unit | by default | meaning |", "|---|---|---|---|---|"]
    for key, field in record["properties"].items():
        default = "required" if key in record.get("required", ()) else _value(field.get("default"))
        about = field.get("description", "").replace("[", "\\[")
        unit = field.get("unit", "")
        lines.append(f"| `{key}` | {_type(field)} | {unit} | {default} | {about} |")
    return "\n".join(line.replace("\n", " ") for line in lines)


def _value(value) -> str:
    return "" if value in (None, {}, [], "") else f"`{json.dumps(value)}`"


def _type(field: dict) -> str:
    """A type of a JSON schema in words."""
    choices = [
        part for part in field.get("anyOf", field.get("oneOf", ())) if part.get("type") != "null"
    ]
    if choices:
        return " or ".join(dict.fromkeys(_type(part) for part in choices))
    if "$ref" in field:
        return field["$ref"].rsplit("/", 1)[1]
    if "enum" in field or "const" in field:
        return " or ".join(
            f"`{json.dumps(word)}`" for word in field.get("enum", [field.get("const")])
        )
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}" if field.get("items") else "list"
    if isinstance(field.get("type"), list):
        return " or ".join(_type({**field, "type": word}) for word in field["type"])
    word = {"object": "table", "string": "text", "boolean": "true or false"}
    bounds = [
        f"{sign} {field[name]:g}"
        for name, sign in (
            ("exclusiveMinimum", "above"),
            ("minimum", "from"),
            ("exclusiveMaximum", "below"),
            ("maximum", "to"),
        )
        if name in field
    ]
    return " ".join([word.get(field.get("type"), field.get("type", "any")), *bounds])
