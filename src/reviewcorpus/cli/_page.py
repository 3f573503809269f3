"""Statistics as a page of HTML; needs Jinja2."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

try:
    import jinja2
    from markupsafe import Markup
except ModuleNotFoundError as error:
    raise ImportError(
        f"the page needs {error.name}; install it with: pip install 'reviewcorpus[cli,report]'",
        name=error.name,
    ) from error

from reviewcorpus._checks import visible
from reviewcorpus._version import __version__
from reviewcorpus.cli._figures import (
    NONE,
    length_bars,
    number,
    percent,
    place_of,
    score_bars,
    year_bars,
)
from reviewcorpus.validation import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reviewcorpus.cli._figures import Bar
    from reviewcorpus.cli._surveying import Survey

_MOST_NAMES = 20  # of sources, and of what was not read; the command has told all of them
_COLUMN = 0.7  # of the space that each column has
_HEIGHT = 200  # of the highest column
_MOST_LABELS = 16  # that fit side by side
_MOST_LABELS_NARROW = 8  # that do so on a telephone
_SHORT = 3  # characters of labels that all fit
_LEAST_SLOTS = 8  # or a single column would be as wide as the page


class Column(NamedTuple):
    """One column of a histogram, in the units of SVG.

    Attributes:
        bar: What it shows.
        share: Its share, as short as it must be to stand above it.
        x: Left side, in percent of the picture.
        middle: Where its labels stand, in percent.
        width: In percent.
        y: Upper end, in pixels.
        height: In pixels.
        is_none: Whether it counts what has no value.
        label_class: `label` for one that always fits, `more` for one where there is room, else
            `None`.
    """

    bar: Bar
    share: str
    x: str
    middle: str
    width: str
    y: str
    height: str
    is_none: bool
    label_class: str | None


class Figure(NamedTuple):
    """A histogram with its table.

    Attributes:
        name: What makes its identifiers in the page.
        title: What it is about.
        what: What the table calls what is counted.
        columns: Its columns.
    """

    name: str
    title: str
    what: str
    columns: list[Column]


def page_of(seen: Survey) -> str:
    """Give the page."""
    return _template().render(
        seen=seen,
        statistics=seen.statistics,
        figures=_figures(seen),
        version=__version__,
        rules=RULES,
        most=_MOST_NAMES,
        height=_HEIGHT,
        number=number,
        percent=percent,
        place_of=place_of,
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    source = resources.files("reviewcorpus.cli").joinpath("page.html.jinja")
    return environment.from_string(source.read_text(encoding="utf-8"))


def _finalize(value: object) -> object:
    """Make visible what could turn the direction of writing, or is no text at all.

    Jinja2 calls this for everything that it puts into the page, before it escapes it.
    """
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _figures(seen: Survey) -> dict[str, Figure]:
    statistics = seen.statistics
    figures = [
        _figure("scores", "Scores of the reviews", "Stars", score_bars(statistics.scores)),
        _figure("general", "General scores", "Stars", score_bars(statistics.general_scores)),
        _figure("years", "Years of the movies", "Year", year_bars(statistics.years)),
        _figure("dates", "Dates of the reviews", "Year", year_bars(statistics.dates)),
        _figure("lengths", "Lengths of the bodies", "Characters", length_bars(statistics.lengths)),
    ]
    return {figure.name: figure for figure in figures}


def _figure(name: str, title: str, what: str, bars: Sequence[Bar]) -> Figure:
    highest = max((bar.share for bar in bars), default=0) or 1
    label_classes = _label_classes(bars)
    slot = 100 / max(len(bars), _LEAST_SLOTS)
    columns = []
    for index, bar in enumerate(bars):
        height = bar.share / highest * _HEIGHT
        if bar.amount:
            height = max(height, 1)
        columns.append(
            Column(
                bar,
                share=_short_percent(bar.share),
                x=f"{slot * (index + (1 - _COLUMN) / 2):.2f}%",
                middle=f"{slot * (index + 0.5):.2f}%",
                width=f"{slot * _COLUMN:.2f}%",
                y=f"{_HEIGHT - height:.1f}",
                height=f"{height:.1f}",
                is_none=bar.label == NONE,
                label_class=label_classes[index],
            )
        )
    return Figure(name, title, what, columns)


def _short_percent(share: float) -> str:
    """Give whole percents, and nothing where there is nothing."""
    if not share:
        return ""
    return "<1%" if share < 0.005 else f"{share:.0%}"  # noqa: PLR2004 what would be rounded to 0


def _label_classes(bars: Sequence[Bar]) -> list[str | None]:
    """Choose the labels that fit; the last one, which may be that of none, always does."""
    if max((len(bar.label) for bar in bars[:-1]), default=0) <= _SHORT:
        return ["label"] * len(bars)
    wide = -(-len(bars) // _MOST_LABELS)
    narrow = wide * -(-len(bars) // (wide * _MOST_LABELS_NARROW))
    return [
        None if index % wide else "more" if index % narrow else "label"
        for index in reversed(range(len(bars)))
    ]
