"""`reviewcorpus clean`: read, clean, write well-formed files, and report every change."""

from __future__ import annotations

import json
import os
import re
import sys
from collections import Counter
from contextlib import closing
from functools import partial
from operator import attrgetter
from typing import IO, TYPE_CHECKING

import attrs
import click

from reviewcorpus._iterators import Assembler
from reviewcorpus.cleaning import (
    DEFAULT_STEPS,
    STEPS,
    Cleaned,
    Pipeline,
    drop_repeats,
    fix_mojibake,
)
from reviewcorpus.cleaning._changes import Change, Placed
from reviewcorpus.cleaning._collections import count_records, merge_records
from reviewcorpus.cli._diff import diff, styled
from reviewcorpus.cli._output import (
    check_movies_target,
    check_target,
    is_stream,
    is_terminal,
    open_target,
    write_movies,
)
from reviewcorpus.cli._shared import (
    INCOMPLETE,
    NOTHING_WRITTEN,
    NotRead,
    Reading,
    one_name,
    reads,
    report_defects,
    report_failure,
    writes,
)
from reviewcorpus.corpus import Corpus
from reviewcorpus.defects import CorpusError, Defect, Severity
from reviewcorpus.writer import writable

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Sequence

    from reviewcorpus.models import Movie

MERGE = "merge-movies"
NAMES = (*STEPS, MERGE)
"""The steps that the command knows, in their order."""
DEFAULTS = frozenset(name for name, step in STEPS.items() if step in DEFAULT_STEPS)
"""The steps that it uses by default."""
READING = "reading"
"""The name in the report for changes that reading itself has made."""
WRITING = "writing"
"""The name in the report for what was read and cannot be written."""


