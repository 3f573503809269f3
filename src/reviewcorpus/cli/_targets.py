"""Where a command writes movies: one file, a folder with a file a film, or standard output."""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
import unicodedata
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

import click

from reviewcorpus._atomic import write_file
from reviewcorpus.sources._streams import TEXT_SUFFIXES
from reviewcorpus.writer import dump, dumps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewcorpus.models import Movie

_LONGEST_NAME = 60  # characters of a title in the name of a file
_UNFINISHED = ".part"  # what names of files end in until all have been written
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_DEVICE = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")  # names that Windows does not take
# Endings that ask for something else than XML.
_OTHER_FORMATS = frozenset(
    ".csv .tsv .json .jsonl .parquet .arrow .html .gz .bz2 .xz .zip .tar .tgz".split()
)


class Target(Protocol):
    """Something that takes movies, all of them or none."""

    def write(self, movies: Iterable[Movie]) -> None:
        """Write them."""


# ---- paths ------------------------------------------------------------------------------


def open_target(path: str, *, force: bool) -> Target:
    """Give the target that a path stands for; nothing is opened yet.

    Raises:
        click.UsageError: There is something already that shall not or cannot be replaced, or the
            ending asks for another format.
    """
    if path == "-":
        check_standard_output()
        return StandardOutput()
    if path.lower().endswith(TEXT_SUFFIXES) and not os.path.isdir(path):  # noqa: PTH112 as given
        check_free(path, force=force)
        return OneFile(path)
    ending = os.path.splitext(path)[1].lower()  # noqa: PTH122 as given
    if ending in _OTHER_FORMATS:
        raise click.UsageError(
            f"clean files are XML: {path!r} ends in {ending}; name a file that ends in .xml, or a"
            " folder"
        )
    _check_folder(path, force=force)
    return Folder(path)


def check_standard_output() -> None:
    """Refuse to write to standard output that is closed.

    Raises:
        click.UsageError: It is.
    """
    if sys.stdout is None:  # as ">&-" in a shell leaves it
        raise click.UsageError("standard output is closed")


def can_be_read_once(path: str) -> bool:
    """Tell whether a source is standard input, a pipe or a device."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 as given
    except OSError:
        return path == "-"
    return path == "-" or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def check_free(path: str, *, force: bool) -> None:
    """Refuse to replace a plain file without being told to; devices and pipes are written to.

    Raises:
        click.UsageError: There is a file.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 as given
    except OSError:
        return  # writing will say what is wrong, if anything is
    if stat.S_ISREG(mode) and not force:
        raise click.UsageError(f"{path!r} is there already; --force replaces it")


def _check_folder(path: str, *, force: bool) -> None:
    """Refuse a folder that shall not be replaced, or that holds what this command has not made."""
    if not os.path.isdir(path):  # noqa: PTH112 as given
        if os.path.lexists(path):
            raise click.UsageError(f"{path!r} is no folder; a file for all movies ends in .xml")
        return
    names = sorted(os.listdir(path))  # noqa: PTH208 as given
    if names and not force:
        raise click.UsageError(
            f"there is something in {path!r}; --force replaces a folder of .xml files"
        )
    others = [
        name
        for name in names
        if not name.endswith(".xml") or not os.path.isfile(os.path.join(path, name))  # noqa: PTH113, PTH118 as given
    ]
    if others:
        raise click.UsageError(
            f"{path!r} would be replaced as a whole, but holds {others[0]!r}; name another folder"
        )


def check_apart(path: str, sources: Iterable[str]) -> None:
    """Refuse an output among its own sources, or sources within it.

    Raises:
        click.UsageError: One is in the other.
    """
    for source in sources:
        if is_within(path, source) or is_within(source, path):
            raise click.UsageError(
                f"{path!r} and the source {source!r} overlap; write to a place of its own"
            )


def is_within(path: str, folder: str) -> bool:
    """Tell whether a path leads to a place, or into it."""
    real, around = os.path.realpath(path), os.path.realpath(folder)
    return real == around or real.startswith(os.path.join(around, ""))  # noqa: PTH118 real paths


# ---- targets ----------------------------------------------------------------------------


