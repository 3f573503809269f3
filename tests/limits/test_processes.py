"""Interrupts, threads and other processes: what is read, written and handed on stays whole."""

from __future__ import annotations

import bz2
import contextlib
import copy
import datetime
import gc
import gzip
import io
import multiprocessing
import os
import pickle
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from helpers_sources import tar_of, write, xml_of, zip_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType
    from typing import Self

posix = pytest.mark.skipif(os.name != "posix", reason="needs the signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux lists what a process has open")

OLD = rc.dumps(rc.Movie(title="Old"))
NEW = rc.Movie(title="New", reviews=[rc.Review(full_review="Reel by reel.")])


def count_open() -> int:
    return len(os.listdir("/proc/self/fd"))


# ---- interrupts -------------------------------------------------------------------------


class Interrupting:
    """Raises KeyboardInterrupt before one of the steps that the package's own code takes.

    A signal is handled between two instructions; so each of them is a place to stop at.

    Args:
        at: Before which step, from 1.
        file: How the name of the module ends whose steps count.
        each: The event that is a step: `"line"` or `"opcode"`.
    """

    def __init__(self, at: int, file: str, each: str) -> None:
        self._left = at
        self._file = file
        self._each = each
        self.has_raised = False

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _trace(self, frame: FrameType, event: str, _: object) -> Any:
        if self._file not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes = self._each == "opcode"
        if event == self._each:
            self._left -= 1
            if self._left == 0:
                self.has_raised = True
                raise KeyboardInterrupt
        return self._trace


# A file whose name an interrupt has taken, between its opening and what is done with it, is closed
# at once, but with a warning.
@pytest.mark.slow
@linux
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("each", ["line", "opcode"])
@pytest.mark.parametrize("file", ["writer.py", "_atomic.py"])
def test_an_interrupt_between_any_two_steps_of_dump_leaves_a_whole_file(
    tmp_path: Path, file: str, each: str
) -> None:
    target = tmp_path / "movies.xml"
    before, contents, at, has_raised = count_open(), set(), 0, True
    while has_raised:
        at += 1
        target.write_text(OLD)
        interrupting = Interrupting(at, file, each)
        with contextlib.suppress(KeyboardInterrupt), interrupting:
            rc.dump(NEW, target)
        has_raised = interrupting.has_raised
        contents.add(target.read_text())
        assert [path.name for path in tmp_path.iterdir()] == ["movies.xml"], at
        # A folder is no file of Python's: an interrupt may take the number that it is open under.
        assert count_open() == before or file == "_atomic.py", at
    if at == 1 and each == "opcode":
        pytest.skip("this version of Python does not tell of instructions")
    assert at > 30
    assert contents == {OLD, rc.dumps(NEW)}


READ = xml_of("Reel", 1, fault=" & ")
FILES = {
    "plain": {"a.xml": READ, "b.xml": READ},
    "gzip": {"a.xml.gz": gzip.compress(READ)},
    "bzip2": {"a.xml.bz2": bz2.compress(READ)},
    "zip": {"a.zip": zip_of({"a.xml": READ})},
    "tar": {"a.tar.gz": gzip.compress(tar_of({"a.xml": READ}))},
}


@pytest.mark.slow
@linux
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # as above
@pytest.mark.parametrize("name", FILES)
def test_an_interrupt_in_any_line_of_reading_leaves_nothing_open(tmp_path: Path, name: str) -> None:
    paths = [write(tmp_path / file, data) for file, data in FILES[name].items()]
    before, at, has_raised = count_open(), 0, True
    gc.disable()
    try:
        while has_raised:
            at += 1
            interrupting = Interrupting(at, "reviewcorpus", "line")
            with contextlib.suppress(KeyboardInterrupt), interrupting:
                for _ in rc.iter_reviews(*paths):
                    pass
            has_raised = interrupting.has_raised
            assert count_open() == before, at
    finally:
        gc.enable()
    assert at > 500


# A shell starts what it leaves in the background with interrupts ignored, and so do its children.
HEEDING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
"""
WRITING = """
import sys, time
import reviewcorpus as rc

