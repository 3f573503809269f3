"""Corpora to measure with: made from a seed, of any size, clean or damaged at known rates.

Every movie and review is invented. Lengths, punctuation, characters and scores are drawn as often
as `profile.json` says that a real file has them; `make_profile.py` wrote it. A corpus comes with
the reviews that it holds, so that what a reader lost or changed can be counted.
"""

from __future__ import annotations

import datetime
import html
import itertools
import json
import math
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import attrs

from reviewcorpus import Review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROFILE: dict[str, Any] = json.loads(
    Path(__file__).with_name("profile.json").read_text(encoding="utf-8")
)
_COUNTS: dict[str, dict[str, int]] = {
    name: counts for name, counts in PROFILE.items() if isinstance(counts, dict)
}
# What to draw from, and the sums of counts that `random.choices` takes.
_CHOICES = {
    name: (list(counts), list(itertools.accumulate(counts.values())))
    for name, counts in _COUNTS.items()
}
_REVIEWS = PROFILE["reviews"]
_WITH_LETTERS = PROFILE["reviews_with_letters"]
_LETTERS = round(sum(_COUNTS["letters"].values()) / _WITH_LETTERS) if _WITH_LETTERS else 0

_REVIEWS_PER_SMALL_MOVIE = 8
_VOCABULARY = 2000  # words
_PAIRS = 20_000  # of a mark and the word after it, so that few are missing
_SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo yu za bre cla dri".split()
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"

HEAD = b"<corpus>\n"
TAIL = b"</corpus>\n"


class Piece(NamedTuple):
    """What is in a file, and what it means."""

    raw: str
    text: str


Damage: TypeAlias = "tuple[Piece, ...]"
"""Pieces that are put into one body, each in place of a space."""


@attrs.frozen
class Corpus:
    """A corpus in memory.

    Attributes:
        name: What it is called in the tables.
        data: The file.
        reviews: The reviews that it holds, in order.
    """

    name: str
    data: bytes
    reviews: list[Review]


