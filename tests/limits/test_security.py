"""SECURITY.md: each test that it names is there, and the promises that no other test holds."""

from __future__ import annotations

import ast
import io
import lzma
import re
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from helpers_sources import outcomes, write, xml_of
from hostile_input import most_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[a-z/]*test_\w+\.py)::(test_\w+)`", PAGE)))
PROMISED = PAGE.partition("## What is promised\n")[2].partition("\n## ")[0]
PROMISES = re.split(r"^- ", PROMISED, flags=re.MULTILINE)[1:]
FOOTNOTES = dict(re.findall(r"^\[\^([\w-]+)\]: (.+\n(?: {4}.+\n)*)", PAGE, re.MULTILINE))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_test_that_the_page_names_is_there(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_whatever_looks_like_a_test_on_the_page_is_one() -> None:
    named = {code for code in re.findall(r"`([^`]+)`", PAGE) if "::" in code}
    assert named == {f"{path}::{name}" for path, name in NAMED}


def test_every_promise_names_a_test() -> None:
    assert len(PROMISES) > 10
    labels = [re.findall(r"\[\^([\w-]+)\]", promise) for promise in PROMISES]
    assert [name for names in labels for name in names] == list(FOOTNOTES)
    assert [promise for promise, names in zip(PROMISES, labels, strict=True) if not names] == []
    assert [note for note in FOOTNOTES.values() if "::test_" not in note] == []


# ---- memory -----------------------------------------------------------------------------

FIELD = 1 << 15


def record(body: bytes) -> bytes:
    """Return a movie whose fields are as long as the limit, each with a wide character."""
    text = b"x" * (FIELD - 4) + "\U0001f3ac".encode()
    fields = {b"title": text, b"link": text, b"m1": text[2:]}
    fields_of_review = {
        b"username": text,
        b"shortDescription": text,
        b"m2": text[2:],
        b"fullReview": body,
    }
    return b"<movie>%b<review>%b</review></movie>" % (
        _elements(fields),
        _elements(fields_of_review),
    )


def _elements(fields: dict[bytes, bytes]) -> bytes:
    return b"".join(b"<%b>%b</%b>" % (name, text, name) for name, text in fields.items())


class InPieces:
    """An open file that gives 4,096 bytes at a time."""

    def __init__(self, data: bytes) -> None:
        self._pieces: Iterator[bytes] = (
            data[start : start + 4096] for start in range(0, len(data), 4096)
        )

    def read(self, _: int) -> bytes:
        return next(self._pieces, b"")


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["x", "&", "<", "&\u6620", "&\U0001f3ac", "<p>", "\ufffe"])
def test_a_record_takes_at_most_sixty_times_its_longest_field(unit: str) -> None:
    body = unit.encode() * (FIELD // len(unit.encode()))
    limits = rc.Limits(max_field_bytes=FIELD, max_defects_per_field=10)
    data = record(body)

    def read() -> None:
        for _ in rc.iter_reviews(InPieces(data), limits=limits):
            pass

    read()
    assert most_memory(read) < 60 * FIELD


MANY_NAMES = b"".join(
    b"<%b>x</%b>" % (name, name)
    for name in (b"x%04d" % number + b"a" * 20 + "\U00020000".encode() for number in range(999))
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        b"<movie>" + b"<review/>" * 6_000,
        b"<movie>" + b"<movie/>" * 6_000,
        b"<movie>" + b"<title>" * 6_000,
        b"<movie>" + (b"<review>" + MANY_NAMES + b"</review>") * 3,
    ],
    ids=["reviews", "movies", "titles", "names"],
)
@pytest.mark.parametrize("most", [100, FIELD])
def test_what_is_read_ahead_takes_little(data: bytes, most: int) -> None:
    limits = rc.Limits(max_field_bytes=most)

    def read() -> None:
        with suppress(rc.LimitExceeded):
            for _ in rc.iter_reviews(io.BytesIO(data), limits=limits):
                pass

    read()
    assert most_memory(read) < 60 * most + 1_500_000  # all at once, they take twice as much


def with_dictionary(packed: bytes, size: int) -> bytes:
    """Return an xz file that asks for another size of its dictionary, as its format codes it."""
    start = len(b"\xfd7zXZ\0") + 6  # behind the header of the stream
    length = (packed[start] + 1) * 4
    header = bytearray(packed[start : start + length - 4])
    header[4] = size  # behind its own length, flags, the filter's number and length
    check = zlib.crc32(header).to_bytes(4, "little")
    return packed[:start] + bytes(header) + check + packed[start + length :]


def test_an_xz_file_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    packed = lzma.compress(xml_of("Reel"))
    for size, titles in ((22, ["Reel"]), (40, [])):  # 8 MiB, 4 GiB
        path = write(tmp_path / "a.xz", with_dictionary(packed, size))
        found: list[rc.Defect] = []
        assert [movie.title for movie in rc.iter_movies(path, on_defect=found.append)] == titles
        assert [defect.kind for defect in found] == [rc.DefectKind.BROKEN_COMPRESSION][
            len(titles) :
        ]


# ---- encodings and messages -------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["unicode_escape", "raw_unicode_escape", "utf_7", "idna", "punycode", "rot13", "zlib"]
)
def test_a_codec_that_is_no_character_set_is_never_taken_from_a_file(name: str) -> None:
    text = f'<?xml version="1.0" encoding="{name}"?><movie><title>\\x41+AGE-</title></movie>'
    assert rc.loads(text.encode()).title == "\\x41+AGE-"
    with pytest.raises(rc.CorpusSyntaxError, match="cannot be in"):
        rc.loads(text.encode(), errors="strict")


def texts_of(source: Any, **options: Any) -> list[str]:
    """Return the text of each defect and of each error."""
    defects: list[rc.Defect] = []
    found = outcomes(rc.iter_movies(source, on_defect=defects.append, **options))
    return [str(each) for each in (*defects, *found) if not isinstance(each, rc.Movie)]


CONTROLS = "\x1b[2J\x9b31m\u202e\r"


@pytest.mark.parametrize("options", [{}, {"errors": "strict"}])
def test_control_characters_never_stand_in_the_text_of_a_defect_or_an_error(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    inner = f"{CONTROLS} <movie>{CONTROLS}<a\x9b31m>{CONTROLS}</a\x9b31m><year>{CONTROLS}</year>"
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{CONTROLS}.xml", inner + CONTROLS)
    texts = texts_of(path, **options) + texts_of(io.StringIO(inner), **options)
    assert texts
    assert [text for text in texts if not text.isprintable()] == []


def test_control_characters_never_stand_in_the_text_of_a_limit(tmp_path: Path) -> None:
    limits = rc.Limits(max_field_bytes=3)
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{CONTROLS}.xml", "<movie><title>too long</title></movie>")
    texts = texts_of(path, limits=limits)
    texts += texts_of(io.StringIO("<movie><a\x9b31m>too long</a\x9b31m></movie>"), limits=limits)
    assert len(texts) == 2
    assert [text for text in texts if not text.isprintable()] == []
