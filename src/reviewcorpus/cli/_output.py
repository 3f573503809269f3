"""What the commands print, its colors, and the files that they write."""

from __future__ import annotations

import errno
import functools
import io
import json
import os
import re
import stat
import sys
import time
import unicodedata
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from reviewcorpus import _atomic
from reviewcorpus._atomic import UNFINISHED, open_whole, put_in_place, sync_folder
from reviewcorpus._checks import visible
from reviewcorpus.corpus import Corpus
from reviewcorpus.defects import Severity
from reviewcorpus.sources import Finder, size_of
from reviewcorpus.sources._streams import TEXT_SUFFIXES
from reviewcorpus.writer import dump, dumps

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from typing import Self

    from reviewcorpus._iterators import Items
    from reviewcorpus.models import Movie

_LONGEST_NAME = 60  # characters of a title in the name of a file
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_DEVICE = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")  # names that Windows does not allow
# Endings that ask for a format other than XML.
_OTHER_FORMATS = frozenset(
    ".csv .tsv .json .jsonl .ndjson .parquet .arrow .html .gz .bz2 .xz .zip .tar .tgz".split()
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_SECONDS_BEFORE_BAR = 1.0
_SECONDS_PER_STEP = 0.1  # between two steps of the bar
_BAR = 20  # characters
_ERASE = "\r\x1b[2K"  # erases the line
STYLES: dict[str, dict[str, Any]] = {
    Severity.ERROR: {"fg": "red", "bold": True},
    Severity.WARNING: {"fg": "yellow"},
    Severity.INFO: {"fg": "cyan"},
    "plain": {},
    "title": {"bold": True},
    "bar": {"fg": "green"},
    "aside": {"dim": True},
}
"""How things look on a terminal, as arguments of `click.style`."""


# ---- printing ---------------------------------------------------------------------------


class Output:
    """Prints lines; if reading takes long, a progress bar is below them.

    The bar is on standard error, if that is a terminal. There is none if standard output is a pipe,
    because what reads it may draw on the same terminal, as `less` does.

    Args:
        paths: What is read.
        exclude: What is skipped in it, as `Finder` takes it.
        is_quiet: Whether only results and errors are printed.

    Attributes:
        is_quiet: As given.
        done: How many bytes on disk have been read, over all files; for the bar.
    """

    def __init__(
        self, paths: tuple[str, ...], exclude: tuple[str, ...] = (), *, is_quiet: bool = False
    ) -> None:
        self.is_quiet = is_quiet
        self.done: int = 0
        self._has_bar = not is_quiet and _has_room_for_bar()
        self._has_colors = {False: has_colors(sys.stdout), True: has_colors(sys.stderr)}
        self._is_below = {False: is_terminal(sys.stdout), True: True}  # the bar, below the lines
        finder = Finder(exclude)
        self._size = functools.cache(lambda: None if "-" in paths else size_of(paths, finder))
        self._start = time.monotonic()
        self._next_step = self._start + _SECONDS_BEFORE_BAR
        self._is_drawn = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def line(self, text: str) -> None:
        """Print one line of the result on standard output, with the colors in it on a terminal."""
        self._print(text, is_error=False)

    def note(self, text: str) -> None:
        """Print a message on standard error, unless `--quiet` was given."""
        if not self.is_quiet:
            self.error(text)

    def error(self, text: str) -> None:
        """Print a message on standard error."""
        self._print(visible(f"reviewcorpus: {text}"), is_error=True)

    def _print(self, text: str, *, is_error: bool) -> None:
        if self._is_below[is_error]:
            self._erase()
        click.echo(text, err=is_error, color=self._has_colors[is_error])

    def show_progress(self, items: Items) -> None:
        """Show how much has been read, if it is time to."""
        if not self._has_bar:
            return
        self.done = items.bytes_read
        now = time.monotonic()
        if now >= self._next_step:
            self._next_step = now + _SECONDS_PER_STEP
            self._draw(now - self._start)

    def _draw(self, seconds: float) -> None:
        size = self._size()
        share = min(1, self.done / size) if size else 0
        how_far = f"[{'#' * round(share * _BAR):<{_BAR}}] {share:4.0%}" if size else ""
        click.echo(f"{_ERASE}reading {how_far or f'for {seconds:.0f} s'}", nl=False, err=True)
        self._is_drawn = True

    def _erase(self) -> None:
        if self._is_drawn:
            click.echo(_ERASE, nl=False, err=True)
            self._is_drawn = False

    def stop(self) -> None:
        """Erase the bar for good."""
        self._erase()
        self._has_bar = False


def to_json(value: object, indent: int | None = None) -> str:
    r"""Return JSON in ASCII that every reader accepts.

    Bytes of a name that are not UTF-8 are surrogates in Python's names, which JSON must not have:
    here they are text, such as `\\udcff`, as in the lines of `check`. Two `#` could begin a command
    to a CI system, as in `visible`.
    """
    text = json.dumps(value, indent=indent)
    if "\\ud" in text:  # a surrogate, or one of a pair
        whole = _SURROGATE.sub(_escaped_twice, json.dumps(value, ensure_ascii=False))
        text = json.dumps(json.loads(whole), indent=indent)
    return text.replace("##", "#\\u0023")


def _escaped_twice(surrogate: re.Match[str]) -> str:
    return f"\\\\u{ord(surrogate[0]):04x}"


class _Closed(io.RawIOBase):
    """A standard output that is closed, as after ">&-" in a shell: any text is an error."""

    def writable(self) -> bool:
        """Return `True`, or another error would come first."""
        return True

    def write(self, _: object) -> int:
        """Raise the error."""
        raise OSError(errno.EBADF, "standard output is closed")


def prepare_streams() -> None:
    """Make standard output write everything or raise an error, and both streams any character.

    Python has `None` for a closed stream, and click drops what is printed there. With
    PYTHONUNBUFFERED, it drops the part of a text that does not fit on a full disk.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:  # or the next file that is opened would be standard output
            os.open(os.devnull, os.O_RDONLY if descriptor else os.O_WRONLY)
    stdout: Any = sys.stdout
    is_own = stdout is sys.__stdout__  # and not one that a test or a program has set
    if stdout is None:
        closed: Any = _Closed()
        sys.stdout = io.TextIOWrapper(closed, write_through=True)
    elif is_own and isinstance(stdout.buffer, io.RawIOBase):
        buffer = io.BufferedWriter(stdout.buffer)
        sys.stdout = io.TextIOWrapper(buffer, stdout.encoding)
    streams: list[Any] = [sys.stdout, sys.stderr]
    for stream in streams:
        if hasattr(stream, "reconfigure"):  # a name that the terminal cannot show must not stop it
            stream.reconfigure(errors="backslashreplace")


def echo(text: str) -> None:
    """Print a result of a command that reads nothing, with the colors in it on a terminal."""
    click.echo(text, color=has_colors(sys.stdout))


def has_colors(stream: IO[str] | None) -> bool:
    """Return whether to show colors: NO_COLOR and FORCE_COLOR decide, otherwise the terminal."""
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (is_terminal(stream) and not _is_dumb())


def _is_dumb() -> bool:
    """Return whether the terminal prints control characters as they are, as in some editors."""
    return os.environ.get("TERM") == "dumb"


def _has_room_for_bar() -> bool:
    """Return whether a progress bar disturbs nothing."""
    if not is_terminal(sys.stderr) or _is_dumb():
        return False
    with suppress(OSError):  # without a descriptor, it is not a pipe
        return not stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    return True


def is_terminal(stream: IO[str] | None) -> bool:
    """Return whether there is such a stream, and it is a terminal."""
    return stream is not None and stream.isatty()


# ---- checks before anything is read -----------------------------------------------------


def check_target(target: str, sources: Iterable[str], *, force: bool) -> None:
    """Refuse a file that must not be written; devices and pipes are allowed.

    Args:
        target: Path of the file, or `-` for standard output.
        sources: Paths that will be read.
        force: Whether a file that exists may be replaced.

    Raises:
        click.UsageError: Standard output is closed, the file exists, or it is among the sources.
    """
    if target == "-":
        try:
            sys.stdout.buffer.write(b"")
        except OSError as error:  # it is closed
            raise click.UsageError(error.strerror or str(error)) from error
        return
    for source in sources:
        if source != "-" and (Corpus(source).reads(target) or Corpus(target).reads(source)):
            raise click.UsageError(
                f"{target!r} and the source {source!r} overlap; choose a place outside of it"
            )
    if os.path.isfile(target) and not force:
        raise click.UsageError(f"{target!r} already exists; use --force to replace it")


def check_movies_target(target: str, sources: Iterable[str], *, force: bool) -> None:
    """Refuse a place for movies: a file as `check_target` does, or a folder that is not empty.

    Raises:
        click.UsageError: The place is refused, or its ending asks for another format.
    """
    is_new_folder = is_folder(target) and not os.path.isdir(target)
    if is_new_folder and (os.path.lexists(target) or ending_of(target) in _OTHER_FORMATS):
        raise click.UsageError(
            f"clean files are XML: {target!r} is not a folder; a file for all movies ends in .xml"
        )
    check_target(target, sources, force=force)
    names = os.listdir(target) if os.path.isdir(target) else []
    left = sorted(name for name in names if name.endswith(UNFINISHED))
    if left:
        others = f" and {len(left) - 1} more" if left[1:] else ""
        raise click.UsageError(
            f"the folder {target!r} has files of a run that was stopped, {left[0]!r}{others};"
            " delete what is in it, or name a new one"
        )
    check_empty(names, target)


def check_empty(names: list[str], folder: str) -> None:
    """Refuse a folder with files in it.

    Raises:
        click.UsageError: There are some.
    """
    if names:
        raise click.UsageError(f"the folder {folder!r} is not empty; name a new or empty one")


def is_folder(target: str) -> bool:
    """Return whether movies go to a folder: it exists, or its name is not that of an XML file."""
    is_file = is_stream(target) or target.lower().endswith(TEXT_SUFFIXES)
    return os.path.isdir(target) or not is_file


def ending_of(path: str) -> str:
    """Return the last part of a name, with its dot and in lower case."""
    return os.path.splitext(path)[1].lower()


# ---- writing ----------------------------------------------------------------------------


@contextmanager
def open_target(target: str, output: Output, *, force: bool) -> Generator[IO[bytes]]:
    """Open a file that appears whole or not at all, or standard output.

    Args:
        target: Path of the file, or `-`.
        output: Its progress bar stops, if it would be in the middle of what is written.
        force: Whether a file that exists is replaced, even one that appeared meanwhile.
    """
    if target != "-":
        for left in _atomic.unfinished_beside(target):
            output.error(f"not complete: {left}; delete it if no other run is writing it")
        with open_whole(target, replaces=force) as file:
            yield file
        return
    if is_terminal(sys.stdout):
        output.stop()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


def is_stream(path: str) -> bool:
    """Return whether a path is a standard stream, a pipe or a device, and not a file or folder."""
    return path == "-" or _atomic.is_stream(path)


def write_movies(
    target: str | None, movies: Iterable[Movie], output: Output, *, force: bool
) -> None:
    """Write movies to a folder, a file or standard output; with `None`, only read them."""
    if target is None:
        for _ in movies:
            pass
    elif is_folder(target):
        _write_folder(target, movies)
    else:
        with open_target(target, output, force=force) as file:
            dump(movies, file)


def _write_folder(folder: str, movies: Iterable[Movie]) -> None:
    """Write each movie to a file of its own in a new or empty folder, all of them or none.

    No file gets its final name before all have been written, so that a part of them cannot be
    mistaken for a corpus. They are written in the folder itself, which may be a mount point or the
    current folder.
    """
    names = _Names()
    written: list[str] = []
    unfinished = f".{os.urandom(8).hex()}{UNFINISHED}"  # another run may write there too
    with ExitStack() as undo:
        if not os.path.isdir(folder):
            os.mkdir(folder)
            undo.callback(_remove_if_empty, folder)
        for movie in movies:
            path = os.path.join(folder, names.of(movie))
            undo.callback(Path(path + unfinished).unlink, missing_ok=True)
            with open(path + unfinished, "xb") as file:
                dump(movie, file)
                file.flush()
                os.fsync(file.fileno())
            written.append(path)
        for path in written:
            undo.callback(_take_back, path, path + unfinished)
            put_in_place(path + unfinished, path, replaces=False)
        undo.pop_all()
    sync_folder(folder)


def _remove_if_empty(folder: str) -> None:
    with suppress(OSError):  # somebody else has put a file there
        os.rmdir(folder)


def _take_back(path: str, aside: str) -> None:
    """Remove a file that has its final name, unless it is another one that has appeared there."""
    if not os.path.exists(aside) or (os.path.exists(path) and os.path.samefile(aside, path)):
        Path(path).unlink(missing_ok=True)


class _Names:
    """Names for the files of movies, the same ones in each run."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def of(self, movie: Movie) -> str:
        """Return a name: the number of the movie, or its title and year.

        A second movie of that name gets a mark that depends on its content and not on the order
        of the movies. It follows `_`, which sorts after the dot, so that a reader of the folder
        reads the file without a mark first.
        """
        stem = (movie.imdb_id or "")[:_LONGEST_NAME]
        stem = stem or _slug(f"{movie.title or 'untitled'} {movie.year or ''}")
        if self._count(stem) > 1:
            mark = blake2b(dumps(movie).encode(), digest_size=6).hexdigest()
            stem = f"{stem}_{mark}"
            count = self._count(stem)
            if count > 1:  # the same movie once more
                stem = f"{stem}_{count:06}"
        return f"{stem}.xml"

    def _count(self, stem: str) -> int:
        """Return how often a name was wanted, this time included.

        A name without a mark contains no `_`, so each name is given once.
        """
        self._given[stem] += 1
        return self._given[stem]


def _slug(text: str) -> str:
    """Return a text as the name of a file that is allowed anywhere: a-z, 0-9 and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = _NO_LETTERS.sub("-", plain).strip("-")[:_LONGEST_NAME].strip("-") or "untitled"
    return f"{slug}-movie" if _DEVICE.fullmatch(slug) else slug
