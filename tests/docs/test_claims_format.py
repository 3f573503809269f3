"""The examples of damage on the pages are the kinds that they are said to be, and so read."""

from __future__ import annotations

import gzip
import io
import re
from typing import TYPE_CHECKING

import pytest

import reviewcorpus as rc
from helpers_sources import read as read_source
from page_parts import codes, table, text_of
from reading import document, read_movies

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "docs/format.md"
WHOLE = document("It floats.")
TEXT_HEADER = "kind | severity | example | read as"
STRUCTURE_HEADER = "kind | severity | example | what happens"


def rows(header: str) -> list[tuple[str, str, str]]:
    """Give kind, severity and examples of each row; an empty first cell repeats the kind."""
    kind, found = "", []
    for cells in table(FORMAT, header):
        kind = codes(cells[0])[0] if cells[0] else kind
        found.append((kind, cells[1], cells[2]))
    return found


# ---- in text ----------------------------------------------------------------------------

BODIES: dict[tuple[str, str], list[tuple[str | bytes, str]]] = {
    ("bare-ampersand", "info"): [("Rock & roll",) * 2, ("?a=1&para=2",) * 2],
    ("unterminated-reference", "warning"): [
        ("Cowboys &amp", "Cowboys &"),
        ("&amp.&lt.&gt.&quot.&apos.", "&.<.>.\".'."),
    ],
    ("undeclared-entity", "info"): [("caf&eacute;", "café"), ("&eacute;&amp;eacute;", "é&eacute;")],
    ("unknown-entity", "warning"): [("&bogus;",) * 2],
    ("invalid-reference", "error"): [("&#0;", "\ufffd"), ("&#xD800;", "\ufffd")],
    ("invalid-reference", "warning"): [("&#150;", "\u2013"), ("&#X41;", "A")],
    ("bare-less-than", "info"): [("I <3 it",) * 2, ("<sarcasm>",) * 2],
    ("inline-markup", "info"): [
        ("so<i>", "so"),
        ("a<br/>b", "a\nb"),
        ("a<br>b", "a\nb"),
        ("a<p>b", "a\nb"),
        ('<a href="x">b</a>', "b"),
    ],
    ("illegal-character", "error"): [("a\0b\ufffec", "a\ufffdb\ufffdc"), ("\ud800", "\ufffd")],
    ("undecodable-bytes", "warning"): [(b"caf\xe9", "café")],
}
NO_EXAMPLES = {"=", ";"}  # what may not follow `&amp`


def test_every_example_of_damaged_text_is_tried() -> None:
    assert [(kind, severity) for kind, severity, _ in rows(TEXT_HEADER)] == list(BODIES)
    for kind, severity, examples in rows(TEXT_HEADER):
        tried = " ".join(str(body) for body, _ in BODIES[kind, severity])
        assert {code for code in codes(examples) if code not in tried} <= NO_EXAMPLES


@pytest.mark.parametrize(
    ("kind", "severity", "body", "read"),
    [(*key, body, read) for key, bodies in BODIES.items() for body, read in bodies],
)
def test_an_example_of_damaged_text_is_read_as_the_page_says(
    kind: str, severity: str, body: str | bytes, read: str
) -> None:
    movies, defects = read_source(
        io.StringIO(document(body))
        if isinstance(body, str)
        else io.BytesIO(document("BODY").encode().replace(b"BODY", body))
    )
    assert {(each.kind, each.severity) for each in defects} == {(kind, severity)}
    assert movies[0].reviews[0].full_review == read


def test_damaged_text_is_read_as_written_where_the_page_says_so() -> None:
    for (kind, severity), cells in zip(BODIES, table(FORMAT, TEXT_HEADER), strict=True):
        bodies = BODIES[kind, severity]
        assert all(body == read for body, read in bodies) == cells[3].startswith("as written")
        assert all("\ufffd" in read for _, read in bodies) == (cells[3] == "U+FFFD")


@pytest.mark.parametrize("after", ["x", "1", "=", ";"])
def test_half_a_reference_before_these_is_none(after: str) -> None:
    _, defects = read_movies(document(f"a &amp{after} b").encode())
    assert [defect.kind.value for defect in defects] == ["bare-ampersand"] * (after != ";")


# ---- in structure -----------------------------------------------------------------------

CHANGES: dict[str, list[tuple[str, str]]] = {  # what is replaced in a whole file, and by what
    "missing-end-tag": [("<username>ann</username>\n\t\t<score>", "<username>ann<score>")],
    "stray-end-tag": [("</movie>", "</movie></review>"), ("\t<review>", "</user>\t<review>")],
    "missing-element": [("<score>0.7</score>", "")],
    "duplicate-element": [("<score>", "<score>0.1</score><score>")],
    "unknown-element": [
        ("\t<review>", "<country>FR</country><review>"),
        ("\t<review>", "<score>0.7</score><review>"),
    ],
    "unexpected-text": [("\t<review>", "a word<review>")],
    "unexpected-attribute": [("<review>", '<review id="1">')],
    "misspelt-tag": [("<review>", "<Review>")],
    "unexpected-end": [
        ("\t</review>\n</movie>\n", ""),
        ("</fullReview>\n\t</review>\n</movie>\n", "</fullRe"),
    ],
    "doctype": [("<movie>", "<!DOCTYPE movie><movie>")],
    "invalid-score": [("0.7<", "7.5<"), ("0.7<", "NaN<")],
    "invalid-date": [("2001-02-03", "2012-02-31")],
    "invalid-year": [("1999", "MMXII")],
    "no-movie": [(WHOLE, "A page of prose."), (WHOLE, "")],
}
ELSEWHERE = {"broken-compression", "not-well-formed"}  # what no file of text alone can have


