"""Callbacks that raise and iterators that are left: nothing is lost, nothing is left open."""

from __future__ import annotations

import bz2
import contextlib
import gc
import gzip
import lzma
import os
import sys
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from helpers_sources import outcomes, tar_of, write, xml_of, zip_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MOVIES = [xml_of(f"Reel {number}", 40, fault=" & so") for number in range(6)]
LARGE = b"".join(MOVIES) + b"\n" * (1 << 16)  # a smaller file is read and closed at once
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux lists what a process has open")


@pytest.fixture
def without_collector() -> Iterator[None]:
    """Keep alive what only a cycle of references holds, so that an open file in it is found."""
    gc.disable()
    gc.freeze()  # what was there before need not be looked at again
    yield
    gc.unfreeze()
    gc.enable()


def is_open(path: Path) -> bool:
    """Return whether this process has a file open."""
    paths = (os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd"))
    return os.path.realpath(path) in paths


# ---- callbacks that raise ---------------------------------------------------------------

READERS: dict[str, Callable[..., Iterator[Any]]] = {
    "iter_movies": rc.iter_movies,
    "iter_reviews": rc.iter_reviews,
    "Corpus": lambda *sources, **options: iter(rc.Corpus(*sources, **options)),
    "Corpus.reviews": lambda *sources, **options: rc.Corpus(*sources, **options).reviews(),
    "Corpus.defects": lambda *sources, **options: rc.Corpus(*sources, **options).defects(),
}
DAMAGED = b"".join((*MOVIES[:3], b"words", *MOVIES[3:5], b"</year>", MOVIES[5][:-70]))


class Refusal(Exception):
    """What the callbacks of these tests raise."""


def refuser(told: list[rc.Defect], error: type[BaseException]) -> Callable[[rc.Defect], None]:
    """Return a callback that notes each defect and raises at each third."""

    def refuse(defect: rc.Defect) -> None:
        told.append(defect)
        if len(told) % 3 == 0:
            raise error

    return refuse


@pytest.mark.parametrize("error", [Refusal, KeyboardInterrupt])
@pytest.mark.parametrize("name", READERS)
def test_nothing_is_lost_where_a_callback_raises(
    tmp_path: Path, name: str, error: type[BaseException]
) -> None:
    paths = [write(tmp_path / each, DAMAGED) for each in ("a.xml", "b.xml")]
    told: list[rc.Defect] = []
    found = outcomes(READERS[name](*paths, on_defect=refuser(told, error)), BaseException)
    raised = [item for item in found if isinstance(item, error)]
    assert told == list(rc.Corpus(*paths).defects())
    assert len(raised) == len(told) // 3 > 100
    given = [item for item in found if not isinstance(item, error)]
    if name == "Corpus.defects":  # the callback had those at which it raised
        assert given == [defect for number, defect in enumerate(told, 1) if number % 3]
    else:
        assert given == list(READERS[name](*paths))


@pytest.mark.parametrize("step", [100, len(DAMAGED)])
def test_no_event_is_lost_where_a_callback_raises(step: int) -> None:
    told: list[rc.Defect] = []
    parser = rc.Parser(on_defect=refuser(told, Refusal))
    pieces = [DAMAGED[start : start + step] for start in range(0, len(DAMAGED), step)]
    calls: list[Callable[[], list[rc.Event]]] = [partial(parser.feed, piece) for piece in pieces]
    calls.append(parser.close)
    events: list[rc.Event] = []
    for call in calls:
        again: Callable[[], list[rc.Event]] = call
        while True:
            try:
                events += again()
            except Refusal:
                again = parser.close if call is calls[-1] else partial(parser.feed, b"")
            else:
                break
    quiet = rc.Parser()
    assert events == quiet.feed(DAMAGED) + quiet.close()
    assert told == [event.defect for event in events if isinstance(event, rc.DefectFound)]


ONES: dict[str, Callable[..., Any]] = {
    "load": rc.load,
    "loads": lambda path, **options: rc.loads(path.read_bytes(), **options),
    "Corpus.summary": lambda path, **options: rc.Corpus(path, **options).summary(),
}


@linux
@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("name", ONES)
def test_what_gives_one_result_lets_the_exception_pass_and_leaves_nothing_open(
    tmp_path: Path, name: str
) -> None:
    path = write(tmp_path / "a.xml", MOVIES[0])
    told: list[rc.Defect] = []
    with pytest.raises(Refusal):
        ONES[name](path, on_defect=refuser(told, Refusal))
    assert told == list(rc.Corpus(path).defects())[:3] or name == "loads"
    assert len(told) == 3
    assert not is_open(path)


# ---- iterators that are left ------------------------------------------------------------


def leave_by_deleting(items: list[Any], _: Path) -> None:
    items.clear()


def leave_by_closing(items: list[Any], path: Path) -> None:
    items[0].close()
    assert not is_open(path)
    assert list(items[0]) == []


def leave_by_an_exception(items: list[Any], _: Path) -> None:
    def work() -> None:
        for _ in items.pop():
            raise Refusal

    with contextlib.suppress(Refusal):
        work()


def leave_in_a_cycle(items: list[Any], path: Path) -> None:
    cycle: list[Any] = [items.pop()]
    cycle.append(cycle)
    del cycle
    assert is_open(path)
    gc.collect()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "a.xml": bytes,
    "a.gz": gzip.compress,
    "a.bz2": bz2.compress,
    "a.xz": lzma.compress,
    "a.zip": lambda data: zip_of({"a.xml": data, "b.xml": data}),
    "a.tar": lambda data: tar_of({"a.xml": data, "b.xml": data}),
    "a.tar.gz": lambda data: gzip.compress(tar_of({"a.xml": data, "b.xml": data})),
}
PACKED_MOVIES = {name: pack(LARGE) for name, pack in PACKED.items()}
WAYS = [leave_by_deleting, leave_by_closing, leave_by_an_exception, leave_in_a_cycle]


@linux
@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("leave", WAYS)
@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("file", [*PACKED, "folder"])
def test_an_iterator_that_is_left_half_way_leaves_nothing_open(
    tmp_path: Path, file: str, name: str, leave: Callable[[list[Any], Path], None]
) -> None:
    is_folder = file == "folder"
    path = write(
        tmp_path / ("folder/a.xml" if is_folder else file),
        PACKED_MOVIES.get(file, LARGE),
    )
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        items = [READERS[name](path.parent if is_folder else path)]
        assert not is_open(path)
        next(items[0])
        assert is_open(path)
        leave(items, path)
        assert not is_open(path)
    assert not met


@linux
@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("name", READERS)
def test_an_iterator_whose_callback_has_raised_is_left_like_any(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "a.xml", LARGE)
    items = READERS[name](path, on_defect=refuser([], Refusal))
    with contextlib.suppress(Refusal):
        for _ in items:
            pass
    assert is_open(path)
    del items
    assert not is_open(path)
