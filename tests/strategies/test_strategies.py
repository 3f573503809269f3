"""Strategies give what they promise, and all of it."""

from __future__ import annotations

import importlib
import io
import operator
import re
import subprocess
import sys
from functools import cache
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import promises
import reviewcorpus as rc
from drawn_formats import drawn_formats
from reading import read_movies
from reviewcorpus import formats
from reviewcorpus import strategies as rcst
from reviewcorpus._hypothesis import register
from reviewcorpus.defects import DefectKind
from reviewcorpus.formats import Field, Record
from reviewcorpus.strategies import _damage, _values
from reviewcorpus.strategies._damage import INJECTABLE
from reviewcorpus.strategies._spelling import Spelled, spelled_corpora

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy

    from reviewcorpus.formats import Format

# The same examples in each run, so that what is covered does not depend on chance.
FEW = max(20, settings().max_examples // 100)  # 100 in `.ci/run`; drawing takes long
SAME = settings(derandomize=True, database=None, deadline=None, max_examples=FEW)
SEARCH = settings(SAME, max_examples=5000, phases=[Phase.generate])
SHRINK = settings(SEARCH, phases=[Phase.generate, Phase.shrink])
TEXT_FIELDS = ("username", "short_description", "full_review")


CORPORA, CRAWLED, TEXTS = rcst.corpus_xml(), rcst.crawler_xml(), rcst.texts()
drawn: dict[SearchStrategy[Any], list[Any]] = {}


@cache
def damaged_by(kind: DefectKind) -> SearchStrategy[rcst.Damaged]:
    return rcst.damaged_xml([kind])


def is_found(strategy: SearchStrategy[Any], condition: Callable[[Any], object]) -> bool:
    """Tell whether a strategy gives something; Hypothesis says so where it does not.

    What was drawn from the same strategy in an earlier search counts, since drawing takes long.
    """
    known = drawn.setdefault(strategy, [])
    if any(map(condition, known)):
        return True

    def is_such(value: Any) -> bool:
        known.append(value)
        return bool(condition(value))

    find(strategy, is_such, settings=SEARCH)
    return True


# ---- values and records -----------------------------------------------------------------


@pytest.mark.parametrize(
    "pattern",
    [
        r"\Z",
        r"null\Z",
        r"&",
        r"<",
        r"\]\]>",
        r".*\r[^\n]",
        r"\r\n",
        r"\s",
        r".*\s\Z",
        r".*[^\x00-\uffff]",
        r"\ufeff",
        r".*&amp;",
    ],
)
def test_texts_are_of_every_kind(pattern: str) -> None:
    assert is_found(TEXTS, re.compile(pattern, re.DOTALL).match)


@pytest.mark.parametrize("score", [0.1, 1.0, 0.30000000000000004, 0.5700000000000001])
def test_scores_are_on_the_grid_and_beside_it(score: float) -> None:
    assert is_found(rcst.scores(), lambda given: given == score)


def test_scores_are_off_the_grid_too() -> None:
    assert is_found(rcst.scores(), lambda score: score * 1000 % 1)


@pytest.mark.parametrize("record", [rc.Movie, rc.Review])
def test_every_field_is_there_and_missing(record: type[Any]) -> None:
    strategy = rcst.movies() if record is rc.Movie else rcst.reviews()
    for field in attrs.fields(record):
        values = strategy.map(attrgetter(field.name))
        assert is_found(values, bool)
        assert is_found(values, operator.not_)


def test_user_names_carry_e_mail_addresses_of_nobody() -> None:
    found = find(rcst.reviews(), lambda review: "@" in (review.username or ""), settings=SEARCH)
    assert re.search(r"\([a-z0-9._]+@example\.org\)", found.username or "")


def test_links_lead_to_films_and_elsewhere() -> None:
    assert is_found(rcst.movies(), lambda movie: movie.imdb_id)
    assert is_found(rcst.movies(), lambda movie: movie.link and not movie.imdb_id)


@pytest.mark.properties
@SAME
@given(rcst.movies(max_reviews=2, title=st.just("Paper Boats"), year=st.none()))
def test_movies_have_what_was_asked_for(movie: rc.Movie) -> None:
    assert (movie.title, movie.year) == ("Paper Boats", None)
    assert len(movie.reviews) <= 2


@pytest.mark.properties
@SAME
@given(rcst.movies(reviews=rcst.reviews(score=st.just(0.5)), max_reviews=3))
def test_reviews_have_what_was_asked_for(movie: rc.Movie) -> None:
    assert all(review.stars == 5 for review in movie.reviews)


@pytest.mark.properties
@SAME
@given(st.lists(rcst.movies(), max_size=2))
def test_movies_can_be_written_and_read_back(movies: list[rc.Movie]) -> None:
    promises.what_is_written_reads_back_equal(movies)


@pytest.mark.properties
@SAME
@given(rcst.defects())
def test_the_parts_of_a_defect_fit_together(defect: rc.Defect) -> None:
    assert defect.severity is defect.kind.severity
    assert defect.review_index is None or defect.movie_index is not None
    assert len(defect.raw) <= 80
    assert min(defect.line, defect.column) >= 1


# ---- the hook of Hypothesis -------------------------------------------------------------


@pytest.mark.parametrize("record", [rc.Movie, rc.Review, rc.Defect])
def test_types_have_their_strategies(record: type[Any]) -> None:
    register()
    assert isinstance(find(st.from_type(record), lambda _: True, settings=SEARCH), record)


def test_types_have_their_strategies_as_soon_as_hypothesis_is_imported() -> None:
    code = (
        "import sys\n"
        "from hypothesis import strategies as st\n"
        "loaded = [name for name in sys.modules if name.startswith('reviewcorpus.')]\n"
        "assert loaded == ['reviewcorpus._hypothesis'], loaded\n"
        "import reviewcorpus as rc\n"
        "assert repr(st.from_type(rc.Movie)).startswith('builds(Movie, extra=movie_extras()')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_types_have_their_strategies_if_they_come_first() -> None:
    code = (
        "import reviewcorpus as rc\n"
        "rc.Movie, rc.Defect\n"
        "from hypothesis import strategies as st\n"
        "assert repr(st.from_type(rc.Review)).startswith('builds(Review, ')\n"
        "assert repr(st.from_type(rc.Defect)) == '_defects()'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_hypothesis_can_be_imported_in_any_order() -> None:
    for first in ("reviewcorpus.strategies", "reviewcorpus._hypothesis", "reviewcorpus"):
        code = f"import {first}, hypothesis, reviewcorpus.strategies"
        subprocess.run([sys.executable, "-c", code], check=True)


# In a program of its own, as Hypothesis keeps what it knows of a machine in the working folder.
NEWCOMER = """
from hypothesis import given, settings, strategies as st
from reviewcorpus import strategies as rcst

settings.load_profile("default")  # Hypothesis takes another where it sees that CI runs it
cut = rcst.crawler_xml().flatmap(lambda data: st.tuples(st.just(data), rcst.chunkings(data)))
files = (rcst.corpus_xml(), rcst.crawler_xml(), rcst.damaged_xml())
for strategy in (rcst.reviews(), rcst.movies(), *files, rcst.chunkings(b"<movie/>"), cut):
    drawn = []
    given(strategy)(lambda value: drawn.append(value))()
    assert len(drawn) >= 100, strategy
"""


@pytest.mark.slow
def test_a_newcomer_meets_no_health_check(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", NEWCOMER]
    subprocess.run(command, check=True, cwd=tmp_path, timeout=60)


def test_without_hypothesis_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "reviewcorpus.strategies")
    with pytest.raises(ImportError, match=r"pip install 'reviewcorpus\[hypothesis\]'") as caught:
        importlib.import_module("reviewcorpus.strategies")
    assert caught.value.name == "hypothesis"


# ---- well-formed files ------------------------------------------------------------------

several = st.lists(rcst.movies(max_reviews=2), min_size=1, max_size=2)


@pytest.mark.slow
@settings(SAME, max_examples=200)
@given(spelled_corpora(several))
def test_the_movies_are_read_as_they_were_spelt(spelled: Spelled) -> None:
    for errors in ("recover", "strict"):
        movies, defects = read_movies(spelled.data, errors=errors)
        assert tuple(movies) == spelled.movies
        assert {defect.kind for defect in defects} <= {DefectKind.UNKNOWN_ELEMENT}
    promises.elementtree_agrees(spelled.data, list(spelled.movies))


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        rb"\s*<movie",
        rb"\s*<corpus",
        rb"\xef\xbb\xbf",
        rb"\xff\xfe",
        rb".*<!\[CDATA\[(?! )",
        rb".*<!--",
        rb".*<\?php",
        rb".*&#[0-9]+;",
        rb".*&#x[0-9A-F]+;",
        rb".*&(apos|quot|lt);",
        rb".*<[a-zA-Z]+/>",
        rb".*\r\n",
        rb".*\r[^\n]",
        rb".*<movie[ \t\r\n]",
        rb".*</review.*<title",
        rb".*</movie.*<movie",
    ],
)
def test_well_formed_files_are_spelt_in_every_way(pattern: bytes) -> None:
    assert is_found(CORPORA, re.compile(pattern, re.DOTALL).match)


def test_well_formed_files_are_in_other_encodings_where_these_have_all_characters() -> None:
    headers = rcst.corpus_xml(rcst.movies(max_reviews=0), max_movies=1)
    assert is_found(headers, lambda data: b'encoding="iso-8859-1"' in data)


@pytest.mark.properties
@SAME
@given(rcst.corpus_xml(rcst.movies(title=st.just("Paper Boats")), max_movies=2))
def test_well_formed_files_hold_the_movies_asked_for(data: bytes) -> None:
    movies, _ = read_movies(data)
    assert [movie.title for movie in movies] in (["Paper Boats"], ["Paper Boats"] * 2)


# ---- files as the crawler writes them ---------------------------------------------------


@pytest.mark.properties
@SAME
@given(rcst.crawler_xml(max_movies=2, max_reviews=3))
def test_files_of_the_crawler_are_read_without_a_loss(data: bytes) -> None:
    movies, defects = read_movies(data)
    assert len(movies) == data.count(b"<movie>") <= 2
    assert sum(len(movie.reviews) for movie in movies) == data.count(b"<review>")
    assert all(len(movie.reviews) <= 3 for movie in movies)
    assert {defect.kind for defect in defects} <= {
        DefectKind.BARE_AMPERSAND,
        DefectKind.BARE_LESS_THAN,
        DefectKind.INLINE_MARKUP,
        DefectKind.UNDECLARED_ENTITY,
        DefectKind.UNTERMINATED_REFERENCE,
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "&amp</title>",
        "&eacute</title>",
        "&pf_rd_p=239&ref_=",
        "<username>null<",
        "<score>-1.0<",
        "<generalScore>-1.0<",
        "<generalScore>0.5599999999999999<",
        "(jo@example.org)<",
        "<username>(",
        "&nbsp;",
        "&amp;#65279;",
        "&#x2605;",
        "na?ve",
        "se?or",  # as this platform's charset has it
        "8?",
        "Caf\u00e9",
        ".Paper",  # sentences that ran together
        "</review>\r\n",
        "</movie>\n<movie>\n\t<title>",
    ],
)
def test_files_of_the_crawler_have_what_real_ones_have(text: str) -> None:
    assert is_found(CRAWLED, lambda data: text.encode() in data)