def movies():
    for number in range(10**6):
        yield rc.Movie(title=f"Reel {number}")
        if number == 5000:
            print("begun", flush=True)

rc.dump(movies(), sys.argv[1])
"""
READING = """
import sys
import reviewcorpus as rc

for movie, review in rc.iter_reviews(sys.stdin.buffer):
    print("begun", flush=True)
"""


def interrupt(program: str, *arguments: str, feed: bytes = b"") -> str:
    """Run a program, interrupt it once it says that it has begun; give what it said of that."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", HEEDING + program, *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(feed)
        process.stdin.flush()
        assert process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGINT)
        errors = process.stderr.read().decode()
    assert process.returncode == -signal.SIGINT
    return errors


@posix
def test_a_signal_while_a_file_is_written_leaves_the_old_one(tmp_path: Path) -> None:
    target = write(tmp_path / "movies.xml", OLD.encode())
    errors = interrupt(WRITING, str(target))
    assert errors.endswith("KeyboardInterrupt\n")
    assert "Warning" not in errors
    assert target.read_text() == OLD
    assert list(tmp_path.iterdir()) == [target]


@posix
def test_a_signal_while_a_pipe_is_read_ends_the_wait() -> None:
    errors = interrupt(READING, feed=xml_of("Endless", 3).partition(b"</movie>")[0])
    assert errors.endswith("KeyboardInterrupt\n")
    assert "Warning" not in errors


# Sends an interrupt to itself before one of the lines of the package, from the first one on that is
# run after the command is called.
INTERRUPTED = """
import os, runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
left = int(sys.argv.pop(1))
has_begun = False

def trace(frame, event, _):
    global left, has_begun
    code = frame.f_code
    if "reviewcorpus" not in code.co_filename:
        return None
    has_begun = has_begun or code.co_name == "_run"
    if has_begun and event == "line":
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGINT)
    return trace

sys.settrace(trace)
runpy.run_module("reviewcorpus", run_name="__main__")
"""
WRITTEN = {
    "check": [],
    "stats": [],
    "convert": ["-o", "out.csv"],
    "report": ["-o", "out.html"],
    "clean": ["-o", "out.xml"],
    "clean -o out": ["-o", "out"],
}


