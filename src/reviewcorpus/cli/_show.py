"""`reviewcorpus show`: the records as people read them, each with its defects below it.

One movie is held at a time, with no more reviews and defects than are shown. The number of its
reviews is in its header, but known only at its end.
"""

from __future__ import annotations

import shutil
import textwrap
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import attrs
import click

from reviewcorpus._checks import visible
from reviewcorpus.cli._check import in_color, message_of
from reviewcorpus.cli._output import STYLES
from reviewcorpus.cli._shared import NOT_READ, Reading, reads
from reviewcorpus.defects import Defect
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.models import Review

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.models import Movie

_ALL = 1 << 62  # more reviews than any corpus has
_NARROWEST, _WIDEST = 40, 100  # columns; longer lines are hard to read
_MOST_LINES = 4  # of a body that is shortened
_MOST_BELOW = 8  # defects of one record, and elements in its `extra`, likewise
_LONGEST_LINE = 1 << 14  # characters that are wrapped at a time
_INDENT = "  "


# ---- movies -----------------------------------------------------------------------------


@attrs.define
class _Open:
    """The movie that is being read.

    Args:
        most: How many reviews are kept.
        most_defects: How many defects of one record are kept.

    Attributes:
        reviews: Those that are kept.
        count: How many there are.
        defects: Those that are kept, by the index of their review; `None` for the movie itself.
        others: How many more defects each of these has.
        hidden: How many defects the reviews have that are not kept.
    """

    most: int
    most_defects: int
    reviews: list[Review] = attrs.field(factory=list, init=False)
    count: int = attrs.field(default=0, init=False)
    defects: defaultdict[int | None, list[Defect]] = attrs.field(
        factory=lambda: defaultdict(list), init=False
    )
    others: Counter[int | None] = attrs.field(factory=Counter, init=False)
    hidden: int = attrs.field(default=0, init=False)

    def add(self, item: ReviewRun | Defect) -> None:
        """Add reviews, or a defect."""
        if isinstance(item, ReviewRun):
            self.reviews += item.reviews[: self.most - len(self.reviews)]
            self.count += len(item.reviews)
        elif (item.review_index or 0) >= self.most:
            self.hidden += 1
        elif len(kept := self.defects[item.review_index]) < self.most_defects:
            kept.append(item)
        else:
            self.others[item.review_index] += 1


def _lines(reading: Reading, most: int, page: _Page) -> Iterator[str]:
    """Yield what is shown, up to `most` reviews; a movie without reviews counts as one."""
    most_defects = _ALL if page.is_full else _MOST_BELOW
    movie = _Open(0, 0)
    is_open = False
    for item in reading:
        if not most:
            yield "... there is more; -n 0 shows all"
            return
        if isinstance(item, MovieStarted):
            movie, is_open = _Open(most, most_defects), True
        elif isinstance(item, MovieEnded):
            yield from page.movie(item.movie, reading.source, movie)
            most -= max(1, len(movie.reviews))
            is_open = False
            if movie.count > len(movie.reviews):
                yield _more(movie)
                return
        elif is_open and (isinstance(item, ReviewRun) or item.movie_index is not None):
            movie.add(item)
        elif isinstance(item, Defect):
            yield from (in_color(str(item), item.severity), "")


def _more(movie: _Open) -> str:
    """Return the last line, if a movie has more reviews than are shown."""
    defects = f", with {_counted(movie.hidden, 'defect')}" if movie.hidden else ""
    count = movie.count - len(movie.reviews)
    return f"... {_counted(count, 'more review')} of this movie{defects}; -n 0 shows all"


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


# ---- lines ------------------------------------------------------------------------------


