"""The rules of the library: each is a function with a code, and has a table of cases.

A new rule is one function here, `tests/cases/rules/CODE.json`, and its entry in the docs.
"""

from __future__ import annotations

import datetime
import re
from array import array
from html.entities import name2codepoint
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from reviewcorpus.models import STARS_ON_SITE
from reviewcorpus.validation._model import (
    Finding,
    Place,
    Rule,
    Scope,
    SharedCheck,
    bodies_in,
    make_rule,
)
from reviewcorpus.validation._prose import (
    LEADS,
    emails,
    escaped_twice,
    finder,
    fingerprint,
    is_blank,
    lost_characters,
    mojibake,
    run_on_sentences,
    token_around,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from reviewcorpus.models import Movie, Review
    from reviewcorpus.validation._model import Context, Thresholds
    from reviewcorpus.validation._prose import Body, Finder


# ---- one movie ---------------------------------------------------------------------------

_HALF_REFERENCE = re.compile(
    r"&(?:#[0-9]{0,7}|#[xX][0-9A-Fa-f]{0,6}|(?P<name>[A-Za-z0-9]{3,8}))?\Z"
)
_SIGNS = range(0x370, 0x400), range(0x2190, 0x2400)  # Greek, mathematics: not part of titles
_NAMES = frozenset(
    name[:length]
    for name, code in name2codepoint.items()
    if not any(code in signs for signs in _SIGNS)
    for length in range(3, len(name) + 1)
)

# No link of a crawler has a user name (`user@`) before its host, so none is looked for.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+://[^\s/?#]\S*")
_IMDB = re.compile(r"[^:]*://(?:[\w-]+\.)*imdb\.com(?![\w.-])", re.IGNORECASE)

_ROUNDING = 1e-9  # more than what floating point adds to a mean


@make_rule(Scope.MOVIE, "M101")
def no_title(movie: Movie, context: Context) -> Iterator[Finding]:
    """No title.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(title=" "), rules="M101"))
    warning: movie.title: there is no title [M101]
    """
    if is_blank(movie.title) and context.expects("title"):
        yield Finding("there is no title", field="title")


@make_rule(Scope.MOVIE, "M102")
def cut_title(movie: Movie, _: Context) -> Iterator[Finding]:
    """Title looks cut: it ends in `&` or in half a reference.

    The crawler cut titles at the first `;`, so that `Cowboys &amp; Kites` became `Cowboys &amp`.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(title="Cowboys &"), rules="M102"))
    warning: movie.title: the title looks cut: it ends in '&' [M102]
    """
    title = (movie.title or "").rstrip()
    found = _HALF_REFERENCE.search(title)
    if found and (found["name"] is None or _is_half_name(title, found)):
        yield Finding(f"the title looks cut: it ends in {found[0]!r}", field="title")


def _is_half_name(title: str, found: re.Match[str]) -> bool:
    """Return whether the name is half a reference, not a word as in `Ben&Ari`."""
    name = found["name"]
    is_second_name = name[0].isupper() and title[: found.start()][-1:].islower()
    return name in _NAMES and not is_second_name


@make_rule(Scope.MOVIE, "M103", "info")
def no_movie_page(movie: Movie, context: Context) -> Iterator[Finding]:
    """Link is not a movie page: it is not a URL, or is a link to imdb.com without a `tt` number.

    Other sites have no such number. A number alone is enough, as `tt9000001`.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(link="http://www.imdb.com/chart/top"), rules="M103"))
    info: movie.link: the link has no tt number, so it is not the page of a movie [M103]
    """
    link = (movie.link or "").strip()
    if movie.imdb_id is not None:
        return
    if is_blank(link):
        if context.expects("link"):
            yield Finding("there is no link", field="link")
    elif not _URL.fullmatch(link):
        yield Finding("the link is not a URL", field="link")
    elif _IMDB.match(link):
        message = "the link has no tt number, so it is not the page of a movie"
        yield Finding(message, field="link")


@make_rule(Scope.MOVIE, "M104")
def strange_year(movie: Movie, context: Context) -> Iterator[Finding]:
    """Year before the first movie, or far ahead.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(year=1492), rules="M104"))
    warning: movie.year: the year is 1492, before the first movie of 1888 [M104]
    """
    first, ahead = context.thresholds.first_movie, context.thresholds.years_ahead
    if movie.year is None:
        return
    if movie.year < first:
        yield Finding(f"the year is {movie.year}, before the first movie of {first}", field="year")
    elif movie.year > context.today.year + ahead:
        yield Finding(f"the year is {movie.year}, more than {ahead} years ahead", field="year")


@make_rule(Scope.MOVIE, "M105", "info")
def no_reviews(movie: Movie, _: Context) -> Iterator[Finding]:
    """No reviews.

    >>> from reviewcorpus import Movie, validate
    >>> print(*validate(Movie(), rules="M105"))
    info: movie.reviews: there are no reviews [M105]
    """
    if not movie.reviews:
        yield Finding("there are no reviews", field="reviews")


@make_rule(Scope.MOVIE, "M106")
def strange_mean(movie: Movie, context: Context) -> Iterator[Finding]:
    """Mean of the scores is far from the general score.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(general_score=0.2, reviews=[Review(score=0.9)] * 20)
    >>> print(*validate(movie, rules="M106"))
    warning: movie.general_score: the mean of 20 scores is 0.90; the general score is 0.20 [M106]
    """
    mean, general = movie.mean_score, movie.general_score
    count = sum(review.score is not None for review in movie.reviews)
    if mean is None or general is None or count < context.thresholds.mean_reviews:
        return
    if abs(mean - general) > context.thresholds.mean_difference + _ROUNDING:
        yield Finding(
            f"the mean of {count} scores is {mean:.2f}; the general score is {general:.2f}",
            field="general_score",
        )


# ---- reviews -----------------------------------------------------------------------------


_OFF_GRID = 1e-6  # more than what floating point adds to tenths
_DAY = datetime.timedelta(days=1)  # a review may be dated in a time zone ahead of ours


@make_rule(Scope.REVIEW, "R201")
def no_body(review: Review, context: Context) -> Finding | None:
    """No body text.

    >>> from reviewcorpus import Movie, Review, validate
    >>> print(*validate(Movie(reviews=[Review(full_review="")]), rules="R201"))
    warning: movie.reviews[0].full_review: there is no body text [R201]
    """
    if is_blank(review.full_review) and context.expects("full_review"):
        return Finding("there is no body text", field="full_review")
    return None


@make_rule(Scope.REVIEW, "R202")
def strange_date(review: Review, context: Context) -> Finding | None:
    """Dated more than a year before the movie, before the site began, or in the future.

    >>> import datetime
    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(year=2012, reviews=[Review(date=datetime.date(2003, 5, 1))])
    >>> print(*validate(movie, rules="R202"))
    warning: movie.reviews[0].date: dated 2003-05-01, but the movie is from 2012 [R202]
    """
    date, year, first = review.date, context.movie.year, context.thresholds.first_review
    if date is None:
        return None
    if date.year < first:
        return Finding(f"dated {date}, before {first}", field="date")
    if date > context.today and date - _DAY > context.today:
        return Finding(f"dated {date}, which is in the future", field="date")
    if year is not None and date.year < year - 1:
        return Finding(f"dated {date}, but the movie is from {year}", field="date")
    return None


@make_rule(Scope.REVIEW, "R203", "info")
def score_off_grid(review: Review, _: Context) -> Finding | None:
    """Score that is not a multiple of 0.1.

    >>> from reviewcorpus import Movie, Review, validate
    >>> print(*validate(Movie(reviews=[Review(score=0.72), Review(score=0.7)]), rules="R203"))
    info: movie.reviews[0].score: the score 0.72 is not a multiple of 0.1 [R203]
    """
    if review.score is not None:
        tenths = review.score * STARS_ON_SITE
        if abs(tenths - round(tenths)) > _OFF_GRID:
            return Finding(f"the score {review.score} is not a multiple of 0.1", field="score")
    return None


@make_rule(Scope.MOVIE, "R204")
def repeated_review(_: Movie, context: Context) -> Iterator[Finding]:
    """Same review twice in one movie: same user, date and text.

    Whitespace is not compared. If the user is unknown, a short text proves nothing.

    >>> from reviewcorpus import Movie, Review, validate
    >>> review = Review(username="ann", full_review="A quiet film.")
    >>> print(*validate(Movie(reviews=[review, Review(), review]), rules="R204"))
    warning: movie.reviews[2]: the same review as reviews[0] [R204]
    """
    first: dict[int, int] = {}
    for index, body in enumerate(bodies_in(context)):
        earlier = index if body.review is None else first.setdefault(body.review, index)
        if earlier != index:
            yield _repeat(index, earlier, "the same review as {}")


@make_rule(Scope.MOVIE, "R205", "info")
def shared_text(movie: Movie, context: Context) -> Iterator[Finding]:
    """Same text under two users.

    Whitespace is not compared. Short texts are skipped: many people write "Great movie!".

    >>> from reviewcorpus import Movie, Review, validate
    >>> text = "Nothing happens, and I could not look away."
    >>> reviews = [Review(username=name, full_review=text) for name in ("ann", "bob")]
    >>> print(*validate(Movie(reviews=reviews), rules="R205"))
    info: movie.reviews[1].full_review: the same text as reviews[0], under another user name [R205]
    """
    first: dict[int, int] = {}
    seen: set[tuple[int, str | None]] = set()
    for index, (body, review) in enumerate(zip(bodies_in(context), movie.reviews, strict=True)):
        if body.length < context.thresholds.shared_text or is_blank(review.username):
            continue
        earlier = first.setdefault(body.text, index)
        if earlier != index and (body.text, review.username) not in seen:
            message = "the same text as {}, under another user name"
            yield _repeat(index, earlier, message, field="full_review")
        seen.add((body.text, review.username))


@make_rule(Scope.REVIEW, "R206", "info", is_default=False)
def email_in_username(review: Review, _: Context) -> Finding | None:
    """E-mail address in the user name.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(reviews=[Review(username="Jo Doe (jo@example.org)")])
    >>> print(*validate(movie, rules="R206"))
    info: movie.reviews[0].username: the user name contains an e-mail address [R206]
    """
    if any(emails(review.username or "")):
        return Finding("the user name contains an e-mail address", field="username")
    return None


def _repeat(index: int, first: int, message: str, field: str | None = None) -> Finding:
    message = message.format(f"reviews[{first}]")
    return Finding(message, field=field, review_index=index, related=(Place(None, None, first),))


# ---- texts -------------------------------------------------------------------------------

_SHOWN = 3  # words in a message; more would fill the screen
_LONGEST_SHOWN = 40  # characters of each


@make_rule(Scope.MOVIE, "R207")
def lost_to_question_marks(_: Movie, context: Context) -> Iterator[Finding]:
    """Characters lost to `?`, in a text or in the title.

    The crawler wrote in the charset of its machine; characters that this lacks became `?`.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(reviews=[Review(full_review="So na?ve a film. Really?No, but still.")])
    >>> print(*validate(movie, rules="R207"))
    warning: movie.reviews[0].full_review: characters were lost to '?': 'na?ve' [R207]
    """
    return _in_texts(context, lost_characters, "characters were lost to '?'")


@make_rule(Scope.MOVIE, "R208", "info", is_default=False)
def run_together(_: Movie, context: Context) -> Iterator[Finding]:
    """Sentences run together, because a `<br>` was removed.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(reviews=[Review(full_review="A short film.At only an hour.")])
    >>> print(*validate(movie, rules="R208"))
    info: movie.reviews[0].full_review: sentences run together: 'film.At' [R208]
    """
    return _in_texts(context, run_on_sentences, "sentences run together")


@make_rule(Scope.MOVIE, "R209")
def escaped_again(_: Movie, context: Context) -> Iterator[Finding]:
    """Text escaped twice: references remain after decoding.

    >>> from reviewcorpus import Movie, Review, validate
    >>> movie = Movie(reviews=[Review(full_review="A caf&eacute; by the sea")])
    >>> print(*validate(movie, rules="R209"))
    warning: movie.reviews[0].full_review: the text was escaped twice: '&eacute;' [R209]
    """
    return _in_texts(context, escaped_twice, "the text was escaped twice")


@make_rule(Scope.MOVIE, "R210")
def decoded_wrongly(_: Movie, context: Context) -> Iterator[Finding]:
    """Mojibake: UTF-8 that was read as Windows-1252.

    >>> from reviewcorpus import Movie, Review, validate
    >>> print(*validate(Movie(title="CafÃ© Nord"), rules="R210"))
    warning: movie.title: UTF-8 was read as Windows-1252: 'CafÃ©' [R210]
    """
    return _in_texts(context, _garbled_words, "UTF-8 was read as Windows-1252")


@finder(LEADS)
def _garbled_words(text: str) -> Iterator[tuple[int, int]]:
    """Yield the words with mojibake, which says more than the characters do."""
    end = 0
    for span in mojibake(text):
        if span.start >= end:
            word = token_around(text, span.start, end)
            end = max(word.end, span.end)
            yield word.start, end


def _in_texts(context: Context, find: Finder[Any], what: str) -> Iterator[Finding]:
    """Yield a finding for each text with something in it; it shows the first few words."""
    for index, field, text in context.texts:
        found = iter(find(text))
        words = [text[start:end][:_LONGEST_SHOWN] for start, end, *_ in islice(found, _SHOWN)]
        if words:
            more = sum(1 for _ in found)
            shown = ", ".join(map(repr, words)) + (f" and {more} more" if more else "")
            yield Finding(f"{what}: {shown}", field=field, review_index=index)


# ---- a whole corpus ----------------------------------------------------------------------

_REVIEW_BITS = 30  # of a place; a movie has fewer reviews than that


@make_rule(Scope.CORPUS, "C301")
class SameMovie:
    """Same movie in several records: the same `tt` number, or the same link without one.

    Each record after the first is a finding, which names the first. Links are compared as they are
    written, except for whitespace around them.

    >>> from reviewcorpus import CorpusValidator, Movie
    >>> validator = CorpusValidator(rules="C301")
    >>> for source in ("a.xml", "b.xml"):
    ...     _ = validator.feed(Movie(link="http://www.imdb.com/title/tt0000042/"), source=source)
    ...
    >>> print(*validator.finish())
    b.xml: warning: movies[0]: the same movie (tt0000042) as a.xml: movies[0] [C301]
    """

    def __init__(self, _: Thresholds) -> None:
        self._first: dict[str | int, Place] = {}  # by number, or hash of the link
        self._found: list[tuple[Place, str | int]] = []

    def feed(self, movie: Movie, place: Place) -> None:
        """Read a movie."""
        link = (movie.link or "").strip()
        key = movie.imdb_id or fingerprint(link)
        if not is_blank(link) and self._first.setdefault(key, place) is not place:
            self._found.append((place, key))

    def finish(self) -> Iterator[tuple[Place, Finding]]:
        """Yield each record of a movie that has an earlier one."""
        for place, key in self._found:
            first = self._first[key]
            same = f"movie ({key})" if isinstance(key, str) else "link"
            yield place, Finding(f"the same {same} as {first}", related=(first,))


@make_rule(Scope.CORPUS, "C302")
class SameReview(SharedCheck):
    """Same review in several records: same user, date and text.

    Whitespace is not compared. If the user is unknown, a short text proves nothing.

    >>> from reviewcorpus import CorpusValidator, Movie, Review
    >>> validator = CorpusValidator(rules="C302")
    >>> movie = Movie(reviews=[Review(username="ann", full_review="A quiet film.")])
    >>> for source in ("a.xml", "b.xml"):
    ...     _ = validator.feed(movie, source=source)
    ...
    >>> print(*validator.finish())
    b.xml: warning: movies[0].reviews[0]: the same review as a.xml: movies[0].reviews[0] [C302]
    """

    def __init__(self, thresholds: Thresholds) -> None:
        super().__init__(thresholds)
        self._movies: list[Place] = []
        self._first: dict[int, int] = {}  # from the hash of a review to its place
        self._repeats = array("Q")
        self._firsts_of_repeats = array("Q")

    def feed_bodies(self, bodies: Sequence[Body], place: Place) -> None:
        """Read the reviews of a movie."""
        start = len(self._movies) << _REVIEW_BITS
        self._movies.append(place)
        met: set[int] = set()  # repeats within one movie are for R204
        for number, body in enumerate(bodies, start):
            key = body.review
            if key is None:
                continue
            first = self._first.setdefault(key, number)
            if first < start and key not in met:
                self._repeats.append(number)
                self._firsts_of_repeats.append(first)
            met.add(key)

    def finish(self) -> Iterator[tuple[Place, Finding]]:
        """Yield each review that is in an earlier record."""
        for repeat, number in zip(self._repeats, self._firsts_of_repeats, strict=True):
            first = self._place(number)
            yield self._place(repeat), Finding(f"the same review as {first}", related=(first,))

    def _place(self, number: int) -> Place:
        return self._movies[number >> _REVIEW_BITS].review(number & ((1 << _REVIEW_BITS) - 1))


# ---- all of them -------------------------------------------------------------------------

RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.code: rule for rule in list(globals().values()) if isinstance(rule, Rule)}
)
"""The rules of the library by their codes."""

# Their examples, for doctest, which does not look into objects.
__test__ = {code: rule.check.__doc__ for code, rule in RULES.items()}