def interrupt_at(line: int, folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command and interrupt it before one of its lines; check that nothing is left."""
    for path in folder.glob("out*"):
        path.unlink() if path.is_file() else shutil.rmtree(path)
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(line), command.split(maxsplit=1)[0], "in.xml"]
        + WRITTEN[command],
        capture_output=True,
        check=False,
        cwd=folder,
        text=True,
    )
    assert done.returncode in {0, 130}, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(folder.rglob("*.part")), line
    for path in folder.glob("out*"):  # those that were complete
        assert path.is_dir() or path.read_text().endswith(("\n", "</html>"))
        assert path.is_file() or len(list(path.iterdir())) == 2
    return done


def check_interrupts(folder: Path, command: str, step: float) -> int:
    """Interrupt a command at ever later lines, until it is done before; return how often it was."""
    movies = [
        rc.Movie(title=title, reviews=[rc.Review(score=0.5)]) for title in ("Reel", "A &amp; B")
    ]
    rc.dump(movies, folder / "in.xml")
    line, count = 1.0, 0
    while interrupt_at(int(line), folder, command).returncode == 130:
        line, count = line * step + 1, count + 1
    return count


@posix
@pytest.mark.parametrize("command", ["check", "clean -o out"])
def test_an_interrupt_ends_a_command_with_its_status_and_without_a_word(
    tmp_path: Path, command: str
) -> None:
    assert check_interrupts(tmp_path, command, 8) >= 4


@posix
@pytest.mark.slow
@pytest.mark.parametrize("command", WRITTEN)
def test_an_interrupt_anywhere_leaves_no_half_file(tmp_path: Path, command: str) -> None:
    assert check_interrupts(tmp_path, command, 1.2) >= 30


@posix
@pytest.mark.parametrize("command", ["check", "clean"])
def test_an_interrupt_while_a_pipe_is_read_ends_a_command(tmp_path: Path, command: str) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    options = ["-o", "out.xml"] if command == "clean" else []
    code = f"{HEEDING}\nfrom reviewcorpus.__main__ import main\nmain()"
    with (
        subprocess.Popen(
            [sys.executable, "-c", code, command, "pipe.xml", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
        ) as process,
        open(tmp_path / "pipe.xml", "wb"),  # which waits until the command reads
    ):
        process.send_signal(signal.SIGINT)
        assert process.communicate() == (b"", b"")
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["pipe.xml"]


@posix
def test_a_terminated_run_leaves_no_file_under_its_name(tmp_path: Path) -> None:
    target = write(tmp_path / "movies.xml", OLD.encode())
    command = [sys.executable, "-c", WRITING, str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
    assert target.read_text() == OLD
    (left,) = set(tmp_path.iterdir()) - {target}
    assert re.fullmatch(r"\.movies\.xml\.[0-9a-f]{16}\.part", left.name)
    rc.dump(NEW, target)
    assert rc.load(target) == NEW
    assert left.exists()  # nobody can know whether it is of a run that is going


@posix
def test_two_runs_for_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    target = tmp_path / "movies.xml"
    command = [sys.executable, "-c", WRITING.replace("10**6", "10**4"), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        rc.dump(NEW, target)
        assert rc.load(target) == NEW
        process.send_signal(signal.SIGCONT)
    assert process.returncode == 0
    assert len(list(rc.iter_movies(target))) == 10**4
    assert list(tmp_path.iterdir()) == [target]


# ---- threads ----------------------------------------------------------------------------


def data_of_thread(number: int) -> bytes:
    """Return movies with more dates than the reader remembers, and with damage."""
    chance = random.Random(number)
    data = xml_of(f"Reel {number}", 600, fault=" & &amp so <b>")
    days = (f"{chance.randrange(1900, 2020)}-{chance.randrange(1, 13):02}-01" for _ in range(9999))
    pieces = data.split(b"2004-05-01")
    return b"".join(piece + next(days).encode() for piece in pieces)


def read_whole(data: bytes) -> tuple[list[rc.Movie], list[rc.Defect]]:
    defects: list[rc.Defect] = []
    return list(rc.iter_movies(io.BytesIO(data), on_defect=defects.append)), defects


def parse(data: bytes) -> list[rc.Event]:
    parser = rc.Parser()
    pieces = [data[start : start + 5000] for start in range(0, len(data), 5000)]
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.close()


@pytest.mark.parametrize("reader", [read_whole, parse])
def test_threads_with_readers_of_their_own_do_not_disturb_each_other(
    reader: Callable[[bytes], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewcorpus.parser._values._MOST_REMEMBERED", 100)
    inputs = [data_of_thread(number) for number in range(4)]
    expected = [reader(data) for data in inputs]
    barrier = threading.Barrier(len(inputs))

    def work(data: bytes) -> Any:
        barrier.wait()
        return reader(data)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(len(inputs)) as pool:
            assert list(pool.map(work, inputs)) == expected
    finally:
        sys.setswitchinterval(interval)


class Paused:
    """An open file that waits before it gives its second piece.

    Attributes:
        entered: Set once `read` waits.
        leave: Set it to let `read` go on.
    """

    def __init__(self, data: bytes) -> None:
        half = len(data) // 2
        self._pieces = [b"", data[half:], data[:half]]
        self.entered, self.leave = threading.Event(), threading.Event()

    def read(self, _: int) -> bytes:
        if len(self._pieces) == 2:
            self.entered.set()
            assert self.leave.wait(60)
        return self._pieces.pop() if self._pieces else b""


ITERATORS: dict[str, Callable[[rc.Corpus], Any]] = {
    "movies": iter,
    "reviews": rc.Corpus.reviews,
    "defects": rc.Corpus.defects,
    "problems": rc.Corpus.problems,
}
SHARED = xml_of("Salt", 9, fault=" & ") + xml_of("Reel", 900, fault=" & ") + xml_of("Oil", 9)


@pytest.mark.parametrize("name", ITERATORS)
def test_a_second_thread_on_one_iterator_is_refused_and_nothing_is_lost(name: str) -> None:
    make = ITERATORS[name]
    expected = list(make(rc.Corpus(io.BytesIO(SHARED))))
    file = Paused(SHARED)
    shared = make(rc.Corpus(file))
    first: list[Any] = []
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first.extend, shared)
        assert file.entered.wait(60)
        for use in (shared.__next__, shared.close, lambda: list(shared)):
            with pytest.raises(RuntimeError, match="another thread"):
                use()
        file.leave.set()
        running.result(60)
    assert [*map(repr, first), *map(repr, shared)] == [*map(repr, expected)]
    shared.close()


@pytest.mark.parametrize("name", ITERATORS)
def test_two_threads_may_take_turns_on_one_iterator(name: str) -> None:
    make = ITERATORS[name]
    expected = list(make(rc.Corpus(io.BytesIO(SHARED))))
    shared = make(rc.Corpus(io.BytesIO(SHARED)))
    found: list[Any] = []
    with ThreadPoolExecutor(1) as pool:
        for step in iter(lambda: next(shared, None), None):
            found.append(step)
            found += filter(None, [pool.submit(next, shared, None).result(60)])
    assert [*map(repr, found)] == [*map(repr, expected)]


@pytest.mark.parametrize("name", ITERATORS)
def test_what_many_threads_get_of_one_iterator_is_all_of_it(name: str) -> None:
    make = ITERATORS[name]
    expected = sorted(map(repr, make(rc.Corpus(io.BytesIO(SHARED * 5)))))
    shared = make(rc.Corpus(io.BytesIO(SHARED * 5)))

    def work() -> list[str]:
        found = []
        while True:
            try:
                found.append(repr(next(shared)))
            except StopIteration:
                return found
            except RuntimeError:
                continue

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(work) for _ in range(4)]
            assert sorted(each for one in running for each in one.result(60)) == expected
    finally:
        sys.setswitchinterval(interval)


def test_a_second_thread_in_one_parser_is_refused_and_nothing_is_lost() -> None:
    entered, leave = threading.Event(), threading.Event()

    def wait(_: rc.Defect) -> None:
        entered.set()
        assert leave.wait(60)

    parser = rc.Parser(on_defect=wait)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(parser.feed, SHARED)
        assert entered.wait(60)
        for use in (partial(parser.feed, SHARED), parser.close):
            with pytest.raises(RuntimeError, match="another thread"):
                use()
        leave.set()
        events = running.result(60)
    quiet = rc.Parser()
    assert events + parser.close() == quiet.feed(SHARED) + quiet.close()


# ---- processes that are forked ----------------------------------------------------------

FORKING = """
import io, os, signal, sys, threading
import reviewcorpus as rc
from reviewcorpus.parser import _scanner

DATA = b"<movie><title>T</title><review><score>x</review></movie>"
entered = threading.Event()

def wait(*_, **__):
    entered.set()
    threading.Event().wait()

class Waiting(io.BytesIO):
    read = read1 = wait

if sys.argv[1] == "read":
    work = lambda: list(rc.Corpus(Waiting(DATA)))
else:
    make = _scanner.Scanner.__init__
    _scanner.Scanner.__init__ = wait
    work = lambda: list(rc.Corpus(io.BytesIO(DATA)))
threading.Thread(target=work, daemon=True).start()
assert entered.wait(60)
if sys.argv[1] != "read":
    _scanner.Scanner.__init__ = make
child = os.fork()
if not child:
    signal.alarm(15)  # ends a child that waits for ever
    os._exit(len(list(rc.Corpus(io.BytesIO(DATA)))))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@posix
@pytest.mark.parametrize("where", ["read", "scanner"])
def test_a_process_that_is_forked_while_a_thread_reads_can_read(where: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKING, where], check=True, capture_output=True, timeout=90
    )
    assert done.stdout == b"1\n"