class StandardOutput:
    """Standard output."""

    def write(self, movies: Iterable[Movie]) -> None:
        """Write movies as one document."""
        dump(movies, sys.stdout.buffer)


class Nowhere:
    """No target: what would be written is only counted."""

    def write(self, movies: Iterable[Movie]) -> None:
        """Go through the movies."""
        for _ in movies:
            pass


class OneFile:
    """One file for all movies."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, movies: Iterable[Movie]) -> None:
        """Write movies as one document, whole or not at all."""
        dump(movies, self._path)


class Folder:
    """A folder with one file for each movie, in the place of the files that are there."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, movies: Iterable[Movie]) -> None:
        """Write each movie to a file of its own; they appear when all have been written."""
        is_new = not os.path.isdir(self._path)  # noqa: PTH112 as given
        # A folder that is there is kept: it may be a mount point, or closed to other users.
        aside = _make_folder_in(
            os.path.dirname(os.path.abspath(self._path)) if is_new else self._path,  # noqa: PTH100, PTH120 as given
            self._path,
        )
        try:
            names = _Names()
            for movie in movies:
                # Whatever becomes of this process, nobody takes such a file for one of a corpus.
                dump(movie, os.path.join(aside, f"{names.of(movie)}{_UNFINISHED}"))  # noqa: PTH118 as given
            if is_new:
                for name in os.listdir(aside):  # noqa: PTH208 as given
                    _move(aside, name, aside, name.removesuffix(_UNFINISHED))
                os.rename(aside, self._path)  # noqa: PTH104 as given
            else:
                _exchange(aside, self._path)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _make_folder_in(parent: str, shown: str) -> str:
    path = os.path.join(parent, f".{os.urandom(8).hex()}{_UNFINISHED}")  # noqa: PTH118 as given
    try:
        os.mkdir(path)  # noqa: PTH102 as given
    except OSError as error:
        raise type(error)(error.errno, error.strerror, shown) from None
    return path


def _move(folder: str, name: str, target: str, new_name: str) -> None:
    os.rename(os.path.join(folder, name), os.path.join(target, new_name))  # noqa: PTH104, PTH118 as given


def _exchange(aside: str, folder: str) -> None:
    """Put new files in the place of those in a folder; put the old ones back if that fails."""
    new = sorted(os.listdir(aside))  # noqa: PTH208 as given
    old = [name for name in os.listdir(folder) if name.endswith(".xml")]  # noqa: PTH208 as given
    moves = [(folder, name, aside, f"{name}.old") for name in old]
    moves += [(aside, name, folder, name.removesuffix(_UNFINISHED)) for name in new]
    done: list[tuple[str, str, str, str]] = []
    try:
        for move in moves:
            _move(*move)
            done.append(move)
    except BaseException:
        for folder_before, name, folder_after, new_name in reversed(done):
            _move(folder_after, new_name, folder_before, name)
        raise


# ---- names ------------------------------------------------------------------------------


class _Names:
    """Names for the files of movies, the same ones in each run."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, movie: Movie) -> str:
        """Give a name: the number of the film, or its title and year.

        A second movie of that name gets a mark that depends on what it holds and not on the order
        of the movies. It is joined by `_`, which sorts behind the dot, so that the file without a
        mark is read first when the folder is.
        """
        stem = (movie.imdb_id or "")[:_LONGEST_NAME]
        stem = stem or _slug(f"{movie.title or 'untitled'} {movie.year or ''}")
        if stem in self._given:
            mark = blake2b(dumps(movie).encode(), digest_size=6).hexdigest()
            first = stem = f"{stem}_{mark}"
            number = 1
            while stem in self._given:  # the very same movie, once more
                number += 1
                stem = f"{first}_{number:06}"
        self._given.add(stem)
        return f"{stem}.xml"


def _slug(text: str) -> str:
    """Give a text as the name of a file may be anywhere: a-z, 0-9 and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = _NO_LETTERS.sub("-", plain).strip("-")[:_LONGEST_NAME].strip("-") or "untitled"
    return f"{slug}-film" if _DEVICE.fullmatch(slug) else slug


def write_lines(path: str, lines: Iterable[str]) -> None:
    """Write lines of text to a file, whole or not at all."""
    write_file(path, lambda file: file.writelines(line.encode() for line in lines))
