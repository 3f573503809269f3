"""`reviewcorpus clean`: read, clean, write well-formed files, and report every change."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from contextlib import closing
from typing import IO, TYPE_CHECKING

import attrs
import click

from reviewcorpus._iterators import MovieIterator
from reviewcorpus.cleaning import STEPS, Cleaned, Pipeline, drop_repeats, fix_mojibake
from reviewcorpus.cleaning._changes import Change, Placed
from reviewcorpus.cleaning._collections import count_records, merge_records
from reviewcorpus.cli._screen import Output, open_output
from reviewcorpus.cli._shared import (
    FORCE,
    NO_FILES,
    NotRead,
    Sources,
    each_readable,
    found_defects,
    reads,
    report_failure,
)
from reviewcorpus.cli._targets import (
    check_movies_target,
    check_target,
    is_within,
    write_movies,
    write_to,
)
from reviewcorpus.defects import Severity
from reviewcorpus.writer import without_unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewcorpus.defects import Defect
    from reviewcorpus.models import Movie

MERGE = "merge-movies"
NAMES = (*STEPS, MERGE)
"""The steps that the command knows, in their order."""
READING = "reading"
"""What the report calls the changes that reading itself has made."""
WRITING = "writing"
"""What the report calls what was read and cannot be written."""
_MOST_IN_MEMORY = 1 << 20  # characters of the report that wait


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
@click.option(
    "-o",
    "--output",
    "target",
    metavar="DEST",
    help="A file for all movies, which ends in .xml; a new or empty folder for one file per movie;"
    " or - for standard output.",
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
@FORCE
@reads()
def clean(
    *,
    sources: Sources,
    target: str | None,
    report: str | None,
    only: list[str],
    skip: list[str],
    dry_run: bool,
    force: bool,
) -> int:
    """Write clean files: well-formed, in one form, texts fixed, repeats dropped, records merged.

    PATH is a file, a folder with *.xml and *.txt in it and below, an archive, or - for standard
    input, which can be read only once: skip merge-movies then.

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
    if report is None and target != "-":
        report = "-" if dry_run else f"{str(target).rstrip('/')}.changes.jsonl"
    elif report == target == "-" and not dry_run:
        raise click.UsageError("the report and the movies cannot go to the same place")
    names = _chosen(only, skip)
    target = None if dry_run else target
    _check_places(sources.paths, target, report, force=force)
    once = next(filter(_can_be_read_once, sources.paths), None)
    if MERGE in names and once is not None:
        raise click.UsageError(
            f"{MERGE} reads its sources twice, and {once!r} can be read only once; give a file, or"
            f" skip it with: --skip {MERGE}"
        )
    passes = 2 if MERGE in names else 1
    with open_output(sources.paths, passes=passes) as output, _spooled() as lines:
        return Cleaning(sources, target, report, names, output, lines).run()


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


def _check_places(
    paths: tuple[str, ...], target: str | None, report: str | None, *, force: bool
) -> None:
    """Refuse places where something would be lost."""
    if target is not None:
        check_movies_target(target, paths, force=force)
    if report not in {None, "-"}:
        check_target(str(report), paths, force=force)
        if target not in {None, "-"} and is_within(str(report), str(target)):
            raise click.UsageError("the report and the movies cannot go to the same place")


def _can_be_read_once(path: str) -> bool:
    """Return whether a source is standard input, a pipe or a device."""
    is_special = os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path))
    return path == "-" or is_special


def _spooled() -> IO[str]:
    """Open a file for the report until it is complete."""
    return tempfile.SpooledTemporaryFile(_MOST_IN_MEMORY, "w+", encoding="utf-8")


