"""The examples of the reference pages: what the library makes of each, and whether it is right."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING, Any

import attrs

import reviewcorpus as rc
from reviewcorpus import step
from reviewcorpus.cleaning import Pipeline
from reviewcorpus.validation import CorpusValidator, Problem, Thresholds, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from reviewcorpus.cleaning import Cleaned

Files = dict[str, str]

_FILE = "film.xml"


class EntryError(Exception):
    """An entry that does not say what it should, or whose example does not show it."""


class NamedBytes(io.BytesIO):
    """Bytes in memory that defects call by a name."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(data)
        self.name = name


def _files(given: str | Files) -> Files:
    return {_FILE: given} if isinstance(given, str) else given


@attrs.frozen(kw_only=True)
class Entry:
    """What is written by hand about a kind of defect or about a rule.

    Attributes:
        name: The kind or the code.
        about: What it is, and which habit of real files is behind it, in Markdown.
        example: A file that shows it, or several by their names.
        mend: How it is mended, or why it need not be, in Markdown.
        mended: The same files without it.
        also: Kinds and codes that the example cannot but show too.
    """

    name: str
    about: str
    example: Files = attrs.field(converter=_files)
    mend: str
    mended: Files = attrs.field(factory=dict, converter=_files)
    also: list[str] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        texts: list[object] = [self.about, self.mend, *self.example.values(), *self.mended.values()]
        if not self.example or not all(isinstance(text, str) and text.strip() for text in texts):
            raise EntryError(
                f"{self.name}: about, mend, example and mended must be texts, and not empty"
            )


@attrs.frozen(kw_only=True)
class KindEntry(Entry):
    """An entry for a kind of defect.

    Attributes:
        shows: Python expressions of `movies` that tell what was read.
        options: Options of the reader.
        mended_options: Options with which the example itself is read without a defect.
        encoding: Encoding of the files.
        gzip_cut: How many bytes are missing at the end, if the files are compressed; 0 if not.
    """

    shows: list[str]
    options: dict[str, Any] = attrs.field(factory=dict)
    mended_options: dict[str, Any] = attrs.field(factory=dict)
    encoding: str = "utf-8"
    gzip_cut: int = 0

    @property
    def files(self) -> dict[str, bytes]:
        """The files of the example as they are read; those that are compressed end in `.gz`."""
        files = {name: text.encode(self.encoding) for name, text in self.example.items()}
        if not self.gzip_cut:
            return files
        # Stored, not deflated: so a cut takes as many bytes of the text whatever packs it.
        return {
            f"{name}.gz": gzip.compress(data, compresslevel=0, mtime=0)[: -self.gzip_cut]
            for name, data in files.items()
        }

    @property
    def contents(self) -> dict[str, bytes]:
        """What stands in the files, without what a cut has taken."""
        if not self.gzip_cut:
            return self.files
        return {
            name: zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)
            for name, data in self.files.items()
        }


@attrs.frozen(kw_only=True)
class RuleEntry(Entry):
    """An entry for a rule.

    Attributes:
        thresholds: Numbers that the rule compares with, where the default takes a long example.
        step: Name of the function in `reviewcorpus.cleaning` that mends it.
        silent: Values in which the rule finds nothing on purpose, by the attribute of a `Movie`
            or `Review`.
    """

    thresholds: dict[str, Any] = attrs.field(factory=dict)
    step: str = ""
    silent: dict[str, list[Any]] = attrs.field(factory=dict)

    @property
    def all_thresholds(self) -> Thresholds:
        """All numbers that the rule compares with."""
        return Thresholds(**self.thresholds)


# ---- reading ----------------------------------------------------------------------------


@attrs.frozen
class Reading:
    """What reading gives."""

    movies: list[rc.Movie]
    defects: list[rc.Defect]
    error: rc.CorpusSyntaxError | None = None


def corpus_of(files: Mapping[str, str | bytes], options: Mapping[str, Any]) -> rc.Corpus:
    """Give the corpus of some files in memory."""
    sources = []
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        file: Any = NamedBytes(name, data)
        sources.append(gzip.GzipFile(name, fileobj=file) if name.endswith(".gz") else file)
    return rc.Corpus(*sources, **options)


