"""Reviews that stand in a film more than once."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from reviewcorpus._checks import refuse
from reviewcorpus.cleaning._changes import SAME_REVIEW, Change, Cleaned
from reviewcorpus.models import NO_EXTRA, Movie
from reviewcorpus.validation._sameness import sameness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from reviewcorpus.models import Review


class _Rest(NamedTuple):
    """The fields of a review beside user, date and body, missing ones alike."""

    score: float | None
    headline: str | None
    extra: Mapping[str, str]


_NO_REST = _Rest(None, None, NO_EXTRA)


def _rest(review: Review) -> _Rest:
    return _Rest(review.score, review.short_description or None, review.extra or NO_EXTRA)


def _parts(rest: _Rest) -> Iterator[_Rest]:
    """Give what says the same as `rest` or less: at most eight, itself among them."""
    choices: Iterable[Any] = (
        (value,) if value == none else (value, none)
        for value, none in zip(rest, _NO_REST, strict=True)
    )
    return map(_Rest._make, product(*choices))


def find_repeats(reviews: Sequence[Review]) -> dict[int, int]:
    """Give which reviews say nothing that another one, which stays, does not say: its index.

    One look at each: the fields that a review could lack and still be covered by another are so
    few that all combinations are looked up. So a hundred thousand repeats with scores of their own
    take no longer than others.
    """
    groups: dict[object, list[int]] = {}
    for index, review in enumerate(reviews):
        key = sameness(review)
        if key is not None:
            groups.setdefault(key, []).append(index)
    repeats: dict[int, int] = {}
    for group in groups.values():
        if len(group) > 1:
            repeats.update(_repeats_among({index: _rest(reviews[index]) for index in group}))
    return repeats


def _repeats_among(group: Mapping[int, _Rest]) -> Iterator[tuple[int, int]]:
    """Give which of the same reviews go, and which stay for them."""
    exceeded = {part for rest in group.values() for part in _parts(rest) if part != rest}
    keepers: dict[_Rest, int] = {}
    for index, rest in group.items():
        if rest not in exceeded and rest not in keepers:
            for part in _parts(rest):
                keepers.setdefault(part, index)
    for index, rest in group.items():
        if keepers[rest] != index:
            yield index, keepers[rest]


def _left_out(review: Review, index: int, kept: int) -> Change:
    return Change(
        "drop-repeats",
        None,
        review.full_review,
        None,
        SAME_REVIEW,
        review_index=index,
        kept_index=kept,
    )


def drop_repeats(movie: Movie) -> Cleaned[Movie]:
    """Leave out reviews that stand in a film more than once.

    Two reviews are the same where user, date and body are, white space in the body aside. One is
    left out only where it says nothing that the other does not say: its score, headline and extra
    elements are equal or missing. The first of equals stays; one that says more stays wherever it
    is. Reviews without a body are not compared, nor are those of unknown users (no name, or
    `[e-mail]`) with a body of less than 20 characters. Where only the score or the headline
    differ, both stay, and rule `R204` says so.

    Args:
        movie: The film.

    Raises:
        TypeError: It is no `Movie`.

    Returns:
        The film, the same object where nothing is left out, with a change for each review that
        is: `review_index` tells which one, `kept_index` which one stays in its place.

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> from reviewcorpus.cleaning import drop_repeats
        >>> once = Review(username="ann", full_review="I laughed twice.")
        >>> cleaned = drop_repeats(Movie(reviews=[once, once]))
        >>> len(cleaned.value.reviews)
        1
        >>> cleaned.changes[0].why
        'the same user, date and text'
    """
    if not isinstance(movie, Movie):
        refuse(TypeError, "movie", movie, "a Movie")
    reviews = movie.reviews
    repeats = find_repeats(reviews)
    if not repeats:
        return Cleaned(movie)
    changes = (_left_out(reviews[index], index, kept) for index, kept in sorted(repeats.items()))
    kept_reviews = [review for index, review in enumerate(reviews) if index not in repeats]
    return Cleaned(attrs.evolve(movie, reviews=kept_reviews), tuple(changes))