def test_files_of_the_crawler_come_in_other_encodings() -> None:
    strategy = rcst.crawler_xml(encoding="windows-1250")
    data = find(strategy, lambda data: b"Caf\xe9" in data, settings=SEARCH)
    _, defects = read_movies(data)
    assert DefectKind.UNDECODABLE_BYTES in {defect.kind for defect in defects}
    with pytest.raises(LookupError, match="klingon"):
        rcst.crawler_xml(encoding="klingon")


# ---- damaged files ----------------------------------------------------------------------


@pytest.mark.slow
@settings(SAME, max_examples=300)
@given(rcst.damaged_xml())
def test_what_was_put_in_is_reported(damaged: rcst.Damaged) -> None:
    promises.what_was_injected_is_what_is_reported(damaged)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(INJECTABLE))
def test_every_kind_of_damage_is_produced(kind: DefectKind) -> None:
    def holds(damaged: rcst.Damaged) -> bool:
        assert {fault.kind for fault in damaged.faults} <= {kind}
        promises.what_was_injected_is_what_is_reported(damaged)
        return len(damaged.faults) > 0

    assert is_found(rcst.damaged_xml([kind]), holds)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        (DefectKind.BARE_AMPERSAND, rb"&#1 "),
        (DefectKind.UNTERMINATED_REFERENCE, rb"&#8217s"),
        (DefectKind.UNDECLARED_ENTITY, rb"<(date|year|score)>\s*&nbsp;"),
        (DefectKind.INVALID_REFERENCE, rb"&#55357;&#56842;"),
        (DefectKind.INLINE_MARKUP, rb'="the "best" one"'),
        (DefectKind.UNDECODABLE_BYTES, rb"\x93\xd1\x82"),
        (DefectKind.UNDECODABLE_BYTES, rb"\xed\xa0\xbc\xed\xbe\xac"),
        (DefectKind.UNDECODABLE_BYTES, rb"\xe2\x98</"),
        (DefectKind.ENCODING_LABEL, rb"us-ascii.*\xc3\xa9"),
        (DefectKind.ENCODING_LABEL, rb"windows-1252.*\xc3\xa9"),
        (DefectKind.ENCODING_LABEL, rb"ISO-8859-1.*it\x92s so\x85"),
        (DefectKind.ENCODING_LABEL, rb"</movie>.*<\?xml"),
        (DefectKind.ENCODING_CONFLICT, rb'\A\xef\xbb\xbf<\?xml[^>]*windows-1252"'),
        (DefectKind.ENCODING_CONFLICT, rb"</movie>\s*\xef\xbb\xbf<\?xml[^>]*UTF-32"),
        (DefectKind.ENCODING_CONFLICT, rb"</movie>\s*<\?xml[^>]*klingon"),
        (DefectKind.MISSING_END_TAG, rb"<title/>Paper"),
        (DefectKind.MISSING_ELEMENT, rb"\A(<movies>)?\s*<review>"),
        (DefectKind.MALFORMED_TAG, rb"<movie new>"),
        (DefectKind.MALFORMED_TAG, rb'<title title="The "Lobo" film">'),
        (DefectKind.MALFORMED_TAG, rb"</fullReview new>"),
        (DefectKind.MALFORMED_TAG, rb"</(title|fullReview)\s*<"),
        (DefectKind.MALFORMED_TAG, rb"<review\s*<"),
        (DefectKind.UNEXPECTED_END, rb"</fullRev<movie>"),
        (DefectKind.UNEXPECTED_END, rb"<fullReview>[^<]+<movie>"),
        (DefectKind.UNEXPECTED_END, rb"<username>[^<]+<\?xml[^>]*>\s*<movie>"),
        (DefectKind.UNEXPECTED_END, rb"<dat<\?xml[^>]*>\s*<movie>"),
        (DefectKind.UNEXPECTED_END, rb"\s\xef\xbb\xbf<\?xml"),
        (DefectKind.UNEXPECTED_END, rb"windows-1252.*it\x92s so\x85"),
    ],
)
def test_damage_looks_as_it_does_in_real_files(kind: DefectKind, pattern: bytes) -> None:
    look = re.compile(pattern, re.DOTALL)
    assert is_found(damaged_by(kind), lambda damaged: look.search(damaged.data))


