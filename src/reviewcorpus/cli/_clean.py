"""`reviewcorpus clean`: read, clean, write well-formed files, and report every change."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing
from typing import IO, TYPE_CHECKING

import attrs
import click

from reviewcorpus.cleaning import STEPS, Cleaned, Pipeline, drop_repeats, fix_mojibake
from reviewcorpus.cleaning._changes import Change, Placed
from reviewcorpus.cleaning._collections import count_records, merge_records
from reviewcorpus.cli._output import (
    check_movies_target,
    check_target,
    is_stream,
    json_lines,
    open_target,
    write_movies,
)
from reviewcorpus.cli._shared import (
    INCOMPLETE,
    NOTHING_WRITTEN,
    NotRead,
    Reading,
    reads,
    report_defects,
    report_failure,
    writes,
)
from reviewcorpus.corpus import Corpus
from reviewcorpus.defects import CorpusError, Severity
from reviewcorpus.writer import writable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from reviewcorpus.defects import Defect
    from reviewcorpus.models import Movie

MERGE = "merge-movies"
NAMES = (*STEPS, MERGE)
"""The steps that the command knows, in their order."""
READING = "reading"
"""What the report calls the changes that reading itself has made."""
WRITING = "writing"
"""What the report calls what was read and cannot be written."""


def _split(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> list[str]:
    """Return the names in the values of an option.

    Raises:
        click.BadParameter: There is no step of a name, or no name.
    """
    names = [name.strip() for part in given for name in part.split(",") if name.strip()]
    for name in names or given:
        if name not in NAMES:
            raise click.BadParameter(f"unknown step {name!r}; the steps are {', '.join(NAMES)}")
    return names


@click.command(epilog="Exit status: 0 done, 2 something not read or written, and then nothing is.")
@writes(
    "DEST",
    "A file for all movies, which ends in .xml; a new or empty folder for one file per movie; or"
    " - for standard output.",
    required=False,
)
@click.option(
    "--report",
    metavar="FILE",
    help="Where the changes go, as JSON Lines, or - for standard output. Default: beside DEST, as"
    " DEST.changes.jsonl.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAMES",
    callback=_split,
    help=f"Only do these: {', '.join(NAMES)}.",
)
@click.option("--skip", multiple=True, metavar="NAMES", callback=_split, help="Do all but these.")
@click.option("--dry-run", is_flag=True, help="Write no movies, only the report.")
@reads()
def clean(
    *,
    reading: Reading,
    target: str | None,
    report: str | None,
    only: list[str],
    skip: list[str],
    dry_run: bool,
    force: bool,
) -> int:
    """Write clean files: well-formed, in one form, texts fixed, repeats dropped, records merged.

    PATH is a file, a folder with *.xml, *.txt and *.review in it and below, an archive, or - for
    standard input, which can be read only once: skip merge-movies then.

    Every change is reported with what was there, what is there now, and why; so is what reading
    did on an assumption. The report contains what was removed, e-mail addresses too: keep it where
    the source is. Run on its own output, the command changes nothing.

    \b
    Examples:
      reviewcorpus clean corpus/ -o clean/
      reviewcorpus clean corpus/ -o clean.xml --only drop-repeats,merge-movies
      reviewcorpus clean corpus/ --dry-run --skip redact-emails
    """
    if not target and not dry_run:
        raise click.UsageError("say where to write with -o DEST, or only look with --dry-run")
    target = None if dry_run else target
    if report is None:
        beside = {None: "-", "-": os.devnull}
        report = beside.get(target) or f"{str(target).rstrip('/')}.changes.jsonl"
    names = _chosen(only, skip)
    if target is not None:
        check_movies_target(target, reading.paths, force=force)
        both_are_paths = "-" not in {target, report}
        if report == target or (both_are_paths and Corpus(target).reads(report)):
            raise click.UsageError("the report and the movies cannot go to the same place")
    check_target(report, reading.paths, force=force)
    once = next(filter(is_stream, reading.paths), None)
    if MERGE in names and once is not None:
        raise click.UsageError(
            f"{MERGE} reads its sources twice, and {once!r} can be read only once; give a file, or"
            f" skip it with: --skip {MERGE}"
        )
    cleaning = Cleaning(reading, names, report, force)
    try:
        with closing(cleaning.movies()) as movies:
            write_movies(target, movies, reading.output, force=force)
    except (OSError, CorpusError, NotRead, ValueError) as error:  # XML cannot hold a value
        return report_failure(reading.output, "not written", error, cleaning.left(target))
    cleaning.print_counts("written" if target else "would be written")
    return 0


def _chosen(only: list[str], skip: list[str]) -> list[str]:
    """Return the names of the steps to be done.

    Raises:
        click.UsageError: What one of them needs is not installed.
    """
    names = [name for name in NAMES if (not only or name in only) and name not in skip]
    if "fix-mojibake" in names:
        try:
            fix_mojibake("?")
        except ImportError as error:
            raise click.UsageError(f"{error}; or skip it with: --skip fix-mojibake") from error
    return names


@attrs.define
class Cleaning:
    """One run of `reviewcorpus clean`.

    Args:
        reading: What is read.
        names: The steps.
        report: Where the report goes: a path, or `-` for standard output.
        force: Whether a file that exists is replaced.
    """

    reading: Reading
    names: list[str]
    report: str
    force: bool
    lines: IO[bytes] = attrs.field(init=False)
    changes: Counter[str] = attrs.field(factory=Counter, init=False)
    written: int = attrs.field(default=0, init=False)

    is_reported: bool = attrs.field(default=False, init=False)

    def left(self, target: str | None) -> str:
        """Return what there is of the output after a failure."""
        if target is not None and is_stream(target):
            return INCOMPLETE
        if self.is_reported:
            return f"{NOTHING_WRITTEN} but the report"
        is_begun = is_stream(self.report) and self.report != os.devnull
        return NOTHING_WRITTEN + (" but a part of the report" if is_begun else "")

    # ---- movies -------------------------------------------------------------------------

    def movies(self) -> Generator[Movie]:
        """Yield the movies as they are to be written, and report each change."""
        expected: Counter[str] = Counter()  # how many records each movie has, if they are merged
        if MERGE in self.names:
            expected = count_records(place.movie for place in self._places())
        # The report is complete before the movies are in their place: no change goes without it.
        with (
            open_target(self.report, self.reading.output, force=self.force) as self.lines,
            self.reading.again(self._add_defect) as self.reading,
        ):
            for cleaned in merge_records(self._records(expected), expected):
                self._add(cleaned.changes)
                self.written += 1
                yield cleaned.value
        self.is_reported = True

    def _records(self, expected: Counter[str]) -> Iterator[Placed]:
        """Yield each record after all steps but merging."""
        steps = [_make_writable, *(STEPS[name] for name in self.names if name != MERGE)]
        pipeline = Pipeline(*steps)
        # Merging drops repeats itself, and counts reviews as the record had them.
        before_merge = Pipeline(*(step for step in steps if step is not drop_repeats))
        for place in self._places():
            is_one_of_several = expected[place.movie.imdb_id or ""] > 1
            cleaned = (before_merge if is_one_of_several else pipeline)(place.movie)
            self._add(place.locate(cleaned.changes))
            yield place._replace(movie=cleaned.value)

    def _places(self) -> Iterator[Placed]:
        """Yield the movies; at the end, raise an error if something could not be read."""
        yield from self.reading.movies()
        if self.reading.not_read:
            raise NotRead
        if not self.reading.summary().movies:
            raise CorpusError("no movie found")

    # ---- the report ---------------------------------------------------------------------

    def _add_defect(self, defect: Defect) -> None:
        """Report a defect that leaves something in doubt."""
        if defect.severity is not Severity.INFO:
            why = f"{defect.kind}: {defect.message}; {defect.action}"  # says what was read
            place = defect.source, defect.movie_index, defect.review_index
            self._add([Change(READING, defect.field, defect.raw, None, why, *place)])

    def _add(self, changes: Iterable[Change]) -> None:
        given = list(changes)
        self.changes.update(change.step for change in given)
        self.lines.write(json_lines(given).encode())

    def print_counts(self, done: str) -> None:
        """Print how many movies were read and written, and how many changes each step made."""
        summary = self.reading.summary()
        counts = "".join(f"; {name}: {count}" for name, count in self.changes.items())
        self.reading.output.error(
            f"{summary.movies} movies read, {self.written} {done}; changes:"
            f" {self.changes.total()}{counts}"
        )
        others = sum(summary.defects.values()) - self.changes[READING]
        note = f" ({others} of severity info, not counted as changes)" if others else ""
        report_defects(self.reading, note)


def _make_writable(movie: Movie) -> Cleaned[Movie]:
    """Rename or drop the elements that cannot be written under their names, as a step."""
    written, found = writable(movie)
    changes = []
    for index, name, text, new_name, reason in found:
        is_dropped = new_name is None
        old, why = (text, f"XML has no element {name!r}") if is_dropped else (name, reason)
        changes.append(Change(WRITING, "extra", old, new_name, why, review_index=index))
    return Cleaned(written, tuple(changes))
