"""Which encoding an input is in."""

from __future__ import annotations

import codecs
import encodings.aliases
from typing import Any

import pytest

import reviewcorpus as rc
from reading import document, pieces, read_items, read_movies

BODY = "Zoë 𝔘 ☕"
TEXT = document(BODY)


def declared(name: str, text: str = TEXT) -> str:
    return f"<?xml version='1.0' encoding='{name}'?>\n{text}"


def body(data: bytes, **options: Any) -> str | None:
    whole = read_items([data], **options)
    assert read_items(pieces(data, range(len(data))), **options) == whole
    (movie,), defects = read_movies(data, **options)
    assert defects == []
    return movie.reviews[0].full_review


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_unicode_encodings_are_recognised_with_and_without_a_mark(encoding: str) -> None:
    assert body(TEXT.encode(encoding)) == BODY
    if encoding not in {"utf-8-sig", "utf-16", "utf-32"}:  # those write a mark on their own
        assert body(f"\ufeff{TEXT}".encode(encoding)) == BODY
    assert body(TEXT.encode(encoding), errors="strict") == BODY


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "gb18030"])
def test_an_encoding_can_be_forced(encoding: str) -> None:
    assert body(TEXT.encode(encoding), encoding=encoding) == BODY
    if encoding in {"utf-8", "utf-16-le"}:
        assert body(f"\ufeff{TEXT}".encode(encoding), encoding=encoding) == BODY


@pytest.mark.parametrize("name", ["windows-1252", "iso-8859-1", "cp1250", "koi8-r", "ascii"])
def test_an_eight_bit_encoding_that_is_declared(name: str) -> None:
    text = document({"koi8-r": "кино", "ascii": "x"}.get(name, "é"))
    assert body(declared(name, text).encode(name)) == text.split("fullReview>")[1][:-2]
    assert body(declared(name, text).encode(name), errors="strict")


@pytest.mark.parametrize("name", ["shift_jis", "euc-jp", "big5", "gbk", "euc-kr"])
def test_a_multi_byte_encoding_that_is_declared(name: str) -> None:
    assert body(declared(name, document("\u4e00")).encode(name)) == "\u4e00"


@pytest.mark.parametrize(
    "name",
    ["utf-16", "klingon", "rot13", "idna", "unicode_escape", "utf-7", "undefined"],
)
def test_a_declaration_that_cannot_be_true_is_not_believed(name: str) -> None:
    assert body(declared(name).encode()) == BODY


def test_a_declaration_that_is_too_long_to_wait_for_changes_the_encoding_or_is_reported() -> None:
    blanks = " " * 2000
    assert body(declared("koi8-r", document("кино")).replace("?>", f"{blanks}?>").encode("koi8-r"))
    for name in ("x" * 2000, "gbk"):
        data = declared(name).replace("?>", f"{blanks}?>").encode()
        movies, (defect,) = read_movies(data)
        assert movies[0].reviews[0].full_review == BODY
        assert (defect.kind, defect.offset) == ("encoding-conflict", 0)


def test_what_looks_like_the_start_of_a_declaration_is_waited_for() -> None:
    assert read_items([b"<?x"]) == read_items([b"<", b"?", b"x"])
    assert read_items([b"<"])
    assert body(b"<?xml " + b" " * 2000 + b"?>" + TEXT.encode()) == BODY


@pytest.mark.parametrize("name", ["iso2022_jp", "iso2022_jp_ext", "iso2022_kr"])
@pytest.mark.parametrize("escape", [b"\x1b" + b"(" * 40, b"\x1b" * 40, b"\x1b&@\x1b$", b"\x1b$B"])
def test_an_escape_sequence_without_an_end_is_no_error(name: str, escape: bytes) -> None:
    data = document("a@b").encode().replace(b"@", escape)
    cases: list[dict[str, Any]] = [{"encoding": name}, {}]
    for options in cases:
        named = b"" if options else f"<?xml version='1.0' encoding='{name}'?>".encode()
        whole = read_items([named + data], **options)
        assert read_items(pieces(named + data, range(len(named + data))), **options) == whole


def test_lone_surrogates_in_utf_16_are_reported() -> None:
    data = codecs.BOM_UTF16_LE + document("a@b").encode("utf-16-le").replace(
        "@".encode("utf-16-le"), b"\x00\xd8"
    )
    movies, defects = read_movies(data)
    assert movies[0].reviews[0].full_review == "a\ufffdb"
    assert [defect.kind for defect in defects] == ["illegal-character"]


def test_a_number_that_is_no_character_in_utf_32_is_reported() -> None:
    data = document("a@b").encode("utf-32-le").replace("@".encode("utf-32-le"), b"\xff\xff\xff\xff")
    movies, defects = read_movies(data)
    assert movies[0].reviews[0].full_review == "a\ufffdb"
    assert [defect.message for defect in defects] == [
        "these bytes are not a character in any encoding that was tried"
    ]


def test_bytes_that_a_declared_encoding_does_not_know() -> None:
    data = declared("ascii", document("café")).encode("windows-1252")
    movies, (defect,) = read_movies(data)
    assert movies[0].reviews[0].full_review == "café"
    message = "0xE9 is not valid UTF-8; the field was read as windows-1252"
    assert (defect.kind, defect.message) == ("undecodable-bytes", message)


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("encoding", "klingon", ValueError),
        ("encoding", "rot13", ValueError),
        ("encoding", "a\0b", ValueError),
        ("encoding", 8, TypeError),
        ("fallback_encoding", "utf-8", ValueError),
        ("fallback_encoding", "utf-16", ValueError),
        ("fallback_encoding", "shift_jis", ValueError),
        ("fallback_encoding", "cp037", ValueError),
        ("fallback_encoding", None, TypeError),
    ],
)
def test_an_encoding_that_cannot_be_is_refused(
    option: Any, value: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match=option):
        rc.Parser(**{option: value})


def test_every_codec_of_python_is_taken_or_refused_and_raises_nothing_else() -> None:
    for name in sorted(set(encodings.aliases.aliases.values())):
        data = declared(name, document("x")).encode()
        assert body(data) == "x", name
        try:
            parser = rc.Parser(encoding=name)
        except ValueError:
            continue
        parser.feed(data)
        parser.close()


@pytest.mark.parametrize(
    ("text", "characters"),
    [(b"caf\xe9 \x93a\x94", 8), (b"\xc3\xa9\xc3\xa9 \x93", 4), (b"\xed\xa0\xbd\xed\xb8\x8a!", 2)],
)
def test_columns_after_a_field_that_counts_its_characters_otherwise(
    text: bytes, characters: int
) -> None:
    """Also after one that is not read, since its record has it already."""
    for fields in (b"<title>a</title><title>%b</title>", b"<title>%b</title>"):
        before = b"<movie>" + fields % text
        _, defects = read_movies(before + b"words</movie>")
        column = len(before) - len(text) + characters + 1
        assert [each.column for each in defects if each.kind == "unexpected-text"] == [column]
