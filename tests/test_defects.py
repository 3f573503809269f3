"""Defects: the kinds that are promised, and defects and errors as values."""

from __future__ import annotations

import operator
import pickle
from typing import Any

import attrs
import pytest

from reviewcorpus import (
    CorpusError,
    CorpusSyntaxError,
    Defect,
    DefectKind,
    LimitExceeded,
    Severity,
    loads,
)
from reviewcorpus.defects import RAW_CHARACTERS

DEFECT = Defect(
    kind=DefectKind.BARE_AMPERSAND,
    severity=Severity.INFO,
    message="'&' starts no reference",
    action="read as written",
    source="movies/boats.xml",
    offset=120,
    line=3,
    column=14,
    movie_index=0,
    review_index=None,
    element="title",
    field="title",
    raw="& Tock",
)


def test_a_fault_of_xml_is_an_error() -> None:
    assert DefectKind.NOT_WELL_FORMED.severity is Severity.ERROR


def test_every_kind_has_a_severity() -> None:
    assert all(isinstance(kind.severity, Severity) for kind in DefectKind)
    make: Any = DefectKind.__dict__["__new_member__"]  # what makes the members
    with pytest.raises(TypeError, match="the kind 'careless' needs a severity"):
        make(DefectKind, "careless")


def test_severities_are_ordered_among_themselves() -> None:
    info, warning, error = Severity
    assert info < warning < error
    assert error > warning > info
    assert info <= Severity("info") <= warning
    assert error >= Severity("error") >= warning
    assert not error < info
    assert not info > error
    assert not error <= warning
    assert not warning >= error
    assert max(Severity) is error


@pytest.mark.parametrize("text", ["warning", "zzz", "", 1])
def test_a_severity_is_not_ordered_against_a_plain_str(text: Any) -> None:
    for compare in (operator.lt, operator.le, operator.gt, operator.ge):
        with pytest.raises(TypeError):
            compare(Severity.INFO, text)
        with pytest.raises(TypeError):
            compare(text, Severity.INFO)


def test_there_are_three_severities() -> None:
    assert [str(severity) for severity in Severity] == ["info", "warning", "error"]


def test_kinds_and_severities_are_texts() -> None:
    assert f"{DefectKind.NO_MOVIE} {Severity.ERROR}" == "no-movie error"
    assert DefectKind("no-movie") is DefectKind.NO_MOVIE


def test_the_text_of_a_defect_leads_editors_to_it() -> None:
    assert str(DEFECT) == "movies/boats.xml:3:14: info: '&' starts no reference [bare-ampersand]"


def test_a_defect_without_source_says_input() -> None:
    defect = attrs.evolve(DEFECT, source=None)
    assert str(defect) == "<input>:3:14: info: '&' starts no reference [bare-ampersand]"


def test_the_fields_stand_in_the_promised_order() -> None:
    assert [field.name for field in attrs.fields(Defect)] == [
        *("kind", "severity", "message", "action", "source", "offset", "line", "column"),
        *("movie_index", "review_index", "element", "field", "raw"),
    ]


def test_a_defect_needs_only_what_it_says_and_where() -> None:
    defect = Defect(DefectKind.DOCTYPE, Severity.WARNING, "a", "b", offset=1, line=2, column=3)
    assert attrs.astuple(defect)[4:] == (None, 1, 2, 3, None, None, None, None, "")
    make: Any = Defect
    for missing in ("offset", "line", "column"):
        given = {"offset": 1, "line": 2, "column": 3}
        del given[missing]
        with pytest.raises(TypeError, match=f"missing 1 required keyword-only .*: '{missing}'"):
            make(DefectKind.DOCTYPE, Severity.WARNING, "a", "b", **given)
    with pytest.raises(TypeError, match="positional arguments"):
        make(*attrs.astuple(defect))


def test_a_defect_is_a_value() -> None:
    twin = pickle.loads(pickle.dumps(DEFECT))
    assert twin == DEFECT
    assert twin.kind is DEFECT.kind
    assert twin.severity is DEFECT.severity
    assert hash(twin) == hash(DEFECT)
    assert attrs.evolve(DEFECT, column=15) != DEFECT
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        DEFECT.line = 4  # type: ignore[misc]


def test_raw_is_cut() -> None:
    found: list[Defect] = []
    loads(f"<movie><year>{'x' * 200}</year></movie>", on_defect=found.append)
    raw = next(defect.raw for defect in found if defect.kind is DefectKind.INVALID_YEAR)
    assert raw == "x" * RAW_CHARACTERS
    assert RAW_CHARACTERS == 80


def test_a_syntax_error_holds_its_defect() -> None:
    error = CorpusSyntaxError(DEFECT)
    assert error.defect is DEFECT
    assert str(error) == f"{DEFECT}; errors='recover' keeps reading"
    assert isinstance(error, CorpusError)
    assert isinstance(error, ValueError)


def test_a_syntax_error_can_be_pickled() -> None:
    # Errors of worker processes come home that way.
    twin = pickle.loads(pickle.dumps(CorpusSyntaxError(DEFECT)))
    assert type(twin) is CorpusSyntaxError
    assert twin.defect == DEFECT
    assert str(twin) == f"{DEFECT}; errors='recover' keeps reading"


def test_a_limit_error_can_be_pickled() -> None:
    twin = pickle.loads(pickle.dumps(LimitExceeded("title is longer than 3 bytes")))
    assert type(twin) is LimitExceeded
    assert str(twin) == "title is longer than 3 bytes"
    assert isinstance(twin, CorpusError)


def test_an_error_that_was_raised_can_be_pickled() -> None:
    with pytest.raises(CorpusSyntaxError) as caught:
        loads("<movie><title>Tick & Tock</title></movie>", errors="strict")
    assert pickle.loads(pickle.dumps(caught.value)).defect == caught.value.defect
    assert caught.value.defect.kind is DefectKind.NOT_WELL_FORMED


@pytest.mark.parametrize(
    ("reference", "message", "action"),
    [
        ("&#0;", "&#0; does not name a character that XML allows", "replaced by U+FFFD"),
        ("&#150;", "&#150; is a control character in XML", r"read as '\u2013'"),
        ("&#X41;", "&#X41; has a capital X", "read as 'A'"),
    ],
)
def test_an_invalid_reference_says_what_is_wrong_with_it(
    reference: str, message: str, action: str
) -> None:
    found: list[Defect] = []
    loads(f"<movie><title>{reference}</title></movie>", on_defect=found.append)
    assert (found[0].message, found[0].action) == (message, action)


def test_encodings_are_called_as_people_know_them() -> None:
    found: list[Defect] = []
    loads(b"<movie><title>caf\xe9</title></movie>", on_defect=found.append)
    assert found[0].message == "0xE9 is not valid UTF-8; the field was read as windows-1252"
    assert found[0].action == "the field was read as windows-1252"
