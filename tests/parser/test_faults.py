"""Files that shrink, pipes that close, disks that fill: nothing is lost or half written."""

from __future__ import annotations

import bz2
import contextlib
import errno
import functools
import gzip
import io
import lzma
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from helpers_sources import BROKEN, read, tar_of, titles, write, xml_of, zip_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

END = rc.DefectKind.UNEXPECTED_END
MOVIES = [xml_of(f"Reel {number}", 20, fault=" & so") for number in range(300)]
MANY = b"".join(MOVIES)  # more than any reader takes at once
OLD = rc.dumps(rc.Movie(title="Old"))
NEW = [rc.Movie(title="New", reviews=[rc.Review(full_review="x" * 1000)] * 10)] * 10

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and pipes of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs the /proc or /dev of Linux")


@functools.cache
def whole() -> list[rc.Movie]:
    """Return the movies of the file before anything happens to it."""
    return list(rc.iter_movies(io.BytesIO(MANY)))


def places(defects: list[rc.Defect]) -> list[tuple[Any, ...]]:
    """Return defects without the name of their source."""
    return [(defect.kind, defect.offset, defect.raw) for defect in defects]


# ---- files that shrink or go ------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "last"),
    [
        (len(b"".join(MOVIES[:200])), []),
        (len(b"".join(MOVIES[:200])) + len(MOVIES[200]) // 2, [END]),
        (len(b"".join(MOVIES[:201])) - 3, [END]),
    ],
)
def test_a_file_that_is_cut_while_it_is_read_gives_what_was_there(
    tmp_path: Path, size: int, last: list[rc.DefectKind]
) -> None:
    path = write(tmp_path / "a.xml", MANY)
    defects: list[rc.Defect] = []
    movies = rc.iter_movies(path, on_defect=defects.append)
    found = [next(movies)]
    os.truncate(path, size)
    found += movies
    expected, expected_defects = read(io.BytesIO(MANY[:size]))
    assert (found, places(defects)) == (expected, places(expected_defects))
    assert [defect.kind for defect in defects if defect.severity == "error"] == last


