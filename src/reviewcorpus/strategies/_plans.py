"""What happens in a document, drawn before it is written.

All that happens to a record is drawn with it, each fault by its place in it, and what it is and how
by numbers. So records and faults can be left out one by one, and all else stays as it is, when
Hypothesis looks for a simpler example.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from reviewcorpus.strategies._scraps import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

_PLACES_OF_RECORD = 50  # about as many as a review has where something could go wrong
_FEW_KINDS = 5  # for which a record has few such places
_FEW_PLACES = 6
_CHOICES_OF_RECORD = 20  # about as many as a record has: for values, and for what is around them

_numbers = st.integers(0, 255)
_contents = st.binary(min_size=_CHOICES_OF_RECORD, max_size=_CHOICES_OF_RECORD)


def _faults(most: int) -> SearchStrategy[list[tuple[int, int, int]]]:
    return st.lists(st.tuples(st.integers(0, most), _numbers, _numbers), max_size=4)


class Plan:
    """What happens to a record, or around the records.

    Args:
        faults: Places, counted from the start of the record, with numbers for what goes wrong there
            and how.
        contents: Numbers for what is right.
        words: What stands behind each fault in a text.
        reviews: What happens to the reviews of a movie.
    """

    def __init__(
        self,
        faults: Sequence[tuple[int, int, int]],
        contents: bytes,
        words: str = "",
        reviews: Sequence[Plan] = (),
    ) -> None:
        self.words = words
        self.reviews = reviews
        self._faults = {place: (what, how) for place, what, how in faults}
        self._numbers = iter(contents)
        self._place = -1

    def fault_at_next_place(self) -> tuple[int, int] | None:
        """Give the numbers for what goes wrong and how, if anything does."""
        self._place += 1
        return self._faults.get(self._place)

    def next_number(self) -> int:
        """Give a number for something that is right."""
        return next(self._numbers, 0)


class Document(NamedTuple):
    """What a document is like, and what happens in it."""

    newline: str
    has_mark: bool
    has_root: bool
    around: Plan
    """What happens around the movies."""
    cut: tuple[int, int]
    """At which of the places where it could be cut it is, -1 for none, and a number for how."""
    movies: Sequence[Plan]


def documents(kinds: int, max_movies: int, max_reviews: int) -> SearchStrategy[Document]:
    """Give documents with at least one movie, for a number of kinds of faults."""
    faults = _faults(_PLACES_OF_RECORD if kinds > _FEW_KINDS else _FEW_PLACES)
    reviews = st.builds(Plan, faults, _contents, WORDS)
    movies = st.builds(Plan, faults, _contents, WORDS, st.lists(reviews, max_size=max_reviews))
    return st.builds(
        Document,
        newline=st.sampled_from(("\n", "\r\n", "\r")),
        has_mark=st.booleans(),
        has_root=st.booleans(),
        around=st.builds(Plan, _faults(_FEW_PLACES), _contents),
        cut=st.one_of(st.just((-1, 0)), st.tuples(st.integers(-1, _PLACES_OF_RECORD), _numbers)),
        movies=st.lists(movies, min_size=1, max_size=max_movies),
    )
