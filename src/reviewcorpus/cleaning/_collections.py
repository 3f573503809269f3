"""Steps of collections: repeats within a movie, and several records of one movie."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

import attrs

from reviewcorpus._checks import refuse
from reviewcorpus._rows import fields_of
from reviewcorpus.cleaning._changes import Change, Cleaned, Placed, placed
from reviewcorpus.models import Movie, Review
from reviewcorpus.validation._model import MOVIE_TEXTS
from reviewcorpus.validation._prose import known_user, sameness

_SAME = "the same user, date and text"


# ---- repeats -----------------------------------------------------------------------------


class _Given(NamedTuple):
    """A review, its record, the record's number, and the review's index there."""

    review: Review
    record: Placed
    number: int
    review_index: int

    def dropped(self, step: str, why: str, kept_index: int) -> Change:
        """Return the change that reports the review as dropped."""
        body = self.review.full_review
        place = self.record.source, self.record.movie_index, self.review_index
        return Change(step, None, body, None, why, *place, kept_index=kept_index)


def _reviews_of(records: Iterable[Placed]) -> list[_Given]:
    return [
        _Given(review, record, number, index)
        for number, record in enumerate(records)
        for index, review in enumerate(record.movie.reviews)
    ]


_Rest: TypeAlias = tuple[Any, ...]
"""Score, headline and extra elements: what a review has besides user, date and body."""
_rest_of = attrgetter(*fields_of(Review, "username", "date", "full_review"))
_NO_REST: _Rest = _rest_of(Review())


def _rest(review: Review) -> _Rest:
    """Return the rest of a review; what is empty counts as missing."""
    return tuple(None if value == "" else value for value in _rest_of(review))


def _parts(rest: _Rest) -> Iterator[_Rest]:
    """Yield `rest` and all that says less: at most eight combinations."""
    return product(*({value, missing} for value, missing in zip(rest, _NO_REST, strict=True)))


def _repeats_among(reviews: Sequence[_Given]) -> dict[int, int]:
    """Return the reviews that say nothing more than another one, and which one stays for each.

    Reviews that cannot be compared must be equal, and in different records: what is in one record
    twice stays twice, because there may have been two.

    Each review is looked at once: so few of its fields can be missing that all combinations are
    looked up. So a hundred thousand repeats with different scores take no longer than others.
    """
    repeats: dict[int, int] = {}
    # Bodies are long, so they are compared only if user and day are the same.
    days = ((_user_and_day(given.review), at) for at, given in enumerate(reviews))
    for alike in _groups(days):
        for group in _groups(_keys(reviews, alike)):
            repeats.update(_repeats_in_group({at: _rest(reviews[at].review) for at in group}))
    return repeats


def _groups(keys: Iterable[tuple[object, int]]) -> list[list[int]]:
    """Return the groups of positions that share a key; a position alone is in none."""
    groups: dict[object, list[int]] = {}
    for key, position in keys:
        groups.setdefault(key, []).append(position)
    return [group for group in groups.values() if len(group) > 1]


def _user_and_day(review: Review) -> object:
    return known_user(review), review.date


def _keys(reviews: Sequence[_Given], positions: Iterable[int]) -> Iterator[tuple[object, int]]:
    """Yield the key that equal reviews share, and the position; repeats in a record are counted."""
    counts: Counter[object] = Counter()
    for at in positions:
        given = reviews[at]
        key: object = sameness(given.review)
        if key is None:
            counts[given.number, given.review] += 1
            key = given.review, counts[given.number, given.review]
        yield key, at


def _repeats_in_group(group: Mapping[int, _Rest]) -> Iterator[tuple[int, int]]:
    """Yield which reviews of a group are dropped, and which one stays for each."""
    exceeded = {part for rest in group.values() for part in _parts(rest) if part != rest}
    keepers: dict[_Rest, int] = {}
    for index, rest in group.items():
        if rest not in exceeded and rest not in keepers:
            for part in _parts(rest):
                keepers.setdefault(part, index)
    for index, rest in group.items():
        if keepers[rest] != index:
            yield index, keepers[rest]


def drop_repeats(movie: Movie) -> Cleaned[Movie]:
    """Drop reviews that a movie has more than once.

    Two reviews are the same if user, date and body are, apart from whitespace in the body. One is
    dropped only if it says nothing that the other does not say: its score, headline and extra
    elements are equal or missing. The first of equals stays; one that says more stays wherever it
    is. Reviews without a body are not compared, nor are those of unknown users (no name, or
    `[e-mail]`) with a body of less than 20 characters. Reviews that contradict each other only in
    the score or the headline all stay, and rule `R204` reports them.

    Args:
        movie: The movie.

    Raises:
        TypeError: It is not a `Movie`.

    Returns:
        The movie, the same object if nothing is dropped, with a change for each dropped review. Its
        `review_index` is that of the dropped review, its `kept_index` that of the one that stays.

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
    reviews = _reviews_of([Placed(movie)])
    repeats = _repeats_among(reviews)
    if not repeats:
        return Cleaned(movie)
    changes = (
        reviews[index].dropped("drop-repeats", _SAME, kept)
        for index, kept in sorted(repeats.items())
    )
    stay = [given.review for given in reviews if given.review_index not in repeats]
    return Cleaned(attrs.evolve(movie, reviews=stay), tuple(changes))