def test_every_example_of_damaged_structure_is_tried() -> None:
    assert {kind for kind, _, _ in rows(STRUCTURE_HEADER)} == {*CHANGES, *ELSEWHERE}
    for kind, _, examples in rows(STRUCTURE_HEADER):
        tried = " ".join(old + new for old, new in CHANGES.get(kind, [("", ".gz")]))
        shown = [code.removesuffix(" ...>") for code in codes(examples)]
        assert [code for code in shown if code not in tried] == []


@pytest.mark.parametrize(
    ("kind", "severity", "old", "new"),
    [
        (kind, severity, *change)
        for kind, severity, _ in rows(STRUCTURE_HEADER)
        for change in CHANGES.get(kind, [])
    ],
)
def test_an_example_of_damaged_structure_is_the_kind_that_the_page_says(
    kind: str, severity: str, old: str, new: str
) -> None:
    assert old in WHOLE
    _, defects = read_movies(WHOLE.replace(old, new, 1).encode())
    assert [(each.kind, each.severity) for each in defects] == [(kind, severity)]


def test_what_only_an_archive_and_strict_reading_report_is_as_the_page_says(tmp_path: Path) -> None:
    said = {kind: severity for kind, severity, _ in rows(STRUCTURE_HEADER)}
    path = tmp_path / "a.xml.gz"
    path.write_bytes(gzip.compress(WHOLE.encode())[:-8])
    (defect,) = rc.Corpus(path).defects()
    assert (defect.kind, defect.severity) == ("broken-compression", said["broken-compression"])
    with pytest.raises(rc.CorpusSyntaxError) as raised:
        rc.loads(WHOLE.replace("floats", "<3"), errors="strict")
    defect = raised.value.defect
    assert (defect.kind, defect.severity) == ("not-well-formed", said["not-well-formed"])


def test_the_film_at_the_top_of_the_page_has_no_defect() -> None:
    found = re.search(r"```xml\n(.*?)```", text_of(FORMAT), re.DOTALL)
    assert found
    movies, defects = read_movies(found[1].encode())
    assert (len(movies), defects) == (1, [])


# ---- the table of README ----------------------------------------------------------------

README_HEADER = "damage | example | read as"
# By what stands in the table: what is replaced in a whole file, by what, and what comes of it.
READ: dict[str, tuple[str, str, str]] = {
    "Rock & roll": ("It floats.", "Rock & roll", "full_review='Rock & roll'"),
    "I <3 it": ("It floats.", "I <3 it", "full_review='I <3 it'"),
    "<title>Cowboys &amp</title>": ("Paper Boats<", "Cowboys &amp<", "title='Cowboys &'"),
    "caf&eacute;": ("It floats.", "caf&eacute;", "full_review='café'"),
    "&nbsp;": ("It floats.", "&nbsp;", r"full_review='\xa0'"),
    "<b>so</b>": ("It floats.", "<b>so</b>", "full_review='so'"),
    "<br>": ("It floats.", "a<br>b", r"full_review='a\nb'"),
    "<username>ann<score>": ("ann</username>\n\t\t", "ann", "username='ann', score=0.7"),
    "a quiet fi": (
        "It floats.</fullReview>\n\t</review>\n</movie>\n",
        "a quiet fi",
        "full_review='a quiet fi'",
    ),
    "-1.0": ("0.7<", "-1.0<", "score=None"),
    "null": ("ann", "null", "username=None"),
    "<country>FR</country>": (
        "\t<review>",
        "<country>FR</country><review>",
        "extra={'country': 'FR'}",
    ),
}


def test_every_example_of_readme_is_tried() -> None:
    rows = table("README.md", README_HEADER)
    assert [code for row in rows for code in codes(row[1])] == list(READ)
    for _, examples, read_as in rows:
        come = [READ[code][2] for code in codes(examples)]
        assert [code for code in codes(read_as) if code not in " ".join(come)] == []
        if read_as == "as written":
            assert come == [f"full_review={code!r}" for code in codes(examples)]


@pytest.mark.parametrize("example", READ)
def test_an_example_of_readme_is_read_as_it_says(example: str) -> None:
    old, new, expected = READ[example]
    assert old in WHOLE
    ((movie,), _) = read_movies(WHOLE.replace(old, new, 1).encode())
    assert expected in f"{movie} {movie.reviews}"