@pytest.mark.slow
def test_a_file_can_have_many_faults_of_many_kinds_or_none() -> None:
    assert is_found(rcst.damaged_xml(), lambda damaged: len(set(damaged.faults)) > 10)
    assert is_found(rcst.damaged_xml(), lambda damaged: len({f.kind for f in damaged.faults}) > 6)
    assert is_found(rcst.damaged_xml(), lambda damaged: damaged.data == damaged.clean)
    assert find(rcst.damaged_xml([]), lambda _: True, settings=SEARCH).faults == ()


@pytest.mark.slow
def test_words_on_both_sides_of_a_lost_element_are_one_fault() -> None:
    kinds = [DefectKind.UNEXPECTED_TEXT, DefectKind.MISSING_ELEMENT]
    strategy = rcst.damaged_xml(kinds, max_movies=1, max_reviews=1)
    twice = re.compile(rb"words\s+words")
    damaged = find(strategy, lambda damaged: bool(twice.search(damaged.data)), settings=SEARCH)
    found = twice.search(damaged.data)
    assert found
    words = [fault for fault in damaged.faults if found.start() <= fault.offset < found.end()]
    assert [fault.kind for fault in words] == [DefectKind.UNEXPECTED_TEXT]
    promises.what_was_injected_is_what_is_reported(damaged)


