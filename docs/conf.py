"""The documentation site: ``sphinx-build -W -c docs . build/docs``, from the root of a clone.

Pages are the Markdown files of the repository where they stand, README included, and the lessons
with the outputs that are stored in them; nothing is run. What can be read off the package is made
by :mod:`site_parts` where a page asks for it with a block ``{made}``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from docutils import nodes
from latex2mathml.converter import convert
from site_parts import Made, contents

import leaderbored

project = "leaderbored"
author = "The leaderbored developers"
copyright = author
version = release = leaderbored.__version__
root_doc = "README"
include_patterns = ["*.md", "docs/*.md", "notebooks/*.ipynb", "benchmarks/results.md"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "leaderbored"
html_copy_source = False
html_math_renderer = "mathml"
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
autodoc_typehints = "none"  # the docstrings give types in words
autodoc_member_order = "bysource"
suppress_warnings = ["ref.python"]  # several records have a field of one name


def front_page(app, docname, source):
    """Give the front page its table of contents, which the README on its own has no use for."""
    if docname == root_doc:
        source[0] += contents()


def index(app, error):
    """Let the front page be found under the name that servers look for."""
    if error is None and app.builder.name == "html":
        page = Path(app.outdir) / f"{root_doc}.html"
        page.with_name("index.html").write_bytes(page.read_bytes())


def plain_properties(app, what, *about):
    """Keep napoleon from taking what stands before a colon for the type of a property."""
    *_, lines = about
    if what in ("property", "attribute") and lines:
        lines[0] = lines[0].replace(": ", " \N{EN DASH} ")


def formula(writer, node):
    """Write a formula as MathML, which browsers show by themselves, without a script to fetch."""
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    writer.body.append(convert(node.astext(), display=display))
    raise nodes.SkipNode


def setup(app):
    """Tell Sphinx of what is made here."""
    app.add_html_math_renderer("mathml", (formula, None), (formula, None))
    app.add_directive("made", Made)
    app.connect("source-read", front_page)
    app.connect("build-finished", index)
    app.connect("autodoc-process-docstring", plain_properties, priority=400)  # before napoleon