@attrs.define
class Cleaning:
    """One run of `reviewcorpus clean`.

    Args:
        sources: What is read.
        target: Where the movies go, or `None` for nowhere.
        report: Where the report goes: a path, `-`, or `None`.
        names: The steps.
        output: Where to print.
        lines: The report until it is complete.
    """

    sources: Sources
    target: str | None
    report: str | None
    names: list[str]
    output: Output
    lines: IO[str]
    changes: Counter[str] = attrs.field(factory=Counter)
    read: int = 0
    written: int = 0
    defects: int = 0

    def run(self) -> int:
        """Clean and write; return the exit status."""
        try:
            write_movies(self.target, self._movies())
        except (OSError, NotRead, ValueError) as error:  # ValueError: what XML cannot carry
            return report_failure(self.output, "not written", error, self.target)
        if self.report == "-":
            self.lines.seek(0)
            for line in self.lines:
                self.output.line(line.rstrip("\n"))
        self._print_counts()
        return 0

    # ---- movies -------------------------------------------------------------------------

    def _movies(self) -> Iterator[Movie]:
        """Yield the movies as they are to be written, and report each change."""
        expected: Counter[str] = Counter()  # how many records each movie has, if they are merged
        if MERGE in self.names:
            with closing(self.sources.open(MovieIterator)) as movies:
                expected = count_records(self._each(movies))
        with closing(self.sources.open(MovieIterator, self._add_defect)) as movies:
            for cleaned in merge_records(self._records(movies, expected), expected):
                self._add(cleaned.changes)
                self.written += 1
                yield cleaned.value
        if self.report not in {None, "-"}:
            # Before the movies are in their place: no change goes without its report.
            self.lines.seek(0)
            lines = (line.encode() for line in self.lines)
            write_to(str(self.report), lambda file: file.writelines(lines))

    def _records(self, movies: MovieIterator, expected: Counter[str]) -> Iterator[Placed]:
        """Yield each record after all steps but merging."""
        steps = [_drop_unwritable, *(STEPS[name] for name in self.names if name != MERGE)]
        pipeline = Pipeline(*steps)
        # Merging drops repeats itself, and counts reviews as the record had them.
        before_merge = Pipeline(*(step for step in steps if step is not drop_repeats))
        for movie in self._each(movies):
            self.read += 1
            is_one_of_several = expected[movie.imdb_id or ""] > 1
            cleaned = (before_merge if is_one_of_several else pipeline)(movie)
            place = Placed(cleaned.value, movies.source, movies.movie_index)
            self._add(place.locate(cleaned.changes))
            yield place

    def _each(self, movies: MovieIterator) -> Iterator[Movie]:
        """Yield the movies; at the end, raise an error if something could not be read."""
        not_read: list[str] = []
        yield from each_readable(movies, self.output, not_read)
        if movies.movie_index is None and not not_read:
            not_read.append("no movie found" if movies.files else NO_FILES)
            self.output.error(f"not read: {not_read[0]}")
        if not_read:
            raise NotRead

    # ---- the report ---------------------------------------------------------------------

    def _add_defect(self, defect: Defect) -> None:
        """Count a defect; one that leaves something in doubt is in the report, too."""
        self.defects += 1
        if defect.severity is not Severity.INFO:
            why = f"{defect.kind}: {defect.message}; {defect.action}"  # says what was read
            place = defect.source, defect.movie_index, defect.review_index
            self._add([Change(READING, defect.field, defect.raw, None, why, *place)])

    def _add(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.changes[change.step] += 1
            self.lines.write(f"{json.dumps(attrs.asdict(change))}\n")

    def _print_counts(self) -> None:
        done = "would be written" if self.target is None else "written"
        counts = "".join(f"; {name}: {count}" for name, count in self.changes.items())
        self.output.error(
            f"{self.read} movies read, {self.written} {done}; changes:"
            f" {self.changes.total()}{counts}"
        )
        if self.defects:
            others = self.defects - self.changes[READING]
            infos = f" ({others} of severity info, not counted as changes)" if others else ""
            self.output.error(found_defects(f"{self.defects}{infos}"))


def _drop_unwritable(movie: Movie) -> Cleaned[Movie]:
    """Drop the elements that XML has no name for, as a step."""
    writable, dropped = without_unwritable(movie)
    changes = []
    for index, name, text in dropped:
        why = f"XML has no element {name!r}"
        changes.append(Change(WRITING, "extra", text, None, why, review_index=index))
    return Cleaned(writable, tuple(changes))