# ---- other processes --------------------------------------------------------------------

MOVIE = xml_of("Reel", 2, fault=" & &bogus;").replace(b"</year>", b"</year><country>FR</country>")


def events_of(data: bytes) -> list[rc.Event]:
    parser = rc.Parser(source="movie.xml")
    return parser.feed(data) + parser.close()


def error_of(**options: Any) -> rc.CorpusError:
    with pytest.raises(rc.CorpusError) as caught:
        rc.loads(MOVIE + MOVIE, **options)
    return caught.value


VALUES: dict[str, Any] = {
    "movie": rc.loads(MOVIE),
    "movie of one's own": rc.Movie(title="Reel", year=1999, extra={"country": "FR"}),
    "review": rc.Review(date=datetime.date(2001, 2, 3), score=0.7, extra={"mood": "calm"}),
    "defects": list(rc.Corpus(io.BytesIO(MOVIE)).defects()),
    "events": events_of(MOVIE),
    "limits": rc.Limits(max_field_bytes=5),
    "summary": rc.Corpus(io.BytesIO(MOVIE)).summary(),
    "error": error_of(),
    "error of syntax": error_of(errors="strict"),
    "error of a limit": error_of(limits=rc.Limits(max_field_bytes=5)),
    "kind and severity": [rc.DefectKind.NO_MOVIE, rc.Severity.INFO],
}
PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