@attrs.frozen
class _Page:
    """How records look.

    Args:
        width: Columns of a line.
        is_full: Whether texts and defects are shown whole.
    """

    width: int
    is_full: bool

    def movie(self, movie: Movie, source: str | None, read: _Open) -> Iterator[str]:
        """Yield the header of a movie, its reviews, and their defects."""
        title = f"{_or_no(movie.title, 'title')} ({_or_no(movie.year, 'year')})"
        yield from self._text(title, "", "title")
        score = "no score" if movie.general_score is None else f"score {movie.general_score:g}"
        link = movie.imdb_id or _or_no(movie.link, "link")
        facts = [source or "<input>", link, score, _counted(read.count, "review")]
        yield from self._text(" | ".join(facts), "")
        yield from self._below(movie, read, None, "")
        yield ""
        for index, review in enumerate(read.reviews):
            yield from self._review(review, read, index)
            yield ""

    def _review(self, review: Review, read: _Open, index: int) -> Iterator[str]:
        score = "no score" if review.score is None else f"score {review.score:g}"
        stars = "" if review.stars is None else f" ({_counted(review.stars, 'star')})"
        facts = [_or_no(review.date, "date"), _or_no(review.username, "user"), score + stars]
        yield from self._text(" | ".join(facts), _INDENT)
        yield from self._text(_or_no(review.short_description, "headline"), _INDENT, "title")
        yield from self._text(_or_no(review.full_review, "body"), _INDENT * 2)
        yield from self._below(review, read, index, _INDENT)

    def _below(
        self, record: Movie | Review, read: _Open, index: int | None, indent: str
    ) -> Iterator[str]:
        """Yield the lines for `extra`, and those for the defects."""
        extra = tuple(record.extra.items())
        shown = extra if self.is_full else extra[:_MOST_BELOW]
        for name, value in shown:
            yield from self._text(f"{name}: {value}", indent)
        yield from _others(len(extra) - len(shown), "element", indent)
        for defect in read.defects[index]:
            place = f"{defect.line}:{defect.column}: {defect.severity}: "
            line = f"{place}{message_of(defect)} [{defect.kind}]"
            first, *others = self._wrapped(line, indent, indent + _INDENT)
            yield from (in_color(first, defect.severity), *others)
        yield from _others(read.others[index], "defect", indent)

    def _text(self, text: str, indent: str, style: str = "plain") -> Iterator[str]:
        """Yield the lines of a text: of each paragraph, or the first ones of all together."""
        enough = 2 * _MOST_LINES * self.width  # or wrapping would take long
        for part in _pieces(text) if self.is_full else [text[:enough]]:
            for line in self._wrapped(part, indent, indent):
                yield click.style(line, **STYLES[style])

    def _wrapped(self, text: str, first: str, others: str) -> list[str]:
        """Return a text as lines with indents."""
        lines = textwrap.wrap(
            visible(" ".join(text.split())),
            self.width,
            initial_indent=first,
            subsequent_indent=others,
            max_lines=None if self.is_full else _MOST_LINES,
            break_on_hyphens=False,
            placeholder=" ...",
        )
        return [*map(visible, lines)]  # a line may now begin like a command


def _pieces(text: str) -> Iterator[str]:
    """Yield the lines of a text, long ones in pieces: one long word takes quadratic time."""
    for line in text.splitlines():
        yield from (line[at : at + _LONGEST_LINE] for at in range(0, len(line), _LONGEST_LINE))


def _others(count: int, name: str, indent: str) -> Iterator[str]:
    """Yield a line about those that are not shown, if there are any."""
    if count:
        yield f"{indent}... {_counted(count, f'more {name}')}; --full shows all"


def _or_no(value: object, name: str) -> str:
    """Return a value as text, or a note that it is missing or empty."""
    if value is None:
        return f"no {name}"
    return str(value) if str(value).strip() else f"empty {name}"


# ---- the command ------------------------------------------------------------------------


@click.command(
    epilog="Exit status: 0 done, 2 something could not be read, or there was nothing to read."
)
@click.option(
    "-n",
    "--number",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    metavar="N",
    help="How many reviews to show; a movie without reviews counts as one. 0 shows all.",
)
@click.option("--full", is_flag=True, help="Show long texts in full, and every defect of a record.")
@reads()
def show(*, reading: Reading, number: int, full: bool) -> int:
    """Print the records in a readable form, each with its defects below it.

    Reading stops when enough has been shown. PATH is a file, a folder with *.xml, *.txt and
    *.review files, an archive, or - for standard input.

    \b
    Examples:
      reviewcorpus show corpus/
      reviewcorpus show -n 0 --full corpus/movie.xml | less
      zcat movies.xml.gz | reviewcorpus show -n 20 -
    """
    columns = shutil.get_terminal_size().columns
    page = _Page(min(_WIDEST, max(_NARROWEST, columns)), full)
    for line in _lines(reading, number or _ALL, page):
        reading.output.line(line)
    return NOT_READ if reading.not_read else 0
