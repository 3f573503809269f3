"""`reviewcorpus repair`: read, mend, write clean files, and tell of every change."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from contextlib import closing
from typing import IO, TYPE_CHECKING, NamedTuple

import attrs
import click

from reviewcorpus._checks import visible
from reviewcorpus._command.checking import source_of
from reviewcorpus._command.screen import NOT_READ, Output, open_output
from reviewcorpus._command.targets import check_apart, lines_to, open_target
from reviewcorpus._items import MovieIterator
from reviewcorpus._repairs.changes import Placed
from reviewcorpus._repairs.merge import count_films, merge_records
from reviewcorpus.defects import CorpusError
from reviewcorpus.repair import REPAIRS, Pipeline, drop_repeats, fix_mojibake
from reviewcorpus.sources import streams_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewcorpus._command.targets import Target
    from reviewcorpus._engine import Options
    from reviewcorpus._repairs.changes import Change
    from reviewcorpus.defects import Defect
    from reviewcorpus.models import Movie

MERGE = "merge-movies"
NAMES = (*REPAIRS, MERGE)
"""The repairs that the command knows, in the order in which they are done."""

_MOST_IN_MEMORY = 1 << 20  # characters of the report that wait


def chosen(only: Sequence[str], skip: Sequence[str]) -> tuple[str, ...]:
    """Give the names of the repairs to be done.

    Raises:
        click.UsageError: There is no repair of a name, or what one needs is not installed.
    """
    only, skip = _split(only), _split(skip)
    for name in (*only, *skip):
        if name not in NAMES:
            raise click.UsageError(f"there is no repair {name!r}; there are {', '.join(NAMES)}")
    names = tuple(name for name in NAMES if (not only or name in only) and name not in skip)
    if "fix-mojibake" in names:
        try:
            fix_mojibake("?")
        except ImportError as error:
            raise click.UsageError(f"{error}; or leave it out with: --skip fix-mojibake") from error
    return names


def _split(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for part in names for name in part.split(",") if name.strip())


class NotRead(Exception):  # noqa: N818 no error of this package's interface
    """Sources that cannot be read, so that nothing is written."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(*messages)
        self.messages = messages


class Request(NamedTuple):
    """What was asked for.

    Attributes:
        paths: The sources.
        target: Where the movies go, or `None` for nowhere.
        report: Where the report goes: a path, `-`, or `None`.
        names: The repairs.
        force: Whether a target that is there is replaced.
        options: How the sources are read.
    """

    paths: tuple[str, ...]
    target: str | None
    report: str | None
    names: tuple[str, ...]
    force: bool
    options: Options


class Repairing:
    """One run of `reviewcorpus repair`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._merges = MERGE in request.names
        repairs = [REPAIRS[name] for name in request.names if name != MERGE]
        self._pipeline = Pipeline(*repairs)
        # What is merged drops repeats itself, and counts reviews as the record had them.
        self._before_merge = Pipeline(*(repair for repair in repairs if repair is not drop_repeats))
        self._changes: Counter[str] = Counter()
        self._read = self._written = self._defects = 0
        if self._merges and "-" in request.paths:
            raise click.UsageError(
                f"{MERGE} reads its sources twice, and standard input can be read once; give a"
                f" file, or leave it out with: --skip {MERGE}"
            )

    def run(self) -> int:
        """Repair and write; give the exit status."""
        request = self._request
        target: Target = Nowhere()
        if request.target is not None:
            check_apart(request.target, [path for path in request.paths if path != "-"])
            target = open_target(request.target, force=request.force)
        with (
            open_output(request.paths, passes=1 + self._merges) as output,
            tempfile.SpooledTemporaryFile(
                _MOST_IN_MEMORY, "w+", encoding="utf-8", newline="\n"
            ) as report,
        ):
            try:
                target.write(self._movies(output, report))
            except NotRead as error:
                for message in error.messages:
                    output.error(visible(f"reviewcorpus: not read: {message}"))
            except ValueError as error:  # a text or a name that XML cannot carry
                output.error(visible(f"reviewcorpus: not written: {error}"))
            else:
                self._report(report, output)
                return 0
            output.error("reviewcorpus: nothing was written")
        return NOT_READ

    # ---- movies -------------------------------------------------------------------------

    def _movies(self, output: Output, report: IO[str]) -> Iterator[Movie]:
        """Give the movies as they are to be written; write each change into the report."""
        awaited: Counter[str] = Counter()
        if self._merges:
            with closing(self._open()) as movies:
                awaited = count_films(self._each(movies, output))
        with closing(self._open(count_defects=True)) as movies:
            records = self._records(movies, awaited, output, report)
            if self._merges:
                for repaired in merge_records(records, awaited):
                    self._note(repaired.changes, report)
                    self._written += 1
                    yield repaired.value
            else:
                for record in records:
                    self._written += 1
                    yield record.movie

    def _open(self, *, count_defects: bool = False) -> MovieIterator:
        options = self._request.options
        if count_defects:
            options = attrs.evolve(options, on_defect=self._count_defect)
        return MovieIterator(streams_of([source_of(path) for path in self._request.paths]), options)

    def _count_defect(self, _: Defect) -> None:
        self._defects += 1

    def _each(self, movies: MovieIterator, output: Output) -> Iterator[Movie]:
        """Give the movies; raise an error that names all sources that cannot be read."""
        errors: list[str] = []
        while True:
            try:
                movie = next(movies)
            except StopIteration:
                break
            except (OSError, CorpusError) as error:
                errors.append(str(error))
            else:
                output.advance(movies)
                yield movie
        if errors:
            raise NotRead(errors)
        if movies.files == 0:
            raise NotRead(["there is no *.xml or *.txt in there"])

    def _records(
        self, movies: MovieIterator, awaited: Counter[str], output: Output, report: IO[str]
    ) -> Iterator[Placed]:
        for movie in self._each(movies, output):
            self._read += 1
            is_one_of_several = awaited[movie.imdb_id or ""] > 1
            repair = self._before_merge if is_one_of_several else self._pipeline
            repaired = repair(movie)
            place = movies.source, movies.movie_index
            changes = (
                attrs.evolve(change, source=place[0], movie_index=place[1])
                for change in repaired.changes
            )
            self._note(changes, report)
            yield Placed(repaired.value, *place)

    # ---- the report ---------------------------------------------------------------------

    def _note(self, changes: Iterable[Change], report: IO[str]) -> None:
        for change in changes:
            self._changes[change.repair] += 1
            report.write(json.dumps(attrs.asdict(change)))
            report.write("\n")

    def _report(self, report: IO[str], output: Output) -> None:
        """Put the report where it belongs, and tell what was done."""
        report.seek(0)
        if self._request.report == "-":
            for line in report:
                output.line(line.rstrip("\n"))
        elif self._request.report is not None:
            lines_to(self._request.report, report)
        done = "written" if self._request.target is not None else "would be written"
        counts = "".join(f"; {name}: {count}" for name, count in self._changes.items())
        output.error(
            f"reviewcorpus: {self._read} movies read, {self._written} {done}; changes:"
            f" {self._changes.total()}{counts}"
        )
        if self._defects:
            output.error(
                f"reviewcorpus: {self._defects} defects were met in reading; `reviewcorpus check`"
                " shows them"
            )


class Nowhere:
    """No target: what would be written is only counted."""

    def write(self, movies: Iterable[Movie]) -> None:
        """Go through the movies."""
        for _ in movies:
            pass