def test_the_clean_file_is_the_damaged_one_without_its_faults() -> None:
    kind = DefectKind.BARE_AMPERSAND
    damaged = find(rcst.damaged_xml([kind]), lambda damaged: damaged.faults, settings=SHRINK)
    (fault,) = damaged.faults
    assert damaged.data.replace(b"&", b"") == damaged.clean
    assert fault == rcst.Fault(kind, 27, 2, 20, movie_index=0, element="title")


def test_without_an_optional_element_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    title, link, *_ = formats.MOVIE_RECORD.fields
    fields = (title, attrs.evolve(link, is_required=False))
    monkeypatch.setattr(_damage, "MOVIE_RECORD", Record("movie", fields))
    kind = DefectKind.MISSING_ELEMENT
    headers = rcst.damaged_xml([kind], max_movies=1, max_reviews=0)
    damaged = find(headers, lambda damaged: b"link" not in damaged.data, settings=SHRINK)
    assert b"link" in damaged.clean
    assert damaged.faults == ()
    crawled = _values._crawled(Record("movie", fields), "")
    assert find(crawled, lambda text: "title" in text and "link" not in text, settings=SEARCH)


def test_a_fault_on_the_last_line_is_counted_from_there() -> None:
    damaged = rcst.Damaged(b"<movie>\n&", b"<movie>\n", ())
    (defect, *_) = rc.Corpus(io.BytesIO(damaged.data)).defects()
    assert rcst.Fault.of(defect) == rcst.Fault(
        DefectKind.UNEXPECTED_TEXT, 8, 2, 1, movie_index=0, element="movie"
    )