# ---- merging -----------------------------------------------------------------------------

_NAME = "merge-movies"
_FIELDS = fields_of(Movie, "reviews", "extra")
_LONGEST = {*MOVIE_TEXTS, "extra"}


def _fields_in_order(record: Movie | Review) -> tuple[Any, ...]:
    """Return all that a record holds, as a key to sort by: missing values first."""
    fields = attrs.asdict(record, recurse=False)
    fields["extra"] = tuple(record.extra.items())
    if "reviews" in fields:
        fields["reviews"] = tuple(map(_fields_in_order, fields["reviews"]))
    return tuple((value is not None, 0 if value is None else value) for value in fields.values())


def _choose(field: str, held: Mapping[Any, Sequence[Placed]]) -> Any:
    """Return the value that most records have; of several texts the longest, then the smallest.

    Texts are cut more often than they grow; but the shortest link leads to the movie itself, and
    longer ones to its pages, and 0.56 was not meant to be 0.5599999999999999.
    """
    sign = -1 if field in _LONGEST else 1
    with_number = [value for value in held if field == "link" and held[value][0].movie.imdb_id]
    return min(
        with_number or held, key=lambda value: (-len(held[value]), sign * len(str(value)), value)
    )


def _settle(
    said: Iterable[tuple[Any, Placed]], field: str, shown: str, changes: list[Change]
) -> Any:
    """Choose a value, and report the others; a missing or empty value does not count."""
    held: dict[Any, list[Placed]] = {}
    for value, record in said:
        if value is not None:
            held.setdefault(value, []).append(record)
    if len(held) > 1:
        held.pop("", None)
    if not held:
        return None
    chosen = _choose(field, held)
    why = f"the records disagree about {shown}"
    for value, (record, *_) in held.items():
        if value != chosen:
            place = record.source, record.movie_index
            changes.append(Change(_NAME, field, str(value), str(chosen), why, *place))
    return chosen


