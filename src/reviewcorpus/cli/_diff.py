"""What `reviewcorpus clean --diff` shows: the words around each change, before and after.

Steps run one after the other, and each reports its changes in the text that it was given. A person
wants to see the text as it was read, and as it will be written. So the changes of all steps are
laid over each other: a `Span` is a piece that differs in the end. No text is compared with another,
so each change is looked at once per step, however long the text is.
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

import click

from reviewcorpus._checks import visible
from reviewcorpus.cleaning._changes import Edit, make_edits
from reviewcorpus.validation._model import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewcorpus.cleaning import Change
    from reviewcorpus.models import Movie, Review

CONTEXT = 40  # characters on each side of a change, so that most lines fit a terminal
LONGEST = 200  # characters that are shown as one change; of a longer one, both ends
STYLES = {
    "---": partial(click.style, bold=True),
    "@": partial(click.style, fg="cyan"),
    "- ": partial(click.style, fg="red"),
    "+ ": partial(click.style, fg="green"),
}
"""How lines look on a terminal, by how they begin."""


class Span(NamedTuple):
    """A piece of a text that differs: where it was, where it is, and which steps changed it."""

    start: int
    end: int
    new_start: int
    new_end: int
    steps: frozenset[str]

    def joined(self, other: Span) -> Span:
        """Return the piece from the beginning of this one to the end of a later one."""
        steps = self.steps | other.steps
        return Span(self.start, other.end, self.new_start, other.new_end, steps)


def diff(movie: Movie, changes: Iterable[Change]) -> Iterator[str]:
    """Yield lines that show the changes of a movie: those of its texts, then the others.

    A review that is dropped is one line, whatever was changed in it before.

    Args:
        movie: The movie as it was before.
        changes: What was changed, in order.
    """
    texts: dict[int, dict[str, list[Change]]] = {}
    others: list[Change] = []
    for change in changes:
        if change.start is None or change.field is None:
            others.append(change)
        else:
            index = -1 if change.review_index is None else change.review_index
            texts.setdefault(index, {}).setdefault(change.field, []).append(change)
    dropped = {change.review_index for change in others if change.field is None}
    for index in sorted(texts.keys() - dropped):
        record: Movie | Review = movie if index < 0 else movie.reviews[index]
        for number, (field, made) in enumerate(texts[index].items()):
            if number == 0:
                yield _heading(movie, made[0])
            yield from _hunks(field, getattr(record, field), made)
    for change in others:
        yield f"--- {change}"


def styled(line: str) -> str:
    """Return a line with its colors, which click removes outside of a terminal."""
    style = next(style for start, style in STYLES.items() if line.startswith(start))
    return style(line)


def _heading(movie: Movie, change: Change) -> str:
    place = Place(change.source, change.movie_index, change.review_index, None)
    title = f" of {movie.title}" if movie.title else ""
    year = f" ({movie.year})" if title and movie.year else ""
    return visible(f"--- {place}{title}{year}")


def _hunks(field: str, text: str, changes: Sequence[Change]) -> Iterator[str]:
    """Yield three lines for each piece of a text that differs: where, before, and after."""
    new_text, spans = _replay(text, changes)
    order = dict.fromkeys(change.step for change in changes)
    edges = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
    for span, least, most in zip(spans, edges[:-2:2], edges[3::2], strict=True):
        before, after = _before(text, least, span.start), _after(text, span.end, most)
        steps = ", ".join(step for step in order if step in span.steps)
        yield f"@@ {field} at {span.start}: {steps} @@"
        yield visible(f"- {before}{_shown(text[span.start : span.end])}{after}")
        yield visible(f"+ {before}{_shown(new_text[span.new_start : span.new_end])}{after}")


# ---- the pieces that differ --------------------------------------------------------------


def _replay(text: str, changes: Iterable[Change]) -> tuple[str, list[Span]]:
    """Return a text after its changes, and the pieces that differ; close ones are joined."""
    spans: list[Span] = []
    for step, made in groupby(changes, lambda change: change.step):
        edits = list(_edits(step, made))
        spans = _lay_over(spans, edits)
        text, _ = make_edits(text, edits)
    joined: list[Span] = []
    for span in spans:
        if joined and _are_close(joined[-1], span):
            joined[-1] = joined[-1].joined(span)
        else:
            joined.append(span)
    return text, joined


def _edits(step: str, changes: Iterable[Change]) -> Iterator[Edit]:
    for change in changes:
        start = change.start or 0
        yield Edit(start, start + len(change.old or ""), change.new or "", step)


def _are_close(first: Span, second: Span) -> bool:
    return second.start - first.end <= CONTEXT and second.end - first.start <= LONGEST


def _lay_over(spans: Iterable[Span], edits: Sequence[Edit]) -> list[Span]:
    """Return the pieces that differ after edits of a text; some of them may differ already."""
    # Where each begins and ends in the text that is edited; how much longer that piece was at
    # first; how much longer the edits make it.
    marks = [
        (start, end, (old_end - old_start) - (end - start), 0, steps)
        for old_start, old_end, start, end, steps in spans
    ]
    marks += [
        (start, end, 0, len(new) - (end - start), frozenset([step]))
        for start, end, new, step in edits
    ]
    laid: list[Span] = []
    reach = shift = new_shift = 0
    for start, end, growth, new_growth, steps in sorted(marks, key=itemgetter(0, 1)):
        is_apart = not laid or start > reach
        begin, new_begin, reach = start + shift, start + new_shift, max(reach, end)
        shift, new_shift = shift + growth, new_shift + new_growth
        span = Span(begin, reach + shift, new_begin, reach + new_shift, steps)
        if is_apart:
            laid.append(span)
        else:
            laid[-1] = laid[-1].joined(span)
    return laid


# ---- the words around them ---------------------------------------------------------------


def _before(text: str, least: int, end: int) -> str:
    """Return whole words of the same line that end at a place and do not begin before `least`."""
    start = max(least, end - CONTEXT)
    if start > least:
        start = text.find(" ", start, end) + 1 or start
    start = max(start, text.rfind("\n", start, end) + 1)
    return ("…" if start else "") + text[start:end]


def _after(text: str, start: int, most: int) -> str:
    """Return whole words of the same line that begin at a place and do not end after `most`."""
    end = min(most, start + CONTEXT)
    space = text.rfind(" ", start, end) if end < most else -1
    end = end if space < 0 else space
    line_end = text.find("\n", start, end)
    end = end if line_end < 0 else line_end
    return text[start:end] + ("…" if end < len(text) else "")


def _shown(text: str) -> str:
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]}…{text[-half:]}"
