"""Steps of collections: repeats within a movie, and several records of one movie."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from reviewcorpus._checks import refuse
from reviewcorpus.cleaning._changes import (
    SAME_REVIEW,
    Change,
    Cleaned,
    Placed,
    check_rereadable,
    placed,
)
from reviewcorpus.models import NO_EXTRA, Movie, Review
from reviewcorpus.validation._prose import sameness

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence


# ---- repeats -----------------------------------------------------------------------------


class _Rest(NamedTuple):
    """The fields of a review beside user, date and body, missing ones alike."""

    score: float | None
    headline: str | None
    extra: Mapping[str, str]


_NO_REST = _Rest(None, None, NO_EXTRA)


def _rest(review: Review) -> _Rest:
    return _Rest(review.score, review.short_description or None, review.extra or NO_EXTRA)


def _parts(rest: _Rest) -> Iterator[_Rest]:
    """Yield what says the same as `rest` or less: at most eight, itself among them."""
    choices: Iterable[Any] = (
        (value,) if value == none else (value, none)
        for value, none in zip(rest, _NO_REST, strict=True)
    )
    return map(_Rest._make, product(*choices))


def repeats_among(reviews: Sequence[Review]) -> dict[int, int]:
    """Return which reviews say nothing that another one, which stays, does not say: its index.

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
            repeats.update(_repeats_in_group({index: _rest(reviews[index]) for index in group}))
    return repeats


def _repeats_in_group(group: Mapping[int, _Rest]) -> Iterator[tuple[int, int]]:
    """Yield which of the same reviews go, and which stay for them."""
    exceeded = {part for rest in group.values() for part in _parts(rest) if part != rest}
    keepers: dict[_Rest, int] = {}
    for index, rest in group.items():
        if rest not in exceeded and rest not in keepers:
            for part in _parts(rest):
                keepers.setdefault(part, index)
    for index, rest in group.items():
        if keepers[rest] != index:
            yield index, keepers[rest]