def _merged_fields(records: Sequence[Placed], changes: list[Change]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name in _FIELDS:
        said = ((getattr(record.movie, name), record) for record in records)
        fields[name] = _settle(said, name, name, changes)
    held: dict[str, list[tuple[str, Placed]]] = {}  # few records may have an element
    for record in records:
        for name, text in record.movie.extra.items():
            held.setdefault(name, []).append((text, record))
    extra = {
        name: _settle(said, "extra", f"extra[{name!r}]", changes) for name, said in held.items()
    }
    return {**fields, "extra": extra}


def _merged_reviews(records: Sequence[Placed], changes: list[Change]) -> list[Review]:
    reviews = _reviews_of(records)
    repeats = _repeats_among(reviews)
    stay = [position for position in range(len(reviews)) if position not in repeats]
    why = f"{_SAME}, in the merged record"
    changes += (
        reviews[position].dropped(_NAME, why, bisect_left(stay, kept))
        for position, kept in sorted(repeats.items())
    )
    return [reviews[position].review for position in stay]


def _merge(given: Sequence[Placed]) -> Cleaned[Movie]:
    if len(given) == 1:
        return Cleaned(given[0].movie)
    # The largest first, then by their contents, so that the given order does not matter.
    records = sorted(
        given, key=lambda record: (-len(record.movie.reviews), _fields_in_order(record.movie))
    )
    changes: list[Change] = []
    fields = _merged_fields(records, changes)
    reviews = _merged_reviews(records, changes)
    return Cleaned(Movie(**fields, reviews=reviews), tuple(changes))


def merge_movies(movies: Iterable[Movie]) -> Cleaned[Movie]:
    """Merge records of one movie into one; their order does not matter.

    For each field, the value that most records have is taken; of several such values the longest,
    then the smallest; of links and numbers the shortest. A missing or empty value does not count,
    and a link that leads to a movie goes before one that does not. The reviews are those of the
    largest record in their order, and then what the others add, each once, as `drop_repeats`
    compares reviews. Those that it does not compare must be equal, and stay as often as one record
    has them.

    Args:
        movies: The records; a single one is returned unchanged.

    Returns:
        The movie, with a change for each value that was not taken and for each review that was
        dropped. `review_index` counts in the record that had the review, `kept_index` in the
        merged one.

    Raises:
        TypeError: One of them is not a `Movie`.
        ValueError: The iterable is empty, or the records are of different movies.

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> from reviewcorpus.cleaning import merge_movies
        >>> ann, bob = Review(username="ann"), Review(username="bob")
        >>> boats = Movie(title="Paper Boats", reviews=[ann, bob])
        >>> cleaned = merge_movies([boats, Movie(title="Boats", year=1999, reviews=[bob])])
        >>> cleaned.value.year, len(cleaned.value.reviews)
        (1999, 2)
        >>> print(cleaned.changes[0])
        movie.title: merge-movies: 'Boats' -> 'Paper Boats' (the records disagree about title)
    """
    if isinstance(movies, Movie):
        refuse(TypeError, "movies", movies, "an iterable of movies")
    # Positions in a list mean nothing, and would make the changes depend on the order.
    records = [record if record.source else Placed(record.movie) for record in placed(movies)]
    if not records:
        raise ValueError("there are no movies to merge")
    numbers = count_records(records)
    if len(numbers) > 1:
        raise ValueError(
            f"records of one movie can be merged, but these are of {', '.join(sorted(numbers))}"
        )
    return _merge(records)


def merge_corpus(corpus: Iterable[Movie]) -> Iterator[Cleaned[Movie]]:
    """Merge the records of each movie in a corpus, as `merge_movies` does.

    The corpus is read twice: first to count the records of each movie, then to yield them. Only
    movies with several records are held until their last record, and yielded then. Movies without
    an IMDb number are yielded unchanged.

    Args:
        corpus: Movies that can be read again, such as a `Corpus` or a list.

    Returns:
        An iterator of movies, with what was changed. Changes have the `source` and `movie_index` of
        the record that they are about, if the corpus has them; otherwise the index counts all
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
    given: Any = corpus
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        refuse(TypeError, "what merge_corpus() reads", corpus, "a Corpus or a list of movies")
    if isinstance(corpus, Iterator):
        raise TypeError(
            "merge_corpus() reads the movies twice, and an iterator can be read only once: pass"
            " a Corpus, or a list"
        )
    return _merged(corpus)


def _merged(corpus: Iterable[Movie]) -> Iterator[Cleaned[Movie]]:
    yield from merge_records(placed(corpus), count_records(placed(corpus)))


def count_records(records: Iterable[Placed]) -> Counter[str]:
    """Count the records of each movie that has an IMDb number."""
    return Counter(filter(None, (record.movie.imdb_id for record in records)))


def merge_records(
    records: Iterable[Placed], awaited: Mapping[str, int]
) -> Iterator[Cleaned[Movie]]:
    """Merge the records of each movie; `awaited` says how many of them will come."""
    awaited = Counter(awaited)
    held: dict[str, list[Placed]] = {}
    for record in records:
        number = record.movie.imdb_id
        if number is None:
            yield Cleaned(record.movie)
            continue
        awaited[number] -= 1
        held.setdefault(number, []).append(record)
        if awaited[number] <= 0:  # below zero if the corpus has grown meanwhile
            yield _merge(held.pop(number))
    yield from map(_merge, held.values())  # if it has shrunk