def test_a_file_that_is_emptied_while_it_is_read_ends_where_it_was_read_to(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", MANY)
    defects: list[rc.Defect] = []
    movies = rc.iter_movies(path, on_defect=defects.append)
    found = [next(movies)]
    os.truncate(path, 0)
    *unharmed, cut = [*found, *movies]
    expected = whole()[: len(unharmed) + 1]
    assert unharmed == expected[:-1]
    assert cut.reviews[:-1] == expected[-1].reviews[: len(cut.reviews) - 1]
    assert len(expected) < len(MOVIES)
    assert [defect.kind for defect in defects if defect.severity == "error"] in ([END], [])


@pytest.mark.parametrize("name", ["a.gz", "a.bz2", "a.xz", "a.zip", "a.tar"])
def test_a_packed_file_that_is_cut_while_it_is_read_is_a_defect(tmp_path: Path, name: str) -> None:
    members = {f"{number}.xml": data for number, data in enumerate(MOVIES)}
    pack: dict[str, Callable[[], bytes]] = {
        "a.gz": lambda: gzip.compress(MANY, 0),  # stored, so that it is as long as what it holds
        "a.bz2": lambda: b"".join(map(bz2.compress, MOVIES)),
        "a.xz": lambda: b"".join(lzma.compress(data, preset=0) for data in MOVIES),
        "a.zip": lambda: zip_of(members, 0),
        "a.tar": lambda: tar_of(members),
    }
    path = write(tmp_path / name, pack[name]())
    defects: list[rc.Defect] = []
    movies = rc.iter_movies(path, on_defect=defects.append)
    found = [next(movies)]
    os.truncate(path, path.stat().st_size * 2 // 3)
    found += movies
    assert 150 < len(found) < 250
    assert found[:-1] == whole()[: len(found) - 1]
    assert BROKEN in {defect.kind for defect in defects}


@posix
def test_a_file_that_is_deleted_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", MANY)
    movies = rc.iter_movies(path)
    first = next(movies)
    path.unlink()
    assert titles([first, *movies]) == [f"Reel {number}" for number in range(len(MOVIES))]


# ---- pipes that close -------------------------------------------------------------------

CUT = MOVIES[0] + MOVIES[1][:-100]  # in the middle of a record


def feed(descriptor: int, data: bytes) -> threading.Thread:
    """Write to a pipe from a thread of its own, and close it."""

    def work() -> None:
        with open(descriptor, "wb") as sink:
            sink.write(data)

    thread = threading.Thread(target=work)
    thread.start()
    return thread


@posix
@pytest.mark.parametrize("by", ["file", "raw file", "text", "path"])
def test_a_pipe_that_closes_in_a_record_gives_what_came(by: str) -> None:
    source, sink = os.pipe()
    thread = feed(sink, CUT)
    if by == "path" and not Path(f"/dev/fd/{source}").exists():
        pytest.skip("this system has no /dev/fd")
    with open(source, "r" if by == "text" else "rb", 0 if by == "raw file" else -1) as file:
        movies, defects = read(f"/dev/fd/{source}" if by == "path" else file)
    thread.join()
    expected = read(io.BytesIO(CUT))
    assert (movies, places(defects)) == (expected[0], places(expected[1]))
    assert defects[-1].kind is END


@posix
def test_a_named_pipe_is_read_to_where_its_writer_closes_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    os.mkfifo(path)
    thread = threading.Thread(target=path.write_bytes, args=(CUT,))
    thread.start()
    movies, defects = read(path)
    thread.join()
    assert movies == read(io.BytesIO(CUT))[0]
    assert defects[-1].kind is END


@posix
def test_a_process_that_is_killed_while_it_writes_has_given_what_it_wrote() -> None:
    code = (
        "import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read())); sys.stdout.flush()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}; import time; time.sleep(60)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(CUT.hex().encode())
        process.stdin.close()
        defects: list[rc.Defect] = []
        movies = rc.iter_movies(process.stdout, on_defect=defects.append)
        first = next(movies)  # as soon as it is whole
        process.kill()
        assert [first, *movies] == read(io.BytesIO(CUT))[0]
    assert process.returncode == -signal.SIGKILL
    assert defects[-1].kind is END


# ---- disks that fill --------------------------------------------------------------------


def assert_untouched(folder: Path) -> None:
    """The old file is what it was, and there is no other."""
    assert [path.name for path in folder.iterdir()] == ["movies.xml"]
    assert (folder / "movies.xml").read_text() == OLD


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return write(tmp_path / "out" / "movies.xml", OLD.encode())


class Full(io.BytesIO):
    """A file on a disk that is full after some bytes."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > 15_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


def test_an_open_file_on_a_full_disk_is_an_os_error_at_once() -> None:
    file = Full()
    taken: list[rc.Movie] = []

    def movies() -> Iterator[rc.Movie]:
        for movie in NEW:
            taken.append(movie)
            yield movie

    with pytest.raises(OSError, match="No space left"):
        rc.dump(movies(), file)
    assert len(taken) == 2  # the first fits; nothing is asked for behind the second
    assert not file.closed


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_disk_that_fills_late_leaves_the_old_file(
    target: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        rc.dump(NEW, target)
    assert_untouched(target.parent)


LIMITED = """
import resource, sys
import reviewcorpus as rc

resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))  # Python ignores the signal
try:
    rc.dump([rc.Movie(title="x" * 1000)] * 100, sys.argv[1])
except OSError as error:
    print(error.errno)
"""


@posix
def test_a_file_that_may_not_grow_leaves_the_old_one(target: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(target)], capture_output=True, check=True
    )
    assert int(done.stdout) == errno.EFBIG
    assert_untouched(target.parent)


@linux
def test_a_device_that_is_full_is_an_os_error() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(OSError, match="No space left"):
        rc.dump(NEW, "/dev/full")


@linux
def test_a_file_system_that_is_full_keeps_the_old_file(tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    with contextlib.suppress(FileNotFoundError):
        if subprocess.run(mount, capture_output=True, check=False).returncode == 0:
            try:
                target = write(tmp_path / "movies.xml", OLD.encode())
                with pytest.raises(OSError, match="No space left"):
                    rc.dump(NEW * 10, target)
                assert_untouched(tmp_path)
            finally:
                subprocess.run(["umount", str(tmp_path)], check=True)  # noqa: S607 as above
            return
    pytest.skip("this user may not mount a file system")
