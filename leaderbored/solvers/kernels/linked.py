"""Parts of kernels: functions that are compiled only to be linked into what calls them.

Numba optimises every function that another one calls, and turns it into machine code, together with
all that it calls in turn; then all of it is linked into the caller and optimised there once more.
Only the last time counts where nobody else calls these functions. Without the others kernels are
compiled in two thirds of the time, and do the same operations in the same order.
"""

from __future__ import annotations

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler


class _Part(JITCodeLibrary):
    """A function and what it calls, as they are before they are optimised."""

    def _optimize_final_module(self) -> None:
        """Leave it to what this is linked into."""

    def _finalize_final_module(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """There is none: nothing outside can call it."""
        return 0

    @property
    def codegen(self) -> _Part:
        """What is to be told of the function's surroundings."""
        return self

    def set_env(self, name: str, env: Any) -> None:
        """There is no machine code yet that would look for them."""


class PartCompiler(Compiler):
    """Numba's compiler, of functions that only kernels call."""

    def define_pipelines(self) -> Any:
        """Those of numba, whose last pass is given where to put what it makes."""
        state: Any = self.state
        if state.library is None:
            part: Any = _Part
            state.library = part(state.targetctx.codegen(), state.func_id.func_qualname)
        return super().define_pipelines()  # type: ignore[no-untyped-call]
