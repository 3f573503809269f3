"""Statistics as lines of text, with bars."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from reviewcorpus._checks import visible
from reviewcorpus.cli._figures import (
    length_bars,
    number,
    percent,
    place_of,
    score_bars,
    year_bars,
)
from reviewcorpus.cli._screen import is_terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewcorpus.cli._figures import Bar
    from reviewcorpus.cli._statistics import Findings, Lengths, Statistics, Users

_NARROWEST, _WIDEST = 10, 50  # columns of the longest bar
_BESIDE_BARS = 36  # columns of a line that are no bar
_WIDTH_IN_PIPE = 40
_EIGHTHS = " ▏▎▍▌▋▊▉"
_STYLES = {"error": "bold red", "warning": "yellow", "info": "cyan"}


def print_overview(statistics: Statistics) -> None:
    """Print statistics: with colours on a terminal, as plain text anywhere else."""
    # Rich alone would take a pipe for a terminal where FORCE_COLOR is set.
    if not is_terminal(sys.stdout):
        for line in _lines(statistics, partial(_in_signs, _WIDTH_IN_PIPE)):
            click.echo(line.plain.rstrip())
        return
    console = Console(highlight=False)
    draw = _in_blocks if console.encoding.startswith("utf") else _in_signs
    width = min(_WIDEST, max(_NARROWEST, console.width - _BESIDE_BARS))
    for line in _lines(statistics, partial(draw, width)):
        console.print(line, soft_wrap=True)


def _in_signs(width: int, share: float) -> str:
    """Draw a bar in ASCII; what is there at all has one sign."""
    return "#" * max(round(share * width), share > 0)


def _in_blocks(width: int, share: float) -> str:
    """Draw a bar in eighths of a character."""
    full, eighths = divmod(max(round(share * width * 8), share > 0), 8)
    return "█" * full + _EIGHTHS[eighths].strip()


def _lines(statistics: Statistics, draw: Callable[[float], str]) -> Iterator[Text]:
    """Give the lines; those of a bar get how long it is, as a share of the longest."""
    yield from _counts(statistics)
    yield from _chart("scores of the reviews, in stars", score_bars(statistics.scores), draw)
    yield from _chart("general scores of the movies", score_bars(statistics.general_scores), draw)
    yield from _chart("years of the movies", year_bars(statistics.years), draw)
    yield from _chart("dates of the reviews", year_bars(statistics.dates), draw)
    yield from _lengths(statistics.lengths)
    yield from _chart("", length_bars(statistics.lengths), draw)
    yield from _users(statistics.users)
    yield from _findings("defects", statistics.defects)
    if statistics.problems is not None:
        yield from _findings("problems", statistics.problems)


def _title(title: str) -> Iterator[Text]:
    yield Text()
    yield Text(title, "bold")


def _row(name: str, value: str) -> Text:
    return Text(f"{name:<24}{value:>12}")


def _counts(statistics: Statistics) -> Iterator[Text]:
    summary = statistics.summary
    yield _row("files", number(summary.files))
    yield _row("movies", number(summary.movies))
    yield _row("reviews", number(summary.reviews))
    yield _row("reviews without score", number(summary.reviews_without_score))
    yield _row("share without score", percent(statistics.scores.share_without))
    yield _row("mean of the stars", number(statistics.scores.mean))
    yield _row("truncated files", number(summary.truncated_files))


def _chart(title: str, bars: Iterable[Bar], draw: Callable[[float], str]) -> Iterator[Text]:
    bars = list(bars)
    most = max((bar.share for bar in bars), default=0.0)
    if not most:
        return
    if title:
        yield from _title(title)
    for bar in bars:
        line = Text(f"  {bar.label:<12}{number(bar.amount):>11}{percent(bar.share):>9}  ")
        yield line.append(draw(bar.share / most), "green")


def _lengths(lengths: Lengths) -> Iterator[Text]:
    if not lengths.bodies:
        return
    yield from _title("lengths of the bodies, in characters")
    yield _row("  shortest", number(lengths.least))
    yield _row("  lower quartile", number(lengths.lower_quartile))
    yield _row("  median", number(lengths.median))
    yield _row("  upper quartile", number(lengths.upper_quartile))
    yield _row("  longest", number(lengths.most))
    yield _row("  mean", number(lengths.mean))
    yield _row("  reviews without body", number(lengths.without))


def _users(users: Users) -> Iterator[Text]:
    yield from _title("users")
    yield _row("  names" if users.is_exact else "  names, about", number(users.names))
    yield _row("  reviews without name", number(users.without))
    yield _row("  with e-mail address", percent(users.share_with_email))


def _findings(title: str, findings: Iterable[Findings[Any]]) -> Iterator[Text]:
    findings = list(findings)
    yield from _title(title)
    yield _row("  all", number(sum(found.count for found in findings)))
    for found in findings:
        line = Text(f"  {found.name:<22}{number(found.count):>12}  ")
        gravest = found.severities[-1].value
        line.append(f"{' or '.join(found.severities):<8}", _STYLES[gravest])
        yield line.append(visible(f" first: {place_of(found.examples[0])}"), "dim")
