"""`reviewcorpus clean`: read, mend, write clean files, and tell of every change."""

from __future__ import annotations

import errno
import json
import tempfile
from collections import Counter
from contextlib import closing
from functools import partial
from typing import IO, TYPE_CHECKING, NamedTuple

import attrs
import click

from reviewcorpus._checks import visible
from reviewcorpus._iterators import MovieIterator
from reviewcorpus.cleaning import STEPS, Pipeline, drop_repeats, fix_mojibake
from reviewcorpus.cleaning._changes import Change, Placed
from reviewcorpus.cleaning._merge import count_films, merge_records
from reviewcorpus.cli._reading import NO_FILES, streams_of_paths
from reviewcorpus.cli._screen import NOT_READ, Output, open_output
from reviewcorpus.cli._targets import (
    Nowhere,
    can_be_read_once,
    check_apart,
    check_free,
    is_within,
    open_target,
    write_lines,
)
from reviewcorpus.defects import CorpusError, Severity
from reviewcorpus.formats import MOVIE
from reviewcorpus.writer import without_unwritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reviewcorpus.cli._targets import Target
    from reviewcorpus.defects import Defect
    from reviewcorpus.models import Movie
    from reviewcorpus.parser._reader import Options
    from reviewcorpus.writer import Unwritable

MERGE = "merge-movies"
NAMES = (*STEPS, MERGE)
"""The steps that the command knows, in the order in which they are done."""

READING = "reading"
"""What the report calls the changes that reading itself has made."""

WRITING = "writing"
"""What the report calls what was read and cannot be written."""

_ATTRIBUTES = {
    field.element: field.target for record in (MOVIE.movie, MOVIE.review) for field in record.fields
}
_MOST_IN_MEMORY = 1 << 20  # characters of the report that wait


