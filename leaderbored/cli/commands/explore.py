"""``leaderbored explore``: a page in the browser in which the numbers of a race can be moved."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.console import FAILED, OK, complain, say
from leaderbored.cli.options import wrong

HOW = (
    "leaderbored explore needs one more package; install it with: pip install leaderbored[explore]"
)


def explore(
    file: Annotated[
        str,
        Parameter(
            help="The race to begin with: a game file, or a name from `leaderbored catalogue`."
        ),
    ] = "",
    /,
    *,
    port: Annotated[
        int, Parameter(help="Port on this machine; by default any free one.", metavar="N")
    ] = 0,
    browser: Annotated[
        bool, Parameter(help="Do not open a browser.", negative="--no-browser")
    ] = True,
) -> int:
    """Change the numbers of a race in the browser, and see verdict, policies and map follow."""
    if not 0 <= port <= 65535:
        raise wrong("explore", "--port", port, "expected 0 to 65535")
    try:
        import tornado  # noqa: F401
    except ImportError:
        complain(HOW)
        return FAILED
    from leaderbored.explore.run import serve
    from leaderbored.explore.setting import Setting

    Setting.of({}, file)  # mistakes in the file are said here, not in the browser
    return OK if serve(file, port, say, browser=browser) else FAILED
