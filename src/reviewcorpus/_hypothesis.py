"""Registers our strategies for `st.from_type`, without importing them.

Hypothesis calls `register` when it is imported, in every project that has both packages. So this
module must not import the records. Their modules announce them instead, and they are registered
once both Hypothesis and the records have been imported.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in the package, because typing is another import
if TYPE_CHECKING:
    from typing import Any

    from hypothesis.strategies import SearchStrategy

_waiting: list[type[Any]] = []
_is_called = False


def announce(*records: type[Any]) -> None:
    """Register types with Hypothesis, now or when it is imported."""
    _waiting.extend(records)
    if _is_called:
        register()


def register() -> None:
    """Register the types that wait; their strategies are built when they are first used."""
    global _is_called  # noqa: PLW0603 a process has one Hypothesis
    from hypothesis import strategies as st

    _is_called = True
    while _waiting:
        st.register_type_strategy(_waiting.pop(), _strategy_of)


def _strategy_of(record: type[Any]) -> SearchStrategy[Any]:
    from reviewcorpus import strategies

    strategy: SearchStrategy[Any] = getattr(strategies, f"{record.__name__.lower()}s")()
    return strategy