def chosen(only: Sequence[str], skip: Sequence[str]) -> tuple[str, ...]:
    """Give the names of the steps to be done.

    Raises:
        click.UsageError: There is no step of a name, or what one needs is not installed.
    """
    for given in (only, skip):
        if given and not _split(given):
            raise click.UsageError(f"name a step: there are {', '.join(NAMES)}")
    only, skip = _split(only), _split(skip)
    for name in (*only, *skip):
        if name not in NAMES:
            raise click.UsageError(f"there is no step {name!r}; there are {', '.join(NAMES)}")
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
        names: The steps.
        force: Whether a target that is there is replaced.
        options: How the sources are read.
    """

    paths: tuple[str, ...]
    target: str | None
    report: str | None
    names: tuple[str, ...]
    force: bool
    options: Options


class Cleaning:
    """One run of `reviewcorpus clean`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._merges = MERGE in request.names
        steps = [STEPS[name] for name in request.names if name != MERGE]
        self._pipeline = Pipeline(*steps)
        # What is merged drops repeats itself, and counts reviews as the record had them.
        self._before_merge = Pipeline(*(step for step in steps if step is not drop_repeats))
        self._changes: Counter[str] = Counter()
        self._read = self._written = self._defects = 0
        once = next(filter(can_be_read_once, request.paths), None)
        if self._merges and once is not None:
            raise click.UsageError(
                f"{MERGE} reads its sources twice, and {once!r} can be read once; give a file, or"
                f" leave it out with: --skip {MERGE}"
            )

    def run(self) -> int:
        """Step and write; give the exit status."""
        request = self._request
        target = self._check_places()
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
            except (OSError, ValueError) as error:  # ValueError: a text that XML cannot carry
                if isinstance(error, OSError) and error.errno == errno.EPIPE:
                    raise  # click ends in silence
                output.error(visible(f"reviewcorpus: not written: {error}"))
            else:
                self._tell(report, output)
                return 0
            output.error("reviewcorpus: nothing was written")
        return NOT_READ

    def _check_places(self) -> Target:
        """Refuse places where something would be lost; give the target."""
        request = self._request
        sources = [path for path in request.paths if path != "-"]
        target: Target = Nowhere()
        if request.target is not None:
            if request.target != "-":
                check_apart(request.target, sources)
            target = open_target(request.target, force=request.force)
        if request.report not in {None, "-"}:
            report = str(request.report)
            check_apart(report, sources)
            if request.target not in {None, "-"} and is_within(report, str(request.target)):
                raise click.UsageError("the report and the movies cannot go to one place")
            check_free(report, force=request.force)
        return target

    # ---- movies -------------------------------------------------------------------------

    def _movies(self, output: Output, report: IO[str]) -> Iterator[Movie]:
        """Give the movies as they are to be written; write each change into the report."""
        awaited: Counter[str] = Counter()
        if self._merges:
            with closing(self._open()) as movies:
                awaited = count_films(self._each(movies, output))
        with closing(self._open(report)) as movies:
            records = self._records(movies, awaited, output, report)
            if self._merges:
                for cleaned in merge_records(records, awaited):
                    self._note(cleaned.changes, report)
                    self._written += 1
                    yield cleaned.value
            else:
                for record in records:
                    self._written += 1
                    yield record.movie

        if self._request.report not in {None, "-"}:
            # Before the movies are in their place: no change goes without its report.
            report.seek(0)
            write_lines(str(self._request.report), report)

    def _open(self, report: IO[str] | None = None) -> MovieIterator:
        options = self._request.options
        if report is not None:
            options = attrs.evolve(options, on_defect=partial(self._note_defect, report=report))
        return MovieIterator(streams_of_paths(self._request.paths), options)

    def _note_defect(self, defect: Defect, report: IO[str]) -> None:
        """Count a defect; one that leaves something in doubt is in the report, too."""
        self._defects += 1
        if defect.severity is not Severity.INFO:
            change = Change(
                READING,
                _ATTRIBUTES.get(defect.element or ""),
                defect.raw,
                None,  # a defect says in words what was read
                f"{defect.kind}: {defect.message}; {defect.action}",
                defect.source,
                defect.movie_index,
                defect.review_index,
            )
            self._note([change], report)

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
            raise NotRead([NO_FILES])
        if movies.movie_index is None:
            raise NotRead(["there is no movie in there"])

    def _records(
        self, movies: MovieIterator, awaited: Counter[str], output: Output, report: IO[str]
    ) -> Iterator[Placed]:
        for movie in self._each(movies, output):
            self._read += 1
            is_one_of_several = awaited[movie.imdb_id or ""] > 1
            step = self._before_merge if is_one_of_several else self._pipeline
            place = movies.source, movies.movie_index
            movie, lost = without_unwritable(movie)  # noqa: PLW2901 the same movie
            cleaned = step(movie)
            changes = [
                attrs.evolve(change, source=place[0], movie_index=place[1])
                for change in (*map(_as_change, lost), *cleaned.changes)
            ]
            self._note(changes, report)
            yield Placed(cleaned.value, *place)

    # ---- the report ---------------------------------------------------------------------

    def _note(self, changes: Iterable[Change], report: IO[str]) -> None:
        for change in changes:
            self._changes[change.step] += 1
            report.write(json.dumps(attrs.asdict(change)))
            report.write("\n")

    def _tell(self, report: IO[str], output: Output) -> None:
        """Print the report, if it is to be printed, and what was done."""
        if self._request.report == "-":
            report.seek(0)
            for line in report:
                output.line(line.rstrip("\n"))
        done = "written" if self._request.target is not None else "would be written"
        counts = "".join(f"; {name}: {count}" for name, count in self._changes.items())
        output.error(
            f"reviewcorpus: {self._read} movies read, {self._written} {done}; changes:"
            f" {self._changes.total()}{counts}"
        )
        if self._defects:
            others = self._defects - self._changes[READING]
            infos = (
                f", of which {others} of severity info are not counted as changes" if others else ""
            )
            output.error(
                f"reviewcorpus: defects met in reading: {self._defects}{infos};"
                " `reviewcorpus check` shows them"
            )


def _as_change(lost: Unwritable) -> Change:
    why = f"XML has no element {lost.name!r}"
    return Change(WRITING, "extra", lost.text, None, why, review_index=lost.review_index)