class Writer:
    """Invents movies and reviews, and writes them as the crawler does.

    Args:
        seed: The same seed gives the same corpus.
        in_review: Share of the reviews whose body is damaged.
        in_title: Share of the movies whose title is cut in half a reference.
        in_link: Share of the movies whose link holds a bare `&`.
        damages: The kinds of damage to a body; one of them is drawn for each damaged review.
    """

    def __init__(
        self,
        seed: int,
        *,
        in_review: float = 0.0,
        in_title: float = 0.0,
        in_link: float = 0.0,
        damages: tuple[Damage, ...] = (),
    ) -> None:
        self._chance = chance = random.Random(seed)
        self._in_review = in_review
        self._in_title = in_title
        self._in_link = in_link
        self._damages = damages
        lengths = self._draw("word_lengths", _VOCABULARY)
        self._vocabulary = [self._invent_word(int(length)) for length in lengths]
        marks = self._draw("between", _PAIRS)
        self._words_after_marks = [
            mark[:-1] + (word.capitalize() if mark[-1] == "A" else word)
            for mark, word in zip(marks, chance.choices(self._vocabulary, k=_PAIRS), strict=True)
        ]
        self._mean_length = sum(map(len, self._words_after_marks)) / _PAIRS
        self._movies = itertools.count(1)

    def movie(self, reviews: int | None = None) -> tuple[bytes, list[Review]]:
        """Return a movie as it is written in a file, and its reviews.

        Args:
            reviews: How many; as many as a real movie has if it is left out.
        """
        chance, number = self._chance, next(self._movies)
        count = self._length("reviews_per_movie") if reviews is None else reviews
        title = " ".join(word.title() for word in chance.choices(self._vocabulary, k=2))
        if chance.random() < self._in_title:
            title += " &amp"
        link = f"http://www.imdb.com/title/tt{number:07}/"
        if chance.random() < self._in_link:
            link += "?pf_rd_m=A2F&pf_rd_p=239&ref_=chttp_tt_34"
        head = (
            f"<movie>\n\t<title>{title}</title>\n\t<link>{link}</link>\n"
            f"\t<year>{chance.randint(1930, 2012)}</year>\n\t<generalScore>0.75</generalScore>\n"
        )
        made = [self._review(f"{_base_36(number)}x{_base_36(index)}") for index in range(count)]
        raw = "".join([head, *(raw for raw, _ in made), "</movie>\n"])
        return raw.encode(), [review for _, review in made]

    def _review(self, number: str) -> tuple[str, Review]:
        date = datetime.date.fromordinal(self._length("days"))
        username = self._words(self._length("username_lengths") - len(number)) + number
        score = self._draw("scores")[0]
        headline = self._words(self._length("headline_lengths")).capitalize()
        body = self._body()
        raw = (
            f"\t<review>\n\t\t<date>{date}</date>\n\t\t<username>{username}</username>\n"
            f"\t\t<score>{score}</score>\n"
            f"\t\t<shortDescription>{headline}</shortDescription>\n"
            f"\t\t<fullReview>{body.raw}</fullReview>\n\t</review>\n"
        )
        number_of_score = float(score) if float(score) >= 0 else None
        return raw, Review(date, username, number_of_score, headline, body.text)

    def _words(self, length: int) -> str:
        """Return words of this length together; of one letter at least."""
        words = self._chance.choices(self._vocabulary, k=length // 3 + 1)
        return " ".join(words)[: max(1, length)].rstrip()

    def _body(self) -> Piece:
        chance = self._chance
        count = max(1, round(self._length("body_lengths") / self._mean_length))
        words = chance.choices(self._words_after_marks, k=count)
        if chance.random() < _WITH_LETTERS / _REVIEWS:
            for letter in self._draw("letters", _LETTERS):
                at = chance.randrange(len(words))
                words[at] = words[at][:-1] + letter
        text = chance.choice(self._vocabulary).capitalize() + "".join(words) + "."
        pieces = {text.index(" ", chance.randrange(len(text) // 2)): it for it in self._pieces()}
        raws, texts, start = [], [], 0
        for at, piece in sorted(pieces.items()):
            raws += [_escape(text[start:at]), piece.raw]
            texts += [text[start:at], piece.text]
            start = at + 1
        return Piece("".join([*raws, _escape(text[start:])]), "".join([*texts, text[start:]]))

    def _pieces(self) -> Iterator[Piece]:
        """Yield what is put into a body: references as in the real file, and damage."""
        for raw, count in _COUNTS["references"].items():
            if self._chance.random() < count / _REVIEWS:
                yield Piece(f" {raw} ", f" {html.unescape(raw)} ")
        if self._chance.random() < self._in_review:
            yield from self._chance.choice(self._damages)

    def _length(self, name: str) -> int:
        """Draw a number of which the profile has quantiles."""
        quantiles: list[int] = PROFILE[name]
        place = self._chance.random() * (len(quantiles) - 1)
        low, high = quantiles[int(place)], quantiles[int(place) + 1]
        return round(low + (high - low) * (place % 1))

    def _draw(self, name: str, count: int = 1) -> list[str]:
        """Draw from what the profile has counts of."""
        names, sums = _CHOICES[name]
        return self._chance.choices(names, cum_weights=sums, k=count)

    def _invent_word(self, length: int) -> str:
        return "".join(self._chance.choices(_SYLLABLES, k=length))[:length]


def _base_36(number: int) -> str:
    """Return a short name of a number: user names are short, and differ."""
    high, low = divmod(number, 36)
    return (_base_36(high) if high else "") + _DIGITS[low]


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


BARE_AMPERSAND = (Piece(" & ", " & "),)
NO_BREAK_SPACE = (Piece(" &nbsp;", " \xa0"),)
REFERENCES = (
    BARE_AMPERSAND,
    NO_BREAK_SPACE,
    (Piece(" r&b, ", " r&b, "),),
    (Piece(" AT&T ", " AT&T "),),
    (Piece(" &amp ", " & "),),
    (Piece(" caf&eacute; ", " café "),),
    (Piece(" &bogus; ", " &bogus; "),),
    (Piece(" &#150; ", " – "),),
)
# Five defects in four reviews.
MARKUP = (
    (Piece(" I <3 it ", " I <3 it "),),
    (Piece(" <i>so</i> ", " so "),),
    (Piece("<br>", "\n"),),
    (Piece(" \x07", " \ufffd"),),
)
EVERY_DAMAGE = (
    *REFERENCES,
    *MARKUP,
    (Piece(" rating < 5 ", " rating < 5 "),),
    (Piece(" <sarcasm> ", " <sarcasm> "),),
)


def clean(size: int, seed: int = 1) -> Corpus:
    """Return a well-formed corpus of at least `size` bytes."""
    return _corpus("clean", Writer(seed), size)


def survey(size: int, seed: int = 12) -> Corpus:
    """Return a corpus that is damaged as a survey of real files found it."""
    # Of the files, 1 % hold a "&nbsp;" and 5 % a numeric reference: of the reviews a hundredth of
    # that, since a movie has about a hundred here.
    writer = Writer(seed, in_review=0.0001, in_title=0.06, in_link=0.11, damages=(NO_BREAK_SPACE,))
    return _corpus("as surveyed", writer, size)


def one_in_five(size: int, seed: int = 3) -> Corpus:
    """Return a corpus in which one review of five holds a bare `&` and a `&nbsp;`."""
    writer = Writer(seed, in_review=0.2, damages=(BARE_AMPERSAND + NO_BREAK_SPACE,))
    return _corpus("one review in five", writer, size)


def every_reference(size: int, seed: int = 4) -> Corpus:
    """Return a corpus in which every review holds one reference that XML does not know."""
    writer = Writer(seed, in_review=1.0, damages=REFERENCES)
    return _corpus("a reference in every review", writer, size)


def every_markup(size: int, seed: int = 5) -> Corpus:
    """Return a corpus in which every review holds `<3`, `<i>…</i>`, `<br>` or U+0007."""
    return _corpus("markup in every review", Writer(seed, in_review=1.0, damages=MARKUP), size)


def every_review(size: int, seed: int = 6) -> Corpus:
    """Return a corpus in which every review is damaged, in turn by each kind of damage to text."""
    writer = Writer(seed, in_review=1.0, in_title=0.06, in_link=0.11, damages=EVERY_DAMAGE)
    return _corpus("any damage in every review", writer, size)


def _corpus(name: str, writer: Writer, size: int) -> Corpus:
    parts, reviews = [HEAD], []
    length = 0
    while length < size:
        data, some = writer.movie()
        parts.append(data)
        reviews += some
        length += len(data)
    parts.append(TAIL)
    return Corpus(name, b"".join(parts), reviews)


def in_format(name: str, size: int) -> list[bytes]:
    """Return the records of a clean corpus of about `size` bytes, in another format than `movie`.

    Args:
        name: Name of the format.
        size: Of all records, in bytes.
    """
    encoding = "latin-1" if name == "muchocine" else "utf-8"  # of Windows-1252, what is in use
    reviews, records, length = clean(size).reviews, list[bytes](), 0
    for number in range(len(reviews)):
        if length >= size:
            break
        some = reviews[number * _PER_WORK : (number + 1) * _PER_WORK] or reviews[:1]
        record = _AS[name](number, some if name == "senscritique" else [reviews[number]])
        records.append(record.encode(encoding, "xmlcharrefreplace"))
        length += len(records[-1])
    return records


_PER_WORK = 12  # reviews on a page of SensCritique


def _as_muchocine(number: int, reviews: list[Review]) -> str:
    (review,) = reviews
    return (
        f'<review author="{_escape(review.username or "")}" title="Work {number}" rank="4"'
        f' maxRank="5" source="muchocine">\n'
        f"\t<summary>{_escape(review.short_description or '')}</summary>\n"
        f"\t<body>{_escape(review.full_review or '')}</body>\n</review>\n"
    )


def _as_senscritique(number: int, reviews: list[Review]) -> str:
    head = (
        f"<sensCritiqueEntity>\n\t<nameEn>null</nameEn>\n\t<nameFr>Work {number}</nameFr>\n"
        "\t<typeEn>Movie</typeEn>\n\t<typeFr>Film</typeFr>\n\t<year>1958</year>\n"
        f"\t<link>http://www.senscritique.com/film/Work/{number}</link>\n"
        "\t<generalScore>8.2</generalScore>\n\t<scoreDistribution>\n"
        + "".join(f"\t\t<numberOfVoters>{vote}</numberOfVoters>\n" for vote in range(10))
        + "\t</scoreDistribution>\n"
    )
    rest = [
        f"\t<review>\n\t\t<title>{_escape(review.short_description or '')}</title>\n"
        f"\t\t<author>{_escape(review.username or '')}</author>\n"
        f"\t\t<date>{review.date}</date>\n\t\t<score>0.8</score>\n"
        f"\t\t<content>{_escape(review.full_review or '')}</content>\n\t</review>\n"
        for review in reviews
    ]
    return "".join([head, *rest, "</sensCritiqueEntity>\n"])


def _as_mdsd(number: int, reviews: list[Review]) -> str:
    (review,) = reviews
    fields = {
        "unique_id": f"B{number:08}:a_name",
        "asin": f"B{number // 2:08}",
        "product_name": f"Work {number // 2}: DVD",
        "product_type": "dvd",
        "helpful": "9 of 9",
        "rating": "4.0",
        "title": review.short_description,
        "date": "September 8, 2006",
        "reviewer": review.username,
        "reviewer_location": "Portland, OR",
        "review_text": (review.full_review or "")[:_LENGTH_OF_PRODUCT_REVIEW],
    }
    lines = (f"<{name}>\n{_escape(text or '')}\n</{name}>\n" for name, text in fields.items())
    return "".join(["<review>\n", *lines, "</review>\n"])


_LENGTH_OF_PRODUCT_REVIEW = 800  # characters
_AS: dict[str, Callable[[int, list[Review]], str]] = {
    "muchocine": _as_muchocine,
    "senscritique": _as_senscritique,
    "mdsd": _as_mdsd,
}


def stream(size: int, seed: int = 7) -> Iterator[bytes]:
    """Yield a clean corpus of about `size` bytes in pieces, the same movies again and again."""
    writer = Writer(seed)
    movies = [writer.movie()[0] for _ in range(5)]
    return _repeat(movies, size)


def _repeat(movies: list[bytes], size: int) -> Iterator[bytes]:
    yield HEAD
    length = 0
    for movie in itertools.cycle(movies):
        if length >= size:
            break
        yield movie
        length += len(movie)
    yield TAIL


def document(size: int, reviews: int) -> bytes:
    """Return a movie with this many reviews, and nearly this size in bytes."""
    writer = Writer(8)
    movies = [writer.movie(reviews)[0] for _ in range(100)]
    return min(movies, key=lambda data: abs(len(data) - size))


def put_in(data: bytes, first: bytes, second: bytes, every: int = 1) -> bytes:
    """Put something in place of two spaces of a body, in one review of so many."""
    start, *bodies = data.split(b"<fullReview>")
    for at in range(0, len(bodies), every):
        body, end, rest = bodies[at].partition(b"</fullReview>")
        for piece, share in ((second, 2 / 3), (first, 1 / 3)):
            space = body.index(b" ", int(len(body) * share))
            body = body[:space] + piece + body[space + 1 :]
        bodies[at] = body + end + rest
    return b"<fullReview>".join([start, *bodies])


def write_folder(folder: Path, *, files: int, seed: int, reviews: int | None = None) -> Path:
    """Write a folder of files of one movie each.

    Args:
        folder: Where; it is made.
        files: How many.
        seed: The same seed gives the same files.
        reviews: How many in each file; if it is left out, a few in most of them.
    """
    folder.mkdir()
    writer, chance = Writer(seed), random.Random(seed)
    for number in range(files):
        few = int(chance.lognormvariate(math.log(_REVIEWS_PER_SMALL_MOVIE), 1))
        data, _ = writer.movie(few if reviews is None else reviews)
        (folder / f"{number:05}.xml").write_bytes(data)
    return folder
