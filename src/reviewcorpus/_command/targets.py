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

from reviewcorpus._files import write_file
from reviewcorpus._streams import TEXT_SUFFIXES
from reviewcorpus.writer import dump, dumps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewcorpus.models import Movie

_LONGEST_NAME = 60  # characters of a title in the name of a file
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
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
    others = [name for name in names if not name.endswith(".xml")]
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
    """A folder with one file for each movie, which takes the place of one that is there."""

    def __init__(self, path: str) -> None:
        self._path = os.path.realpath(path)  # a link stays a link to the new folder
        self._shown = path

    def write(self, movies: Iterable[Movie]) -> None:
        """Write each movie to a file of its own; they appear when all have been written."""
        aside, old = self._aside("part"), self._aside("old")
        try:
            os.mkdir(aside)  # noqa: PTH102 as given
        except OSError as error:
            raise type(error)(error.errno, error.strerror, self._shown) from None
        try:
            names = _Names()
            for movie in movies:
                dump(movie, os.path.join(aside, names.of(movie)))  # noqa: PTH118 as given
            if os.path.isdir(self._path):  # noqa: PTH112 as given
                os.rename(self._path, old)  # noqa: PTH104 as given
            os.rename(aside, self._path)  # noqa: PTH104 as given
        except BaseException:
            if os.path.isdir(old) and not os.path.lexists(self._path):  # noqa: PTH112 as given
                os.rename(old, self._path)  # noqa: PTH104 as given
            raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)

    def _aside(self, ending: str) -> str:
        parent, name = os.path.split(self._path)
        return os.path.join(parent, f".{name}.{os.urandom(8).hex()}.{ending}")  # noqa: PTH118 as given


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
        stem = movie.imdb_id or _slug(f"{movie.title or 'untitled'} {movie.year or ''}")
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
    return _NO_LETTERS.sub("-", plain).strip("-")[:_LONGEST_NAME].strip("-") or "untitled"


def write_lines(path: str, lines: Iterable[str]) -> None:
    """Write lines of text to a file, whole or not at all."""
    write_file(path, lambda file: file.writelines(line.encode() for line in lines))