def read(files: Mapping[str, str | bytes], options: Mapping[str, Any]) -> Reading:
    """Read some files; the fault that ends strict reading is among the defects."""
    defects: list[rc.Defect] = []
    movies: list[rc.Movie] = []
    try:
        movies.extend(corpus_of(files, {**options, "on_defect": defects.append}))
    except rc.CorpusSyntaxError as error:
        return Reading(movies, [*defects, error.defect], error)
    return Reading(movies, defects)


def problems_of(
    movies: Iterable[rc.Movie], rules: str, thresholds: Thresholds | None = None
) -> list[Problem]:
    """Check movies that stand in no file."""
    validator = CorpusValidator(rules=rules, thresholds=thresholds)
    found = [problem for movie in movies for problem in validator.feed(movie)]
    return found + validator.finish()


def repaired_by(name: str, corpus: rc.Corpus) -> Iterator[Cleaned[rc.Movie]]:
    """Give the movies of a corpus as a function of `reviewcorpus.cleaning` mends them."""
    if name == "merge_corpus":
        return step.merge_corpus(corpus)
    return Pipeline(getattr(step, name)).run(corpus)


def thresholds_used(entry: RuleEntry) -> dict[str, Any]:
    """Give the numbers that a rule asks for, with their defaults; the day of today is none."""
    asked: set[str] = set()

    class Asked(Thresholds):
        def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 as of any attribute
            asked.add(name)
            return super().__getattribute__(name)

    thresholds = Asked(**entry.thresholds)
    asked.clear()
    list(corpus_of(entry.example, {}).problems(rules=entry.name, thresholds=thresholds))
    return {
        field.name: field.default
        for field in attrs.fields(Thresholds)
        if field.name in asked and field.name != "today"
    }


# ---- whether entries are right ----------------------------------------------------------


def check_kind(entry: KindEntry) -> None:
    """Refuse an entry whose example does not show its kind, or shows what it does not name.

    Raises:
        EntryError: Says what is wrong.
    """
    found = [defect.kind.value for defect in read(entry.files, entry.options).defects]
    _check_found(entry, found)
    if not (entry.mended or entry.mended_options):
        raise EntryError(f"{entry.name}: there is neither mended nor mended_options")
    if entry.mended:
        _check_none(entry, "mended", read(entry.mended, entry.options).defects)
    if entry.mended_options:
        again = read(entry.files, {**entry.options, **entry.mended_options})
        _check_none(entry, "mended_options", again.defects)


def check_rule(entry: RuleEntry) -> None:
    """Refuse an entry whose example does not show its rule, or shows what it does not name.

    Raises:
        EntryError: Says what is wrong.
    """
    thresholds = entry.all_thresholds
    corpus = corpus_of(entry.example, {})
    problems = corpus.problems(rules="all", thresholds=thresholds)
    found = [problem.code for problem in problems] + [d.kind.value for d in corpus.defects()]
    _check_found(entry, found)
    if not (entry.mended or entry.step):
        raise EntryError(f"{entry.name}: there is neither mended nor step")
    if entry.mended:
        mended = corpus_of(entry.mended, {})
        left = [*mended.defects(), *mended.problems(rules="all", thresholds=thresholds)]
        _check_none(entry, "mended", left)
    if entry.step:
        movies = [cleaned.value for cleaned in repaired_by(entry.step, corpus)]
        _check_none(entry, "step", problems_of(movies, entry.name, thresholds))
    _check_silent(entry)


def _check_found(entry: Entry, found: list[str]) -> None:
    expected = {entry.name, *entry.also}
    if set(found) != expected:
        raise EntryError(
            f"{entry.name}: the example shows {sorted(set(found))}, not {sorted(expected)}"
        )


def _check_none(entry: Entry, field: str, found: Iterable[object]) -> None:
    shown = "; ".join(map(str, found))
    if shown:
        raise EntryError(f"{entry.name}: {field} still shows {shown}")


def _check_silent(entry: RuleEntry) -> None:
    of_movie = {field.name for field in attrs.fields(rc.Movie)}
    for field, values in entry.silent.items():
        for value in values:
            if field in of_movie:
                movie = rc.Movie(**{field: value})
            else:
                movie = rc.Movie(reviews=[rc.Review(**{field: value})])
            _check_none(entry, "silent", validate(movie, rules=entry.name))
