"""What Hypothesis calls when it is imported: which strategies belong to which types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewcorpus.defects import Defect
from reviewcorpus.models import Movie, Review

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy


def register() -> None:
    """Register the types with Hypothesis; their strategies are built when they are first used."""
    from hypothesis import strategies as st

    for record in (Movie, Review, Defect):
        st.register_type_strategy(record, _strategy_of)


def _strategy_of(record: type[Any]) -> SearchStrategy[Any]:
    from reviewcorpus import strategies

    table: dict[type[Any], Callable[[], SearchStrategy[Any]]] = {
        Movie: strategies.movies,
        Review: strategies.reviews,
        Defect: strategies.defects,
    }
    return table[record]()
