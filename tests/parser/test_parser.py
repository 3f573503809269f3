"""The parser's own promises: pieces in, events out, errors, callbacks, limits."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

import reviewcorpus as rc
from crawled import CLEAN_REVIEW
from reading import document, only_defects, pieces, read_items, read_movies

HEAD = b"<movie><title>Paper Boats</title><link/><year>1999</year><generalScore>1</generalScore>"
FAULTY = HEAD + CLEAN_REVIEW.encode() + b"lost" + CLEAN_REVIEW.encode() + b"</movie>"


def names(events: list[rc.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_events_come_as_soon_as_they_are_complete() -> None:
    parser = rc.Parser(source="boats.xml")
    assert names(parser.feed(b"<movie><title>Tick & To")) == ["MovieStarted"]
    assert names(parser.feed(b"ck</title><review>")) == ["DefectFound"]
    assert parser.feed(b"</revi") == []
    events = parser.feed(b"ew>")
    assert names(events) == ["DefectFound"] * 5 + ["ReviewRead"]
    read = events[-1]
    assert isinstance(read, rc.ReviewRead)
    assert (read.movie, read.movie_index, read.review_index) == (rc.Movie("Tick & Tock"), 0, 0)
    *missing, ended = parser.feed(b"</movie><movie><review/></movie>")[:4]
    assert names(missing) == ["DefectFound"] * 3
    assert ended == rc.MovieEnded(rc.Movie("Tick & Tock"), 0)
    assert parser.close() == []
    assert parser.close() == []


def test_records_are_counted_anew_in_each_movie() -> None:
    events = rc.Parser().feed((HEAD + CLEAN_REVIEW.encode() * 2 + b"</movie>") * 2)
    places = [(e.movie_index, e.review_index) for e in events if isinstance(e, rc.ReviewRead)]
    assert places == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_reviews_that_are_dropped_are_counted() -> None:
    bad = CLEAN_REVIEW.replace("0.7", "7").encode()
    events = rc.Parser(errors="drop").feed(HEAD + bad + CLEAN_REVIEW.encode() + b"</movie>")
    (read,) = (e for e in events if isinstance(e, rc.ReviewRead))
    assert read.review_index == 1
    ended = events[-1]
    assert isinstance(ended, rc.MovieEnded)
    assert not ended.dropped


def test_a_movie_that_is_dropped_takes_its_reviews_with_it() -> None:
    data = b"<movie><year>MM</year>" + CLEAN_REVIEW.encode() * 2 + b"</movie>"
    events = rc.Parser(errors="drop").feed(data)
    assert not [e for e in events if isinstance(e, rc.ReviewRead)]
    ended = events[-1]
    assert isinstance(ended, rc.MovieEnded)
    assert ended.dropped
    assert read_movies(data, errors="drop")[0] == []


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_any_bytes_are_taken(wrap: Any) -> None:
    assert names(rc.Parser().feed(wrap(b"<movie>x<a1/>"))) == [
        "MovieStarted",
        "DefectFound",
        "DefectFound",
    ]


def test_text_is_refused() -> None:
    with pytest.raises(TypeError, match="data must be bytes, not str; encode"):
        rc.Parser().feed("<movie>")  # type: ignore[arg-type]


def test_nothing_can_be_fed_behind_the_end() -> None:
    parser = rc.Parser()
    parser.close()
    with pytest.raises(ValueError, match="has ended"):
        parser.feed(b"")


def test_an_error_is_raised_at_once_and_what_was_complete_before_it_is_kept() -> None:
    parser = rc.Parser(limits=rc.Limits(max_field_bytes=100))
    with pytest.raises(rc.LimitExceeded, match="fullReview is longer than 100 bytes"):
        parser.feed(HEAD + CLEAN_REVIEW.encode() + document("x" * 5000)[7:].encode())
    with pytest.raises(ValueError, match="has ended"):
        parser.feed(b"more")
    events = parser.close()
    assert sum(isinstance(event, rc.ReviewRead) for event in events) == 1
    assert parser.close() == []


def test_the_name_of_a_source_is_text() -> None:
    for source in (3, Path("a.xml"), b"a.xml"):
        with pytest.raises(TypeError, match="source must be a str or None, not"):
            rc.Parser(source=source)  # type: ignore[arg-type]


def test_a_parser_is_not_copied() -> None:
    parser = rc.Parser()
    parser.feed(b"<movie><title>Tick")
    for copy_of in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="a Parser can be neither copied nor pickled"):
            copy_of(parser)


def test_a_callback_is_called_in_order_and_may_raise() -> None:
    told: list[rc.Defect] = []

    def refuse_first(defect: rc.Defect) -> None:
        told.append(defect)
        if len(told) == 1:
            raise RuntimeError("not this one")

    parser = rc.Parser(on_defect=refuse_first)
    with pytest.raises(RuntimeError, match="not this one"):
        parser.feed(b"<movie>one<a1/>two<b2/>")
    events = parser.feed(b"")
    assert [e.defect for e in events if isinstance(e, rc.DefectFound)] == told
    assert [defect.raw for defect in told] == ["one", "<a1/>", "two", "<b2/>"]


def test_a_strict_parser_raises_behind_what_was_right() -> None:
    parser = rc.Parser(errors="strict")
    assert parser.feed(FAULTY) == []  # it waits for more
    with pytest.raises(rc.CorpusSyntaxError) as caught:
        parser.close()
    defect = caught.value.defect
    assert (defect.kind, defect.raw, defect.offset) == (
        "unexpected-text",
        "lost",
        FAULTY.index(b"lost"),
    )
    assert sum(isinstance(event, rc.ReviewRead) for event in parser.close()) == 1


def test_strict_reading_of_a_large_input_in_pieces() -> None:
    data = b"<movies>" + (HEAD + CLEAN_REVIEW.encode() * 500 + b"</movie>\n") * 4 + b"</movies>"
    parts = [data[start : start + 1000] for start in range(0, len(data), 1000)]
    assert read_items(parts, errors="strict") == read_items([data])


@pytest.mark.parametrize(
    ("text", "kind", "column"),
    [
        ("<movie><title>A & B</title></movie>", "not-well-formed", 17),
        ("<movie><title>&nbsp;</title></movie>", "not-well-formed", 15),
        ("<movie><title>A</movie>", "not-well-formed", 16),
        ("<movie><title>Cowboys &amp</title></movie>", "not-well-formed", 23),
        ("<movie><title>I <3 it</title></movie>", "not-well-formed", 17),
        ("<movie><link>?a=1&pf_rd_m=A2F</link></movie>", "not-well-formed", 18),
        ("<movie><title>a &é b</title></movie>", "not-well-formed", 17),
        ("<movie><title>a <Movie Name></title></movie>", "not-well-formed", 17),
        ("<movie><!-- AT&\x01 --></movie>", "not-well-formed", 16),
        ("<movie><title>A</title>", "not-well-formed", 24),
        ("", "not-well-formed", 1),
        ("<a/>", "no-movie", 1),
        ("<!DOCTYPE movie><movie/>", "doctype", 1),
        ("<!-- <!DOCTYPE --><!DOCTYPE a [<!ENTITY b 'c'>]><movie>&b;</movie>", "doctype", 19),
        ("<movie>words</movie>", "unexpected-text", 8),
        ("<movie> <![CDATA[x]]></movie>", "unexpected-text", 9),
        ("<movie> &#32;</movie>", "unexpected-text", 9),
        ("<movie><title>a<link>b</link></title></movie>", "missing-end-tag", 16),
        ("<movie><year>MM</year></movie>", "invalid-year", 14),
    ],
)
def test_the_first_fault_ends_strict_reading(text: str, kind: str, column: int) -> None:
    with pytest.raises(rc.CorpusSyntaxError) as caught:
        rc.loads(text, errors="strict")
    defect = caught.value.defect
    assert (defect.kind, defect.line, defect.column) == (kind, 1, column)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE movie [<!ENTITY a SYSTEM "file:///etc/hostname">]><movie><title>&a;</title></movie>',
        '<!DOCTYPE movie SYSTEM "http://127.0.0.1:9/x.dtd"><movie/>',
        "<!DOCTYPE m [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><movie><title>&b;</title></movie>",
    ],
)
def test_no_declaration_is_acted_on(text: str) -> None:
    with pytest.raises(rc.CorpusSyntaxError):
        rc.loads(text, errors="strict")
    movie = rc.loads(text)
    assert movie.title in {None, "&a;", "&b;"}


def test_broken_compression_ends_strict_reading() -> None:
    engine_items = read_items([b"<movie/>"], errors="strict")
    assert engine_items[-1][0] is rc.CorpusSyntaxError  # the fields are missing


def limits_met(data: bytes, **limits: int) -> str:
    for errors in ("recover", "strict"):
        with pytest.raises(rc.LimitExceeded) as caught:
            read_movies(data, limits=rc.Limits(**limits), errors=errors)
        messages = {str(caught.value)}
    assert len(messages) == 1
    return messages.pop()


def test_each_limit_says_what_is_too_large_where_and_what_to_do() -> None:
    data = b"<movie>\n <title>Paper Boats</title></movie>"
    message = limits_met(data, max_field_bytes=5)
    assert message.startswith("<stream>:2:2: title is longer than 5 bytes; to read it, pass ")
    assert "limits=Limits(max_field_bytes=...)" in message
    data = b"<movie><a1/><b1/><c1/></movie>"
    assert ":1:13: the list of unknown elements is longer than 1 elements" in limits_met(
        data, max_extra_elements=1
    )
    data = b"<movie><a1>xxxxxx</a1><b1>xxxxxx</b1></movie>"
    assert ":1:23: the unknown elements of one record are longer than 10 bytes" in limits_met(
        data, max_field_bytes=10
    )


def test_a_field_as_long_as_the_limit_is_read() -> None:
    data = document("x" * 1000).encode()
    limits = rc.Limits(max_field_bytes=1000)
    assert len(read_movies(data, limits=limits)[0][0].reviews[0].full_review or "") == 1000
    assert read_movies(data, limits=limits, errors="strict") == read_movies(data, limits=limits)


def test_a_strict_parser_does_not_hold_more_than_the_limits_allow() -> None:
    limits = rc.Limits(max_field_bytes=1000)
    for start in (b"<movie><!--", b"<movie><title>", b"<movie a='"):
        items = read_items([start, *[b"x" * 10_000] * 20], limits=limits, errors="strict")
        assert items[-1][0] is rc.LimitExceeded, start


def test_a_long_tag_is_refused_by_strict_reading() -> None:
    data = b"<movie a='" + b"x" * 5000 + b"'/>"
    with pytest.raises(rc.LimitExceeded, match="a tag is longer than 4096 bytes"):
        read_movies(data, errors="strict")


def test_many_defects_of_one_kind_in_one_field_are_told_together() -> None:
    limits = rc.Limits(max_defects_per_field=3)
    defects = read_movies(document("& " * 10 + "<3").encode(), limits=limits)[1]
    assert [defect.kind for defect in defects] == ["bare-ampersand"] * 4 + ["bare-less-than"]
    assert defects[3].message == "7 more of this kind in this field, the first of them here"
    assert defects[3].column == defects[2].column + 2


def test_memory_is_bounded_by_one_review() -> None:
    parser = rc.Parser()
    parser.feed(HEAD)
    block = CLEAN_REVIEW.encode() * 100
    parser.feed(block)
    tracemalloc.start()
    for _ in range(100):
        parser.feed(block)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 400_000
    assert len(block) * 100 > 5 * peak


def test_words_between_elements_are_not_held() -> None:
    parser = rc.Parser()
    parser.feed(b"<movie>")
    tracemalloc.start()
    for _ in range(40):
        parser.feed(b"words & more <3 " * 4000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_the_fast_way_forgets_values_when_it_has_seen_too_many() -> None:
    reviews = "".join(
        CLEAN_REVIEW.replace("0.7", f"0.{number:05}") for number in range(5000)
    ).encode()
    movies, defects = read_movies(HEAD + reviews + b"</movie>")
    assert [review.score for review in movies[0].reviews] == [n / 100_000 for n in range(5000)]
    assert defects == []


def test_references_are_forgotten_when_there_were_too_many() -> None:
    numbers = range(0x4E00, 0x4E00 + 5000)
    text = document("".join(f"&#{number};" for number in numbers) + "&amp;")
    for _ in range(2):
        assert rc.loads(text).reviews[0].full_review == "".join(map(chr, numbers)) + "&"


@pytest.mark.parametrize(
    ("end", "kinds"),
    [
        (b"\x93", ["unterminated-reference", "undecodable-bytes"]),  # a quotation mark
        (b"\xff", ["bare-ampersand", "undecodable-bytes"]),  # a letter
        (b"\xed\xa0\x80", ["unterminated-reference", "illegal-character"]),
    ],
)
def test_a_reference_may_end_before_bytes_that_are_not_text(end: bytes, kinds: list[str]) -> None:
    data = document("Elvis &amp# Priscilla").encode().replace(b"#", end)
    items = read_items([data])
    assert items == read_items([data], use_fast_path=False)
    assert [defect.kind for defect in only_defects(items)] == kinds


def test_a_byte_order_mark_at_the_end_is_no_text() -> None:
    data = document("A quiet film.").encode() + b"\xef\xbb\xbf"
    for use_fast_path in (True, False):
        items = read_items([data], use_fast_path=use_fast_path)
        assert only_defects(items) == []
        assert items == read_items(pieces(data, range(len(data))), use_fast_path=use_fast_path)


@pytest.mark.parametrize("name", ["bogus", "utf-16", "mac-arabic"])
def test_strict_reading_refuses_a_declaration_that_cannot_be_true(name: str) -> None:
    data = f"<?xml version='1.0' encoding='{name}'?><movie/>".encode()
    with pytest.raises(rc.CorpusSyntaxError, match=f"says {name}, which the document cannot be in"):
        rc.loads(data, errors="strict")
    assert rc.loads(data) == rc.Movie()


@pytest.mark.parametrize(
    "middle", ["<!--" + "c" * 300_000 + "-->", "<title>" + "a" * 300_000 + " & "]
)
def test_strict_limits_do_not_depend_on_the_chunking(middle: str) -> None:
    data = f"<movie>{middle}</title></movie>".encode()
    limits = rc.Limits(max_field_bytes=100)
    whole = read_items([data], errors="strict", limits=limits)
    for size in (1000, 65_536, 100_000):
        parts = [data[at : at + size] for at in range(0, len(data), size)]
        assert read_items(parts, errors="strict", limits=limits) == whole


@pytest.mark.parametrize("cut", range(20, 30))
def test_a_document_type_as_long_as_the_limit_does_not_depend_on_the_chunking(cut: int) -> None:
    data = b"<!DOCTYPE a 12345678<movie><title>t</title></movie>"
    limits = rc.Limits(max_field_bytes=22)
    whole = read_items([data], limits=limits)
    assert read_items([data[:cut], data[cut:]], limits=limits) == whole
    assert sum(isinstance(item, rc.MovieEnded) for item in whole) == 1


def test_a_long_document_type_is_refused_by_strict_reading() -> None:
    with pytest.raises(rc.CorpusSyntaxError) as caught:
        rc.loads("<!DOCTYPE a" + " " * 70_000 + "><movie/>", errors="strict")
    assert caught.value.defect.kind == "doctype"


@pytest.mark.parametrize("text", [b"Rock &amp; roll", b"a\x01b", b"a\xef\xbf\xbeb", b"one\rtwo"])
def test_the_same_bytes_object_may_come_again(text: bytes) -> None:
    """What is known about bytes in hand is not taken for that of the same object fed later."""
    piece = CLEAN_REVIEW.encode().replace(b"A quiet film.", text) + CLEAN_REVIEW.encode()
    fed_again = read_items([HEAD, piece, piece, piece, b"</movie>"])
    assert fed_again == read_items([HEAD + piece * 3 + b"</movie>"])
    assert fed_again == read_items([HEAD + piece * 3 + b"</movie>"], use_fast_path=False)


def test_an_end_tag_that_is_too_long_is_an_error_after_the_defects_of_its_field() -> None:
    long = b"<movie><title>a <i>b</i></title" + b" " * 5000 + b"></movie>"
    parser = rc.Parser(errors="strict")
    assert parser.feed(long) == []  # less than strict reading looks at at once
    with pytest.raises(rc.LimitExceeded):
        parser.close()
    assert names(parser.close()) == ["MovieStarted", "DefectFound", "DefectFound"]


TANGLED = [
    b'<!doctype a "><movie x=">"><title>Paper Boats</title></movie>',
    b'<!DOCTYPE a "><movie x=">%b"><title>Paper Boats</title></movie>' % (b"a" * 100),
    b'<movie><title>Paper <!-- <review x="-->%b"></review></movie>' % (b"a" * 100),
    b'<movie><title>a</title><?xml version="1.0"?>\xef\xbb\xbf<movie><title>b</title></movie>',
]


@pytest.mark.parametrize("data", TANGLED)
def test_an_input_that_is_cut_once_anywhere_is_read_the_same(data: bytes) -> None:
    whole = read_items([data])
    for cut in range(1, len(data)):
        assert read_items([data[:cut], data[cut:]]) == whole, cut


@pytest.mark.parametrize(
    "piece", [b"<foo>x</foo>", b"<movie/>", b"<br>", b"x", b"<title>a</title>"]
)
def test_the_same_object_may_be_fed_again(piece: bytes) -> None:
    def events(*pieces: bytes) -> list[rc.Event]:
        parser = rc.Parser()
        return [event for data in pieces for event in parser.feed(data)] + parser.close()

    copies = [bytes(bytearray(piece)) for _ in range(4)]
    assert events(b"<movie>", *[piece] * 4) == events(b"<movie>", *copies)