def seen(value: Any) -> Any:
    """Return all that can be seen of a value; errors and corpora equal only themselves."""
    if isinstance(value, BaseException):
        return type(value), value.args, str(value), getattr(value, "defect", None)
    if isinstance(value, rc.Corpus):
        return repr(value), list(value), list(value.defects()), value.summary()
    return type(value), value, repr(value)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_copied_and_pickled_with_all_that_can_be_seen_of_it(name: str) -> None:
    value = VALUES[name]
    copies = [pickle.loads(pickle.dumps(value, protocol)) for protocol in PROTOCOLS]
    for other in (*copies, copy.copy(value), copy.deepcopy(value)):
        assert seen(other) == seen(value)


def test_a_copy_of_a_record_is_as_frozen_and_as_hashable() -> None:
    for record in (VALUES["movie"], *VALUES["movie"].reviews):
        for other in (pickle.loads(pickle.dumps(record)), copy.deepcopy(record)):
            assert hash(other) == hash(record)
            with pytest.raises(AttributeError):
                other.extra = {}
            with pytest.raises(TypeError):
                other.extra["mood"] = "calm"


def test_a_corpus_is_copied_and_pickled_and_reads_the_same(tmp_path: Path) -> None:
    corpus = rc.Corpus(write(tmp_path / "a.xml", MOVIE), limits=rc.Limits(max_field_bytes=10**6))
    next(iter(corpus))
    copies = [pickle.loads(pickle.dumps(corpus, protocol)) for protocol in PROTOCOLS]
    for other in (*copies, copy.copy(corpus), copy.deepcopy(corpus)):
        assert seen(other) == seen(corpus)


def test_a_corpus_of_an_open_file_says_that_it_cannot_be_pickled(tmp_path: Path) -> None:
    with write(tmp_path / "a.xml", MOVIE).open("rb") as file, pytest.raises(TypeError):
        pickle.dumps(rc.Corpus(file))


@pytest.mark.slow
def test_values_go_to_another_process_and_come_back(tmp_path: Path) -> None:
    # A process that is spawned has nothing but what is pickled; copy.copy sends it back.
    values = [*VALUES.values(), rc.Corpus(write(tmp_path / "a.xml", MOVIE))]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as pool:
        for value, other in zip(values, pool.map(copy.copy, values), strict=True):
            assert seen(other) == seen(value)


@pytest.mark.slow
def test_what_another_process_has_read_or_raised_comes_back(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{number}.xml", xml_of(f"Reel {number}")) for number in range(3)]
    torn = write(tmp_path / "torn.xml", MOVIE)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(rc.load, paths)) == list(map(rc.load, paths))
        with pytest.raises(rc.CorpusSyntaxError) as caught:
            pool.submit(rc.load, torn, errors="strict").result()
    assert caught.value.defect.source == str(torn)
    assert caught.value.defect.kind is rc.DefectKind.NOT_WELL_FORMED
