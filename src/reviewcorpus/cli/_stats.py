"""`reviewcorpus stats`: what a corpus looks like in numbers.

The numbers are plain data, which `json.dumps` can print: `Counts.data` makes them, and text, JSON
and the page of `reviewcorpus report` show them.
"""

from __future__ import annotations

import shutil
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs
import click

from reviewcorpus._checks import visible
from reviewcorpus.cli._output import STYLES, is_terminal, to_json
from reviewcorpus.cli._shared import NOT_READ, Reading, choice, name_of, reads
from reviewcorpus.defects import Defect, DefectKind
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.models import STARS_ON_SITE, stars_of
from reviewcorpus.summary import notable_formats
from reviewcorpus.validation import Place, Problem
from reviewcorpus.validation._prose import emails, fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from reviewcorpus.events import Item
    from reviewcorpus.models import Movie, Review

    Data = dict[str, Any]
    Count = Counter[int | None]  # how many records have a value; `None` for those without

STARS = range(1, STARS_ON_SITE + 1)
_QUANTILES = {"least": 0, "lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75, "most": 1}
EXAMPLES = 3
"""How many examples are kept of each kind of defect, and of each rule: the first ones."""


# ---- counting ---------------------------------------------------------------------------


class Counts:
    """Counts what a pass yields.

    Memory grows with the number of different users, by about 100 bytes for each. With a validator,
    one whole movie is held, besides what the validator keeps.
    """

    def __init__(self) -> None:
        self._all: defaultdict[str, Count] = defaultdict(Counter)
        # Reviews of the open movie wait until it ends: an error may cut it, and `errors="drop"`
        # may drop it.
        self._of_movie: defaultdict[str, Count] = defaultdict(Counter)
        self._findings: dict[str, Data] = {}  # by kinds and codes

    def add(self, item: Item | Problem) -> None:
        """Count one item."""
        if isinstance(item, ReviewRun):
            for review in item.reviews:
                self._add_review(review)
        elif isinstance(item, Defect | Problem):
            self._add_finding(item)
        elif isinstance(item, MovieStarted | MovieEnded):
            if isinstance(item, MovieEnded) and not item.dropped:
                self._add_movie(item.movie)
            self._of_movie.clear()

    def _add_review(self, review: Review) -> None:
        counts = self._of_movie
        day, name, body = review.date, review.username, review.full_review
        counts["scores"][stars_of(review.score)] += 1
        counts["dates"][None if day is None else day.year] += 1
        counts["lengths"][None if body is None else len(body)] += 1
        counts["users"][None if name is None else fingerprint(name)] += 1
        counts["emails"][name is not None and any(emails(name))] += 1

    def _add_movie(self, movie: Movie) -> None:
        for name, counts in self._of_movie.items():
            self._all[name].update(counts)
        self._all["general_scores"][stars_of(movie.general_score)] += 1
        self._all["years"][movie.year] += 1

    def _add_finding(self, finding: Defect | Problem) -> None:
        """Count a finding by its name; remember its severity, and the first few."""
        name = name_of(finding)
        empty: Data = {"name": name, "count": 0, "severities": [], "examples": []}
        found = self._findings.setdefault(name, empty)
        found["count"] += 1
        if finding.severity not in found["severities"]:
            found["severities"] = sorted([*found["severities"], finding.severity])
        if len(found["examples"]) < EXAMPLES:
            found["examples"].append(attrs.asdict(finding))

    def data(self, reading: Reading) -> Data:
        """Return the numbers as plain data, once everything has been read."""
        counts, findings = self._all, self._findings
        problems = [findings[code] for code in sorted(findings.keys() - set(DefectKind))]
        return {
            "summary": attrs.asdict(reading.summary()),
            **{name: figure.data_of(counts[name]) for name, figure in FIGURES.items()},
            "users": _users(counts["users"], counts["emails"]),
            "defects": [findings[kind] for kind in DefectKind if kind in findings],
            "problems": None if reading.problems is None else problems,
            "not_read": reading.not_read,
        }


def _scores(counts: Count) -> Data:
    rated = counts.total() - counts[None]
    return {
        "stars": {stars: counts[stars] for stars in STARS},
        "below": counts[0],
        "without": counts[None],
        "share_without": _ratio(counts[None], counts.total()),
        "mean": _ratio(sum(stars * count for stars, count in _known(counts)), rated),
    }


def _years(counts: Count) -> Data:
    return {"counts": dict(_known(counts)), "without": counts[None]}


def _lengths(counts: Count) -> Data:
    known = _known(counts)
    bodies = counts.total() - counts[None]
    doublings: Counter[int] = Counter()
    for length, count in known:
        doublings[1 << (length.bit_length() - 1) if length else 0] += count
    return {
        "bodies": bodies,
        "without": counts[None],
        **{name: _quantile(known, share) for name, share in _QUANTILES.items()},
        "mean": _ratio(sum(length * count for length, count in known), bodies),
        "doublings": dict(doublings),
    }


def _users(counts: Count, emails: Count) -> Data:
    return {
        "names": len(_known(counts)),
        "without": counts[None],
        "with_email": emails[True],
        "share_with_email": _ratio(emails[True], emails.total()),
    }


def _known(counts: Count) -> list[tuple[int, int]]:
    """Return the values that are not `None` with their counts, in order."""
    return sorted((value, count) for value, count in counts.items() if value is not None)


def _quantile(counts: list[tuple[int, int]], share: float) -> int | None:
    """Return the least value that this share of all values does not exceed, if there are any."""
    sums = list(accumulate(count for _, count in counts))
    return counts[bisect_left(sums, share * sums[-1])][0] if sums else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


# ---- numbers as people read them --------------------------------------------------------

_FIRST_YEAR, _LAST_YEAR = 1880, 2040  # others are wrong, and would make the bars narrow
_MOST_SINGLE_YEARS = 20  # more of them are shown by decades
_THOUSAND = 1024  # lengths come in powers of two
NONE = "none"
"""The label of records without a value."""


class Bar(NamedTuple):
    """One bar of a histogram.

    Attributes:
        label: What is counted.
        amount: How many there are.
        share: Their share of everything in the histogram, 0.0 to 1.0.
    """

    label: str
    amount: int
    share: float


def histograms(data: Data) -> dict[str, list[Bar]]:
    """Return the bars of the figures that have a histogram, by the name of the figure."""
    return {name: _bars(figure.rows_of(data[name])) for name, figure in FIGURES.items()}


def _bars(rows: Iterable[tuple[str, int]]) -> list[Bar]:
    rows = list(rows)
    total = sum(count for _, count in rows) or 1
    return [Bar(label, count, count / total) for label, count in rows]


def _score_rows(scores: Data) -> Iterator[tuple[str, int]]:
    """Yield each number of stars, and the records without a score."""
    if scores["below"]:
        yield "0", scores["below"]
    for stars, count in scores["stars"].items():
        yield str(stars), count
    yield NONE, scores["without"]


def _year_rows(years: Data) -> Iterator[tuple[str, int]]:
    """Yield each year or decade from the first to the last, and the records without a year.

    Years that no movie can have are at the ends.
    """
    counts = {y: n for y, n in years["counts"].items() if _FIRST_YEAR <= y < _LAST_YEAR}
    before = sum(n for y, n in years["counts"].items() if y < _FIRST_YEAR)
    after = sum(n for y, n in years["counts"].items() if y >= _LAST_YEAR)
    if before:
        yield f"<{_FIRST_YEAR}", before
    if counts:
        first, last = min(counts), max(counts)
        step = 1 if last - first < _MOST_SINGLE_YEARS else 10
        for start in range(first // step * step, last + 1, step):
            label = str(start) if step == 1 else f"{start}s"
            yield label, sum(counts.get(year, 0) for year in range(start, start + step))
    if after:
        yield f"{_LAST_YEAR}+", after
    yield NONE, years["without"]


def _length_rows(lengths: Data) -> Iterator[tuple[str, int]]:
    """Yield each doubling from the shortest body to the longest, by its lower end."""
    counts: Mapping[int, int] = lengths["doublings"]
    if 0 in counts:
        yield "0+", counts[0]
    ends = [end for end in counts if end]
    if ends:
        for power in range(min(ends).bit_length() - 1, max(ends).bit_length()):
            yield f"{_short(1 << power)}+", counts.get(1 << power, 0)


def _short(number: int) -> str:
    """Return a power of two with the unit that makes it short."""
    return str(number) if number < _THOUSAND else f"{number // _THOUSAND}K"


class Figure(NamedTuple):
    """One figure with a histogram.

    Attributes:
        title: What the histogram shows.
        data_of: A function that turns the counts into plain data.
        rows_of: A function that yields the label and the amount of each bar, from this data.
    """

    title: str
    data_of: Callable[[Count], Data]
    rows_of: Callable[[Data], Iterator[tuple[str, int]]]


FIGURES = {
    "scores": Figure("scores of the reviews, in stars", _scores, _score_rows),
    "general_scores": Figure("general scores of the movies", _scores, _score_rows),
    "years": Figure("years of the movies", _years, _year_rows),
    "dates": Figure("dates of the reviews", _years, _year_rows),
    "lengths": Figure("lengths of the bodies, in characters", _lengths, _length_rows),
}
"""What is counted, by the names in the data."""


def number(value: float | None) -> str:
    """Return a number with commas, a mean with one decimal; `-` for a missing value."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def percent(share: float | None) -> str:
    """Return a share in percent; one that is not 0 is never shown as 0."""
    if share is None:
        return "-"
    return "<0.1 %" if 0 < share < 0.0005 else f"{share:.1%}".replace("%", " %")


def place_of(example: Data) -> str:
    """Return the place of a defect, as editors read it, or the record of a problem."""
    if "column" in example:
        return f"{example['source']}:{example['line']}:{example['column']}"
    names = ("source", "movie_index", "review_index", "field", "line")
    return str(Place(*(example[name] for name in names)))


# ---- text -------------------------------------------------------------------------------

_NARROWEST, _WIDEST = 10, 50  # columns of the longest bar
_BESIDE_BARS = 36  # columns of a line before its bar
_WIDTH_IN_PIPE = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"


def _text(data: Data) -> Iterator[str]:
    """Yield the lines, with bars that fit the terminal."""
    draw = partial(_in_signs, _WIDTH_IN_PIPE)
    if is_terminal(sys.stdout):
        has_blocks = sys.stdout.encoding.lower().startswith("utf")
        width = shutil.get_terminal_size().columns - _BESIDE_BARS
        width = min(_WIDEST, max(_NARROWEST, width))
        draw = partial(_in_blocks if has_blocks else _in_signs, width)
    return _lines(data, draw)


def _in_signs(width: int, share: float) -> str:
    """Draw a bar in ASCII; a share that is not 0 has at least one character."""
    return "#" * max(round(share * width), share > 0)


def _in_blocks(width: int, share: float) -> str:
    """Draw a bar in eighths of a character."""
    full, eighths = divmod(max(round(share * width * 8), share > 0), 8)
    return "█" * full + _EIGHTHS[eighths].strip()


def _lines(data: Data, draw: Callable[[float], str]) -> Iterator[str]:
    """Yield the lines, with colors; `draw` draws a bar, given its share of the longest one."""
    yield from _overview(data["summary"], data["scores"])
    for name, bars in histograms(data).items():
        most = max((bar.share for bar in bars), default=0)
        if most:
            yield from _title(FIGURES[name].title)
            if name == "lengths":
                yield from _quantiles(data[name])
            for bar in bars:
                drawn = click.style(draw(bar.share / most), **STYLES["bar"])
                line = f"  {bar.label:<12}{number(bar.amount):>11}{percent(bar.share):>9}"
                yield f"{line}  {drawn}" if bar.amount else line
    yield from _title("users")
    yield _row("  names", number(data["users"]["names"]))
    yield _row("  reviews without name", number(data["users"]["without"]))
    yield _row("  with e-mail address", percent(data["users"]["share_with_email"]))
    for name in ("defects", "problems"):
        if data[name] is not None:
            yield from _title(name)
            yield from _findings(data[name])


def _overview(summary: Data, scores: Data) -> Iterator[str]:
    yield _row("files", number(summary["files"]))
    for name, count in notable_formats(summary["formats"]).items():
        yield _row(f"  format {name}", number(count))
    yield _row("movies", number(summary["movies"]))
    yield _row("reviews", number(summary["reviews"]))
    yield _row("reviews without score", number(summary["reviews_without_score"]))
    yield _row("share without score", percent(scores["share_without"]))
    yield _row("mean of the stars", number(scores["mean"]))
    yield _row("truncated files", number(summary["truncated_files"]))


def _quantiles(lengths: Data) -> Iterator[str]:
    labels = {"least": "shortest", "most": "longest", "without": "reviews without body"}
    for name in (*_QUANTILES, "mean", "without"):
        yield _row(f"  {labels.get(name, name.replace('_', ' '))}", number(lengths[name]))


def _title(title: str) -> tuple[str, str]:
    return "", click.style(title, **STYLES["title"])


def _row(label: str, value: str) -> str:
    return f"{label:<24}{value:>12}"


def _findings(findings: list[Data]) -> Iterator[str]:
    yield _row("  all", number(sum(found["count"] for found in findings)))
    for found in findings:
        severities = found["severities"]
        severity = click.style(f"{' or '.join(severities):<8}", **STYLES[severities[-1]])
        first = click.style(f" first: {visible(place_of(found['examples'][0]))}", **STYLES["aside"])
        yield f"{_row('  ' + found['name'], number(found['count']))}  {severity}{first}"


# ---- the command ------------------------------------------------------------------------


@click.command(
    epilog="Exit status: 0 done, 2 something could not be read (the rest is counted), or there was"
    " nothing to read."
)
@choice(
    "--format",
    "style",
    of=["text", "json"],
    text="Tables with bars for people, or one JSON object.",
)
@reads(validates=True)
def stats(*, reading: Reading, style: str) -> int:
    """Print a corpus in numbers: movies, reviews, scores, years, lengths, users, defects.

    PATH is a file, a folder with *.xml, *.txt and *.review files, an archive, or - for standard
    input.

    \b
    Examples:
      reviewcorpus stats corpus/
      reviewcorpus stats --validate corpus/ | less
      reviewcorpus stats --format json movies.tar.gz > statistics.json
      zcat movies.xml.gz | reviewcorpus stats -
    """
    data = count_all(reading)
    # If nothing was opened, only the reason is shown, which has been printed.
    lines = _text(data) if reading.files or data["defects"] else ()
    for line in [to_json(data, indent=2)] if style == "json" else lines:
        reading.output.line(line)
    return NOT_READ if data["not_read"] else 0


def count_all(reading: Reading) -> Data:
    """Read everything once and return the numbers."""
    counts = Counts()
    for item in reading.with_problems():
        counts.add(item)
    reading.output.stop()
    return counts.data(reading)