def test_kinds_that_no_file_can_have_are_refused() -> None:
    with pytest.raises(ValueError, match="kinds has broken-compression, not-well-formed, which"):
        rcst.damaged_xml(set(DefectKind))


@pytest.mark.parametrize(
    ("strategy", "arguments", "error", "message"),
    [
        (rcst.damaged_xml, {"kinds": "doctype"}, TypeError, "kinds must be .*, not 'doctype'"),
        (rcst.damaged_xml, {"kinds": DefectKind.DOCTYPE}, TypeError, "kinds must be .*DOCTYPE"),
        (rcst.damaged_xml, {"kinds": 7}, TypeError, "kinds must be .*, not 7"),
        (rcst.damaged_xml, {"kinds": [7]}, ValueError, "each of kinds must be .*, not 7"),
        (rcst.damaged_xml, {"kinds": ["doctypo"]}, ValueError, "kinds must be .*, not 'doctypo'"),
        (rcst.damaged_xml, {"max_movies": 0}, ValueError, "max_movies .* at least 1, not 0"),
        (rcst.damaged_xml, {"max_reviews": -1}, ValueError, "max_reviews .* 0, not -1"),
        (rcst.crawler_xml, {"max_movies": 0}, ValueError, "max_movies .* at least 1, not 0"),
        (rcst.crawler_xml, {"max_reviews": -1}, ValueError, "max_reviews .* 0, not -1"),
        (rcst.corpus_xml, {"max_movies": 0}, ValueError, "max_movies .* at least 1, not 0"),
        (rcst.movies, {"max_reviews": -1}, ValueError, "max_reviews .* at least 0, not -1"),
        (rcst.movies, {"max_reviews": True}, TypeError, "max_reviews .* at least 0, not True"),
        (rcst.crawler_xml, {"max_movies": "2"}, TypeError, "max_movies .* at least 1, not '2'"),
        (rcst.corpus_xml, {"max_movies": 1.5}, TypeError, "max_movies .* at least 1, not 1.5"),
        (rcst.documents, {"format": "film"}, ValueError, "format must be .*, not 'film'"),
        (rcst.documents, {"format": None}, TypeError, "format must be .*, not None"),
        (rcst.documents, {"format": "mdsd", "max_movies": 0}, ValueError, "max_movies .*, not 0"),
        (rcst.documents, {"format": "mdsd", "max_reviews": -1}, ValueError, "max_reviews .* -1"),
    ],
)
def test_an_argument_that_cannot_be_met_is_refused_by_its_name(
    strategy: Any, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        strategy(**arguments)


def test_the_least_arguments_can_be_met() -> None:
    for strategy in (
        rcst.damaged_xml((DefectKind.DOCTYPE,), max_movies=1, max_reviews=0),
        rcst.crawler_xml(max_movies=1, max_reviews=0),
        rcst.corpus_xml(max_movies=1),
        rcst.movies(max_reviews=0),
        rcst.documents("movie", max_movies=1, max_reviews=0),
    ):
        assert find(strategy, lambda _: True, settings=SEARCH)


# ---- other formats ----------------------------------------------------------------------

FORMATS = drawn_formats()


def fields_of(table: Format) -> list[Field]:
    return [field for record in table.records for field in record.fields]


@pytest.mark.parametrize(
    "is_such",
    [
        lambda table: table.movie is None and not table.is_grouped,
        lambda table: table.is_grouped,
        lambda table: table.movie is not None and table.movie.attributes,
        lambda table: table.review.attributes and table.strips,
        lambda table: table.encoding != "utf-8",
        lambda table: len(table.review.fields) == 1,
        lambda table: table.review.fields[-1].is_plain,
        *(
            lambda table, option=field: any(
                getattr(each, option.name) != option.default for each in fields_of(table)
            )
            for field in attrs.fields(Field)
            if field.init and field.default is not attrs.NOTHING
        ),
    ],
)
def test_formats_are_of_every_kind(is_such: Callable[[Format], bool]) -> None:
    assert is_found(FORMATS, is_such)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("movie", rb"</generalScore>\s*<review>"),
        ("senscritique", rb"<numberOfVoters>.*</numberOfVoters>"),
        ("muchocine", rb"""title="[^"]*" rank="[0-9.]+" maxRank='"""),
        ("muchocine", rb"Caf\xe9"),
        ("mdsd", rb"<date>September 08, 2006</date>"),
        ("mdsd", rb"<helpful>null</helpful>"),
        ("mdsd", rb"<asin>(.*)</asin>[^\0]*<asin>\1</asin>"),
    ],
)
def test_documents_have_what_their_format_has(name: str, pattern: bytes) -> None:
    assert is_found(sound_documents(name), re.compile(pattern).search)


