"""Where a command writes movies: one file, a folder with a file a film, or standard output."""

from __future__ import annotations

import errno
import os
import re
import shutil
import sys
import unicodedata
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

import click

from reviewcorpus._files import write_file
from reviewcorpus.writer import dump, dumps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reviewcorpus.models import Movie

_LONGEST_NAME = 60  # characters of a title in the name of a file
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


class Target(Protocol):
    """Something that takes movies, all of them or none."""

    def write(self, movies: Iterable[Movie]) -> None:
        """Write them."""


def open_target(path: str, *, force: bool) -> Target:
    """Give the target that a path stands for; nothing is opened yet.

    Raises:
        click.UsageError: There is something already, and it shall not be replaced.
    """
    if path == "-":
        return StandardOutput()
    is_folder = os.path.isdir(path)  # noqa: PTH112 as given
    names_folder = path.endswith((os.sep, "/")) or not os.path.splitext(path)[1]  # noqa: PTH122 as given
    if is_folder or (names_folder and not os.path.exists(path)):  # noqa: PTH110 as given
        if is_folder and os.listdir(path) and not force:  # noqa: PTH208 as given
            raise click.UsageError(f"there is something in {path!r}; --force writes there")
        return Folder(path)
    if os.path.lexists(path) and not force:
        raise click.UsageError(f"{path!r} is there already; --force replaces it")
    return OneFile(path)


def check_apart(path: str, sources: Iterable[str]) -> None:
    """Refuse a target among its own sources, or sources within their target.

    Raises:
        click.UsageError: One is in the other.
    """
    target = os.path.realpath(path)
    for source in sources:
        real = os.path.realpath(source)
        if os.path.commonpath([target, real]) in {target, real} and _overlap(target, real):
            raise click.UsageError(
                f"{path!r} and the source {source!r} overlap; write to a place of its own"
            )


def _overlap(target: str, source: str) -> bool:
    """Tell whether one of two paths is the other, or a folder around it."""
    return target == source or os.path.isdir(target) or os.path.isdir(source)  # noqa: PTH112 real paths


class StandardOutput:
    """Standard output."""

    def write(self, movies: Iterable[Movie]) -> None:
        """Write movies as one document."""
        dump(movies, sys.stdout.buffer)


class OneFile:
    """One file for all movies."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, movies: Iterable[Movie]) -> None:
        """Write movies as one document, whole or not at all."""
        dump(movies, self._path)


class Folder:
    """A folder with one file for each movie."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, movies: Iterable[Movie]) -> None:
        """Write each movie to a file of its own; they appear when all have been written."""
        parent, name = os.path.split(os.path.abspath(self._path))  # noqa: PTH100 no links followed
        aside = os.path.join(parent, f".{name}.{os.urandom(8).hex()}.part")  # noqa: PTH118 as given
        os.mkdir(aside)  # noqa: PTH102 as given
        try:
            names = _Names()
            for movie in movies:
                dump(movie, os.path.join(aside, names.of(movie)))  # noqa: PTH118 as given
            _move_into_place(aside, self._path)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _move_into_place(aside: str, path: str) -> None:
    """Give a folder its name; into one that is there, move what is in it."""
    try:
        os.rename(aside, path)  # noqa: PTH104 as given
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.EACCES}:
            raise
        for name in sorted(os.listdir(aside)):  # noqa: PTH208 as given
            os.replace(os.path.join(aside, name), os.path.join(path, name))  # noqa: PTH105, PTH118 as given


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


def lines_to(path: str, lines: Iterator[str]) -> None:
    """Write lines of text to a file, whole or not at all."""
    write_file(path, lambda file: file.writelines(line.encode() for line in lines))