def _split(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> set[str]:
    """Return the names in the values of an option.

    Raises:
        click.BadParameter: There is no step of a name, or the value has no name.
    """
    names = [name.strip() for part in given for name in part.split(",") if name.strip()]
    for name in names or given:
        if name not in NAMES:
            raise click.BadParameter(f"unknown step {name!r}; the steps are {', '.join(NAMES)}")
    return set(names)


def _listed(*, is_default: bool) -> str:
    """Return the names of the defaults, or of the others, for the help."""
    return ", ".join(name for name in NAMES if (name in DEFAULTS) is is_default)


_steps = partial(click.option, multiple=True, metavar="NAMES", callback=_split)


@click.command(
    epilog="Exit status: 0 done, 2 something could not be read or written; a message says if"
    " anything was written."
)
@writes(
    "DEST",
    "Where to write: a file that ends in .xml, for all movies; a new or empty folder, for one file"
    " per movie; or - for standard output.",
    required=False,
)
@click.option("--diff", "has_diff", is_flag=True, help="Print each change, before and after.")
@click.option(
    "--report",
    metavar="FILE",
    callback=one_name,
    help="File for the report of all changes, as JSON Lines, or - for standard output. By default,"
    " DEST.changes.jsonl.",
)
@_steps("--with", "more", help=f"Also use these steps: {_listed(is_default=False)}.")
@_steps("--without", "fewer", help=f"Skip these steps: {_listed(is_default=True)}.")
@click.option("--all", "takes_all", is_flag=True, help="Use every step.")
@click.option("--dry-run", is_flag=True, help="Write no movies, only the diff or the report.")
@reads()
def clean(
    *,
    reading: Reading,
    target: str | None,
    has_diff: bool,
    report: str | None,
    more: set[str],
    fewer: set[str],
    takes_all: bool,
    dry_run: bool,
    force: bool,
) -> int:
    """Write clean files: well-formed, escapes and mojibake fixed, repeats dropped.

    PATH is a file, a folder with *.xml, *.txt and *.review files, an archive, or - for standard
    input. The step merge-movies reads twice, so it cannot read standard input.

    By default, only text that is almost certainly damaged is changed; --with and --all change more.
    The report has every change: what was there, what is there now, and why. It also has what the
    reader had to assume or could not read. It has the e-mail addresses that were removed, so keep
    it as private as the corpus. Cleaning the output again changes nothing.

    \b
    Examples:
      reviewcorpus clean corpus/ --diff
      reviewcorpus clean corpus/ -o clean/
      reviewcorpus clean corpus/ -o clean.xml --with redact-emails,merge-movies
    """
    if not (target or dry_run or has_diff):
        raise click.UsageError("say where to write with -o DEST, or only look with --diff")
    target = None if dry_run else target
    if report is None:
        if target is None:
            report = os.devnull if has_diff else "-"
        else:
            report = os.devnull if is_stream(target) else f"{target.rstrip('/')}.changes.jsonl"
    names = _chosen((set(NAMES) if takes_all else DEFAULTS | more) - fewer)
    _check_places(reading.paths, target, report, has_diff=has_diff, force=force)
    once = next(filter(is_stream, reading.paths), None)
    if MERGE in names and once is not None:
        raise click.UsageError(
            f"{MERGE} reads its sources twice, and {once!r} can be read only once; give a file, or"
            f" leave it out with: --without {MERGE}"
        )
    cleaning = Cleaning(reading, names, report, force, has_diff)
    try:
        with closing(cleaning.movies()) as movies:
            write_movies(target, movies, reading.output, force=force)
    except (OSError, CorpusError, NotRead, ValueError) as error:  # XML cannot hold a value
        left, is_only_printed = cleaning.left(target), target is None or is_stream(target)
        return report_failure(
            reading.output, "not written", error, left, is_quiet_about_pipe=is_only_printed
        )
    cleaning.print_counts(target)
    return 0


def _check_places(
    paths: tuple[str, ...], target: str | None, report: str, *, has_diff: bool, force: bool
) -> None:
    """Refuse places that are taken, and the same place for two of movies, report and diff.

    Raises:
        click.UsageError: A place is refused.
    """
    if target is not None:
        check_movies_target(target, paths, force=force)
    printed = [target, report, "-" if has_diff else None].count("-")
    are_files = {target, report}.isdisjoint({"-", os.devnull})
    is_within = target is not None and are_files and Corpus(target).reads(report)
    if printed > 1 or is_within:
        raise click.UsageError("the movies, the report and the diff cannot go to the same place")
    for place in (report, "-") if has_diff else (report,):
        check_target(place, paths, force=force)


def _chosen(taken: Collection[str]) -> list[str]:
    """Return the names of the steps to be done, in their order.

    Raises:
        click.UsageError: A package that one of them needs is not installed.
    """
    names = [name for name in NAMES if name in taken]
    if "fix-mojibake" in names:
        try:
            fix_mojibake("?")
        except ImportError as error:
            left_out = "leave it out with: --without fix-mojibake"
            raise click.UsageError(f"{error}; or {left_out}") from error
    return names


_NAMES_OF_CHANGE = [field.name for field in attrs.fields(Change)]
_values_of = attrgetter(*_NAMES_OF_CHANGE)
_START_OF_LINE = f'{{"{_NAMES_OF_CHANGE[0]}": '
_NOT_ASCII = re.compile(r"[^ -~]")


def _lines_of(changes: Sequence[Change]) -> str:
    r"""Return a line of JSON for each change, with only unsafe characters escaped.

    These are the characters that `visible` escapes, for the same reasons. Bytes of a name that are
    not UTF-8 are halves of surrogate pairs in Python, which JSON must not have: here they are text,
    such as `\\udcff`.

    All changes are written at once, which takes half the time. The separator between two of them
    cannot be in a text, where a quotation mark is escaped.
    """
    if not changes:
        return ""
    records = [dict(zip(_NAMES_OF_CHANGE, _values_of(change), strict=True)) for change in changes]
    text = json.dumps(records, ensure_ascii=False)[1:-1]
    text = _NOT_ASCII.sub(_shown, text).replace("##", "#\\u0023")
    return text.replace(f"}}, {_START_OF_LINE}", f"}}\n{_START_OF_LINE}") + "\n"


def _shown(found: re.Match[str]) -> str:
    character = found[0]
    if character.isprintable():
        return character
    escape = json.dumps(character)[1:-1]
    return f"\\{escape}" if "\ud800" <= character <= "\udfff" else escape


@attrs.define
class Cleaning:
    """One run of `reviewcorpus clean`.

    Args:
        reading: What is read.
        names: The steps.
        report: Where the report goes: a path, or `-` for standard output.
        force: Whether a file that exists is replaced.
        has_diff: Whether the changes are shown on standard output.
    """

    reading: Reading
    names: list[str]
    report: str
    force: bool
    has_diff: bool
    lines: IO[bytes] = attrs.field(init=False)
    changes: Counter[str] = attrs.field(factory=Counter, init=False)
    written: int = attrs.field(default=0, init=False)
    is_reported: bool = attrs.field(default=False, init=False)

    def left(self, target: str | None) -> str:
        """Return what is left of the output after a failure."""
        if target is not None and is_stream(target):
            return INCOMPLETE
        if self.is_reported:
            return f"{NOTHING_WRITTEN} but the report"
        is_begun = is_stream(self.report) and self.report != os.devnull
        return NOTHING_WRITTEN + (" but a part of the report" if is_begun else "")

    # ---- movies -------------------------------------------------------------------------

    def movies(self) -> Generator[Movie]:
        """Yield the movies as they are to be written, and report each change."""
        if self.has_diff and is_terminal(sys.stdout):
            self.reading.output.stop()  # the bar would be in the middle of it
        expected: Counter[str] = Counter()  # how many records each movie has, if they are merged
        if MERGE in self.names:
            expected = count_records(self.reading.movies())
            self._check_read()
            self.reading = self.reading.again()
        # The report is complete before the movies are in their place, so no change goes unreported.
        with (
            open_target(self.report, self.reading.output, force=self.force) as self.lines,
            self.reading,
        ):
            for cleaned in merge_records(self._records(expected), expected):
                self._add(cleaned.changes, cleaned.value)
                self.written += 1
                yield cleaned.value
        sys.stdout.flush()
        self.is_reported = True

    def _records(self, expected: Counter[str]) -> Iterator[Placed]:
        """Yield each record after all steps except merging."""
        steps = [_make_writable, *(STEPS[name] for name in self.names if name != MERGE)]
        pipeline = Pipeline(*steps)
        # Merging drops repeats itself, and counts reviews as the record had them.
        before_merge = Pipeline(*(step for step in steps if step is not drop_repeats))
        for place in self._places():
            number = place.movie.imdb_id or ""
            is_one_of_several = expected[number] > 1
            cleaned = (before_merge if is_one_of_several else pipeline)(place.movie)
            changes = cleaned.changes
            if is_one_of_several:
                why = f"one of {expected[number]} records of {number}, which become one"
                changes += (Change(MERGE, None, place.movie.title, None, why),)
            self._add(place.locate(changes), place.movie)
            yield place._replace(movie=cleaned.value)

    def _places(self) -> Iterator[Placed]:
        """Yield the movies, and report what reading did on an assumption."""
        assembler = Assembler()
        for item in self.reading:
            if isinstance(item, Defect):
                self._add_defect(item)
            movie = assembler.add(item)
            if movie is not None:
                yield Placed(movie, self.reading.source, item.movie_index)
        self._check_read()

    def _check_read(self) -> None:
        """Raise an error if something could not be read."""
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
            self._write(Change(READING, defect.field, defect.raw, None, why, *place))

    def _add(self, changes: Iterable[Change], movie: Movie) -> None:
        """Report the changes of a movie; `movie` is as it was before."""
        changes = tuple(changes)
        self._write(*changes)
        if self.has_diff:
            for line in diff(movie, changes):
                self.reading.output.line(styled(line))

    def _write(self, *changes: Change) -> None:
        self.changes.update(change.step for change in changes)
        self.lines.write(_lines_of(changes).encode())

    def print_counts(self, target: str | None) -> None:
        """Print what was read, what each step has changed, and what was written where."""
        summary = self.reading.summary()
        lines = [f"read {_count(summary.movies, 'movie')} in {_count(summary.files, 'file')}"]
        if self.changes[READING]:
            lines.append(f"errors and warnings while reading: {self.changes[READING]:,}")
        lines += [
            f"{name}: {_count(self.changes[name], 'change')}"
            for name in (*NAMES, WRITING)
            if self.changes[name]
        ]
        if not self.changes:
            lines.append("nothing to change")
        verb = "would write" if target is None else "wrote"
        to = "" if target is None else f" to {_name_of(target)}"
        lines.append(f"{verb} {_count(self.written, 'movie')}{to}")
        if self.report not in {"-", os.devnull}:
            lines.append(f"wrote a report of the changes to {self.report}")
        for line in lines:
            self.reading.output.note(line)
        others = sum(summary.defects.values()) - self.changes[READING]
        note = f" ({others} of severity info, not counted as changes)" if others else ""
        report_defects(self.reading, note)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _name_of(target: str) -> str:
    return "standard output" if target == "-" else target


def _make_writable(movie: Movie) -> Cleaned[Movie]:
    """Rename or drop the elements that cannot be written under their names, as a step."""
    written, found = writable(movie)
    changes = []
    for index, name, text, new_name, reason in found:
        is_dropped = new_name is None
        old, why = (text, f"XML has no element {name!r}") if is_dropped else (name, reason)
        changes.append(Change(WRITING, "extra", old, new_name, why, review_index=index))
    return Cleaned(written, tuple(changes))