@cache
def sound_documents(name: str) -> SearchStrategy[bytes]:
    return rcst.documents(name, damaged=False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("muchocine", DefectKind.BARE_AMPERSAND),
        ("muchocine", DefectKind.DUPLICATE_ELEMENT),
        ("muchocine", DefectKind.MALFORMED_TAG),
        ("mdsd", DefectKind.MISSING_END_TAG),
        ("mdsd", DefectKind.UNDECODABLE_BYTES),
        ("mdsd", DefectKind.UNEXPECTED_END),
    ],
)
def test_documents_are_damaged(name: str, kind: DefectKind) -> None:
    def has_such(data: bytes) -> bool:
        return any(defect.kind is kind for defect in read_movies(data, format=name)[1])

    assert is_found(damaged_documents(name), has_such)


@cache
def damaged_documents(name: str) -> SearchStrategy[bytes]:
    return rcst.documents(name)


# ---- pieces -----------------------------------------------------------------------------


@pytest.mark.properties
@SAME
@given(st.binary(max_size=300).flatmap(lambda data: st.tuples(st.just(data), rcst.chunkings(data))))
def test_pieces_make_up_the_whole(data_and_pieces: tuple[bytes, list[bytes]]) -> None:
    data, pieces = data_and_pieces
    assert b"".join(pieces) == data


@pytest.mark.parametrize(
    "is_such",
    [
        lambda pieces: pieces == [b"<movie/>"],
        lambda pieces: [len(piece) for piece in pieces] == [1] * 8,
        lambda pieces: b"" in pieces,
        lambda pieces: [len(piece) for piece in pieces] == [3, 3, 2],
        lambda pieces: [len(piece) for piece in pieces] == [1, 7],
    ],
)
def test_pieces_are_of_every_kind(is_such: Callable[[list[bytes]], bool]) -> None:
    assert is_found(rcst.chunkings(b"<movie/>"), is_such)


def test_pieces_of_nothing_are_nothing() -> None:
    assert find(rcst.chunkings(b""), lambda _: True, settings=SHRINK) == [b""]


# ---- how they are made ------------------------------------------------------------------


@pytest.mark.parametrize(
    "strategy",
    [
        *(rcst.movies(), rcst.corpus_xml(), rcst.damaged_xml()),
        rcst.documents("mdsd"),
    ],
)
def test_a_strategy_is_shown_by_its_name_not_by_its_tables(strategy: Any) -> None:
    assert len(repr(strategy)) < 1000


def test_all_is_sorted_and_described() -> None:
    assert sorted(rcst.__all__) == rcst.__all__
    assert all(getattr(rcst, name).__doc__ for name in rcst.__all__)
    assert all(first < second for first, second in pairwise(rcst.__all__))