def _dropped(review: Review, index: int, kept: int) -> Change:
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
    """Drop reviews that a movie has more than once.

    Two reviews are the same if user, date and body are, apart from white space in the body. One is
    dropped only if it says nothing that the other does not say: its score, headline and extra
    elements are equal or missing. The first of equals stays; one that says more stays wherever it
    is. Reviews without a body are not compared, nor are those of unknown users (no name, or
    `[e-mail]`) with a body of less than 20 characters. Where only the score or the headline
    differ, both stay, and rule `R204` says so.

    Args:
        movie: The movie.

    Raises:
        TypeError: It is not a `Movie`.

    Returns:
        The movie, the same object where nothing is dropped, with a change for each review that
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
    repeats = repeats_among(reviews)
    if not repeats:
        return Cleaned(movie)
    changes = (_dropped(reviews[index], index, kept) for index, kept in sorted(repeats.items()))
    kept_reviews = [review for index, review in enumerate(reviews) if index not in repeats]
    return Cleaned(attrs.evolve(movie, reviews=kept_reviews), tuple(changes))


# ---- merging -----------------------------------------------------------------------------

_NAME = "merge-movies"
_FIELDS = ("title", "link", "year", "general_score")


# ---- order ------------------------------------------------------------------------------


def _fields_in_order(record: Movie | Review) -> tuple[Any, ...]:
    """Return all that a record holds, as a key to sort by: missing values first."""
    fields = attrs.asdict(record, recurse=False)
    fields["extra"] = tuple(record.extra.items())
    if "reviews" in fields:
        fields["reviews"] = tuple(map(_fields_in_order, fields["reviews"]))
    return tuple((value is not None, 0 if value is None else value) for value in fields.values())


def _in_order(records: Iterable[Placed]) -> list[Placed]:
    """Sort records by what they hold, the largest first, so that their order does not matter."""
    return sorted(
        records, key=lambda record: (-len(record.movie.reviews), _fields_in_order(record.movie))
    )


# ---- fields -----------------------------------------------------------------------------


class _Said(NamedTuple):
    """A value, and the record that has it."""

    value: Any
    record: Placed


def _choose(said: Sequence[_Said], field: str) -> Any:
    """Return the value that most records have; of several texts the longest, then the smallest.

    Texts are cut more often than they grow; but the shortest link leads to the movie itself, and
    longer ones to its pages, and 0.56 was not meant to be 0.5599999999999999.
    """
    counts = Counter(one.value for one in said)
    sign = -1 if isinstance(said[0].value, str) and field != "link" else 1
    return min(counts, key=lambda value: (-counts[value], sign * len(str(value)), value))


def _settle(said: Iterable[_Said], field: str, shown: str, changes: list[Change]) -> Any:
    """Choose a value, and note the others; what is missing or empty contradicts nobody."""
    known = [one for one in said if one.value is not None]
    known = [one for one in known if one.value != ""] or known
    if not known:
        return None
    with_number = [one for one in known if field == "link" and one.record.movie.imdb_id]
    chosen = _choose(with_number or known, field)
    others: dict[Any, Placed] = {}
    for one in known:
        others.setdefault(one.value, one.record)
    changes += [
        Change(
            _NAME,
            field,
            str(value),
            str(chosen),
            f"the records disagree on {shown}",
            source=record.source,
            movie_index=record.movie_index,
        )
        for value, record in others.items()
        if value != chosen
    ]
    return chosen


def _merged_fields(records: Sequence[Placed], changes: list[Change]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: _settle(
            (_Said(getattr(record.movie, name), record) for record in records), name, name, changes
        )
        for name in _FIELDS
    }
    said: dict[str, list[_Said]] = {}
    for record in records:
        for name, text in record.movie.extra.items():
            said.setdefault(name, []).append(_Said(text, record))
    fields["extra"] = {
        name: _settle(values, "extra", f"extra[{name!r}]", changes) for name, values in said.items()
    }
    return fields


# ---- reviews ----------------------------------------------------------------------------


class _Given(NamedTuple):
    """A review, its record, the record's number, and the review's index there."""

    review: Review
    record: Placed
    number: int
    review_index: int


def _exact_repeats(reviews: Sequence[_Given]) -> Iterator[tuple[int, int]]:
    """Yield which of the reviews that cannot be compared are in an earlier record just so.

    What is twice in one record stays twice: there may have been two.
    """
    first: dict[Hashable, int] = {}
    counts: Counter[Hashable] = Counter()
    for position, (review, _, number, _) in enumerate(reviews):
        if sameness(review) is None:
            counts[number, review] += 1
            kept = first.setdefault((review, counts[number, review]), position)
            if kept != position:
                yield position, kept


def _merged_reviews(records: Sequence[Placed], changes: list[Change]) -> list[Review]:
    given = [
        _Given(review, record, number, index)
        for number, record in enumerate(records)
        for index, review in enumerate(record.movie.reviews)
    ]
    repeats = repeats_among([one.review for one in given])
    repeats.update(_exact_repeats(given))
    stay = [position for position in range(len(given)) if position not in repeats]
    merged_index = {position: index for index, position in enumerate(stay)}
    for position, kept in sorted(repeats.items()):
        review, record, _, index = given[position]
        changes.append(
            Change(
                _NAME,
                None,
                review.full_review,
                None,
                f"{SAME_REVIEW}, in the merged record",
                source=record.source,
                movie_index=record.movie_index,
                review_index=index,
                kept_index=merged_index[kept],
            )
        )
    return [given[position].review for position in stay]


# ---- records ----------------------------------------------------------------------------


def _merge(given: Sequence[Placed]) -> Cleaned[Movie]:
    if len(given) == 1:
        return Cleaned(given[0].movie)
    records = _in_order(given)
    changes: list[Change] = []
    fields = _merged_fields(records, changes)
    reviews = _merged_reviews(records, changes)
    return Cleaned(Movie(**fields, reviews=reviews), tuple(changes))


def _check_one_movie(movies: Sequence[Movie]) -> None:
    if not movies:
        raise ValueError("there are no movies to merge")
    numbers = sorted(filter(None, {movie.imdb_id for movie in movies}))
    if len(numbers) > 1:
        raise ValueError(
            f"records of one movie can be merged, but these are of {', '.join(numbers)}"
        )


def merge_movies(movies: Iterable[Movie]) -> Cleaned[Movie]:
    """Merge records of one movie into one; their order does not matter.

    Of each field the value that most records have is taken; of several such values the longest,
    then the smallest; of links and numbers the shortest. A missing or empty value contradicts
    nobody, and a link that leads to a movie goes before one that does not. The reviews are those of
    the largest record in their order, and then what the others have beyond, each once, as
    `drop_repeats` tells reviews apart. Those that it does not compare must be equal, and stay as
    often as one record has them.

    Args:
        movies: The records; one alone comes back as it is.

    Returns:
        The movie, with a change for each value that was not taken and for each review that was
        dropped. `review_index` counts in the record that had the review, `kept_index` in the
        merged one.

    Raises:
        TypeError: One of them is not a `Movie`.
        ValueError: There are no records, or they are of different movies.

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> from reviewcorpus.cleaning import merge_movies
        >>> ann, bob = Review(username="ann"), Review(username="bob")
        >>> boats = Movie(title="Paper Boats", reviews=[ann, bob])
        >>> cleaned = merge_movies([boats, Movie(title="Boats", year=1999, reviews=[bob])])
        >>> cleaned.value.year, len(cleaned.value.reviews)
        (1999, 2)
        >>> print(cleaned.changes[0])
        movie.title: merge-movies: 'Boats' -> 'Paper Boats' (the records disagree on title)
    """
    if isinstance(movies, Movie):
        refuse(TypeError, "movies", movies, "an iterable of movies")
    # Positions in a list mean nothing, and would make the changes depend on the order.
    records = [record if record.source else Placed(record.movie) for record in placed(movies)]
    _check_one_movie([record.movie for record in records])
    return _merge(records)


def merge_corpus(corpus: Iterable[Movie]) -> Iterator[Cleaned[Movie]]:
    """Merge the records of each movie in a corpus, as `merge_movies` does.

    The corpus is read twice: first to count the records of each movie, then to give them. Only
    movies with several records are held, until the last record, when they are yielded. Movies
    without an IMDb number are given as they are.

    Args:
        corpus: Movies that can be read again: a `Corpus`, a list.

    Returns:
        An iterator of movies, with what was changed. Changes tell `source` and `movie_index` of the
        record that they are about, where the corpus tells them; otherwise the index counts all
        records.

    Raises:
        TypeError: The movies can be read only once.

    Example:
        >>> from reviewcorpus import Movie
        >>> from reviewcorpus.cleaning import merge_corpus
        >>> link = "http://www.imdb.com/title/tt0000042/"
        >>> corpus = [Movie(link=link, year=1999), Movie(title="Swans"), Movie(link=link)]
        >>> [(cleaned.value.title, cleaned.value.year) for cleaned in merge_corpus(corpus)]
        [('Swans', None), (None, 1999)]
    """
    check_rereadable(corpus, "merge_corpus")
    return _merged(corpus)


def _merged(corpus: Iterable[Movie]) -> Iterator[Cleaned[Movie]]:
    yield from merge_records(placed(corpus), count_records(corpus))


def count_records(movies: Iterable[Movie]) -> Counter[str]:
    """Count the records of each movie that has an IMDb number."""
    return Counter(filter(None, (movie.imdb_id for movie in movies)))


def merge_records(
    records: Iterable[Placed], awaited: Mapping[str, int]
) -> Iterator[Cleaned[Movie]]:
    """Merge the records of each movie; `awaited` is how many records of it will come."""
    awaited = Counter(awaited)
    held: dict[str, list[Placed]] = {}
    for record in records:
        number = record.movie.imdb_id
        if number is None:
            yield Cleaned(record.movie)
            continue
        awaited[number] -= 1
        held.setdefault(number, []).append(record)
        if awaited[number] <= 0:  # below zero where the corpus has grown meanwhile
            yield _merge(held.pop(number))
    yield from map(_merge, held.values())  # where it has shrunk
