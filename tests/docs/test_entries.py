"""The pages of the kinds of defect and of the rules: none is missing, and each example is true."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

import reviewcorpus as rc
from makers import entries
from makers.entries import defect_entries, entries_of, rule_entries
from makers.examples import (
    EntryError,
    KindEntry,
    RuleEntry,
    check_kind,
    check_rule,
    corpus_of,
    read,
    thresholds_used,
)
from makers.pages import fill
from reviewcorpus.cleaning import REPAIRS
from reviewcorpus.defects import SEVERITIES
from reviewcorpus.validation import RULES, Thresholds

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).parents[2] / "docs"
KIND_NAMES = [kind.value for kind in rc.DefectKind]
KINDS = entries_of(entries.tables("defects.toml"), KIND_NAMES, KindEntry)
RULE_ENTRIES = entries_of(entries.tables("rules.toml"), RULES, RuleEntry)
each_kind = pytest.mark.parametrize("entry", KINDS.values(), ids=KINDS)
each_rule = pytest.mark.parametrize("entry", RULE_ENTRIES.values(), ids=RULE_ENTRIES)

WELL = """<movie>
<title>Paper Boats</title>
<link>http://www.imdb.com/title/tt9000001/</link>
<year>2007</year>
<generalScore>0.7</generalScore>
<review>
<date>2007-09-14</date>
<username>ann</username>
<score>0.7</score>
<shortDescription>Quiet</shortDescription>
<fullReview>Two sisters fold boats.</fullReview>
</review>
</movie>
"""
BAD = WELL.replace("Paper Boats", "Rock & Roll")
TEXTS = {"about": "Why.", "mend": "So."}
GOOD_KIND = {**TEXTS, "example": BAD, "mended": WELL, "shows": ["movies[0].title"]}
OLD = WELL.replace(">2007<", ">1207<")
GOOD_RULE = {**TEXTS, "example": OLD, "mended": WELL}


def kind_entry(**fields: Any) -> KindEntry:
    name = "bare-ampersand"
    return entries_of({name: GOOD_KIND | fields}, [name], KindEntry)[name]


def rule_entry(**fields: Any) -> RuleEntry:
    return entries_of({"M104": GOOD_RULE | fields}, ["M104"], RuleEntry)["M104"]


def entry_on(page: str, anchor: str) -> str:
    """Give the part of a page from an anchor to the next."""
    parts = re.split(r"^\(([\w-]+)\)=$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[anchor]


# ---- what is written by hand ------------------------------------------------------------


def test_there_is_an_entry_for_each_kind_and_each_rule_and_for_nothing_else() -> None:
    assert list(entries.load_kinds()) == KIND_NAMES
    assert set(entries.tables("defects.toml")) == set(KIND_NAMES)
    assert list(entries.load_rules()) == list(RULES)
    assert set(entries.tables("rules.toml")) == set(RULES)


@each_kind
def test_an_example_shows_its_kind(entry: KindEntry) -> None:
    check_kind(entry)
    found = {defect.kind.value for defect in read(entry.files, entry.options).defects}
    assert found == {entry.name, *entry.also}
    if entry.mended:
        assert read(entry.mended, entry.options).defects == []


@each_kind
def test_files_on_disk_are_read_as_those_in_memory(
    entry: KindEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, data in entry.files.items():
        Path(name).write_bytes(data)
    defects: list[rc.Defect] = []
    reading = read(entry.files, entry.options)
    corpus = rc.Corpus(*entry.files, on_defect=defects.append, **entry.options)
    with contextlib.closing(iter(corpus)) as movies:
        if reading.error is None:
            assert list(movies) == reading.movies
            assert defects == reading.defects
        else:
            with pytest.raises(rc.CorpusSyntaxError, match=re.escape(str(reading.error))):
                list(movies)


def test_what_a_cut_leaves_is_shown() -> None:
    entry = KINDS["broken-compression"]
    (name,), (data,) = entry.files, entry.files.values()
    assert name == "film.xml.gz"
    with pytest.raises(EOFError):
        gzip.decompress(data)
    (whole,), (left,) = entry.example.values(), entry.contents.values()
    assert whole.startswith(left.decode())
    assert 0 < len(left) < len(whole)


@each_rule
def test_an_example_shows_its_rule(entry: RuleEntry) -> None:
    check_rule(entry)
    corpus = corpus_of(entry.example, {})
    codes = {problem.code for problem in corpus.problems(rules="all", **thresholds_of(entry))}
    assert codes == {entry.name, *set(entry.also) & set(RULES)}


@each_rule
def test_an_example_does_not_depend_on_the_day(entry: RuleEntry) -> None:
    usual, early, late = [
        [str(problem) for problem in found]
        for found in (
            corpus_of(entry.example, {}).problems(rules="all", **thresholds_of(entry, today))
            for today in (None, datetime.date(2019, 12, 31), datetime.date(2119, 1, 1))
        )
    ]
    assert usual == early == late


def thresholds_of(entry: RuleEntry, today: datetime.date | None = None) -> dict[str, Thresholds]:
    return {"thresholds": attrs.evolve(entry.all_thresholds, today=today)}


def test_thresholds_are_those_that_a_rule_asks_for() -> None:
    used = {code: set(thresholds_used(entry)) for code, entry in RULE_ENTRIES.items()}
    assert used["M106"] == {"mean_difference", "mean_reviews"}
    assert used["M104"] == {"first_film", "years_ahead"}
    assert used["R207"] == set()
    assert thresholds_used(RULE_ENTRIES["M106"])["mean_reviews"] == Thresholds().mean_reviews
    every = {field.name for field in attrs.fields(Thresholds)} - {"today"}
    assert set.union(*used.values()) == every


# ---- what is refused --------------------------------------------------------------------


def test_entries_that_are_right_are_taken() -> None:
    check_kind(kind_entry())
    check_rule(rule_entry())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"example": WELL}, r"the example shows \[\], not \['bare-ampersand'\]"),
        (
            {"example": BAD.replace("0.7", "7", 1)},
            r"shows \['bare-ampersand', 'invalid-score'\]",
        ),
        ({"also": ["doctype"]}, r"shows \['bare-ampersand'\], not"),
        ({"mended": BAD}, "mended still shows film.xml:2:13: bare-ampersand"),
        ({"mended": WELL.replace("<year>2007</year>", "")}, "mended still shows .*missing-element"),
        ({"mended_options": {"errors": "drop"}}, "mended_options still shows"),
        ({"mended": {}}, "neither mended nor mended_options"),
        ({"options": {"errors": "strict"}}, r"shows \['not-well-formed'\]"),
    ],
)
def test_a_kind_whose_example_is_not_true_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(EntryError, match=f"^bare-ampersand: .*{said}"):
        check_kind(kind_entry(**fields))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"example": WELL}, r"the example shows \[\], not \['M104'\]"),
        (
            {"example": OLD.replace(">Paper Boats<", "><")},
            r"shows \['M101', 'M104'\]",
        ),
        ({"example": BAD.replace(">2007<", ">1207<")}, r"shows \['M104', 'bare-ampersand'\]"),
        ({"also": ["M101"]}, r"shows \['M104'\], not"),
        ({"mended": OLD}, r"mended still shows .*the year is 1207"),
        ({"mended": BAD}, "mended still shows film.xml:2:13: bare-ampersand"),
        ({"mended": {}}, "neither mended nor repair"),
        ({"repair": "redact_emails"}, "repair still shows .*the year is 1207"),
        ({"silent": {"year": [1888, 1887]}}, "silent still shows .*the year is 1887"),
        ({"thresholds": {"first_film": 1200}}, r"the example shows \[\], not"),
    ],
)
def test_a_rule_whose_example_is_not_true_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(EntryError, match=f"^M104: .*{said}"):
        check_rule(rule_entry(**fields))


@pytest.mark.parametrize("field", ["about", "mend", "example", "mended"])
@pytest.mark.parametrize("make", [kind_entry, rule_entry])
@pytest.mark.parametrize("text", ["", " \n", {"film.xml": ""}, {"film.xml": 3}])
def test_an_empty_text_is_refused(make: Callable[..., object], field: str, text: Any) -> None:
    with pytest.raises(EntryError, match="must be texts, and not empty"):
        make(**{field: text})


def test_fields_and_entries_that_there_are_not_are_refused() -> None:
    with pytest.raises(EntryError, match=r"bare-ampersand: .*'colour'"):
        kind_entry(colour="red")
    with pytest.raises(EntryError, match=r"M104: .*'gzip_cut'"):
        rule_entry(gzip_cut=3)
    with pytest.raises(EntryError, match=r"bare-ampersand: .*'mend'"):
        entries_of({"bare-ampersand": {"about": "Why."}}, ["bare-ampersand"], KindEntry)
    with pytest.raises(EntryError, match=r"missing entries: \['M104'\]; .*nothing: \['M999'\]"):
        entries_of({"M999": GOOD_RULE}, ["M104"], RuleEntry)
    with pytest.raises(EntryError, match=r"nothing: \['M999'\]"):
        entries_of({"M104": GOOD_RULE, "M999": GOOD_RULE}, ["M104"], RuleEntry)


# ---- the pages --------------------------------------------------------------------------


def test_the_page_of_kinds_has_what_the_library_gives() -> None:
    page = defect_entries()
    for name, entry in KINDS.items():
        part = entry_on(page, name)
        reading = read(entry.files, entry.options)
        assert part.lstrip().startswith(f"## `{name}`\n")
        for defect in reading.defects:
            assert str(defect) in part
            assert re.search(rf"^\*[^*]*\b{defect.severity}\b[^*]*\*: ", part, re.MULTILINE)
            assert reading.error is not None or repr(defect.repair)[1:-1] in part
        assert entry.about.strip() in part
        assert entry.mend.strip() in part
        assert f"\n| [`{name}`](#{name}) | {SEVERITIES[rc.DefectKind(name)]}" in page


def test_the_page_of_rules_has_what_the_library_gives() -> None:
    page = rule_entries()
    for name, entry in RULE_ENTRIES.items():
        part, rule = entry_on(page, f"rule-{name.lower()}"), RULES[name]
        found = corpus_of(entry.example, {}).problems(rules=name, **thresholds_of(entry))
        for problem in found:
            assert f"\n{problem}\n" in part
        assert rule.summary in part
        assert f"*{rule.severity}*; {'in the default' if rule.is_default else 'only when'}" in part
        assert f"\n| [`{name}`](#rule-{name.lower()}) | {rule.severity} | {rule.summary} |" in page
        if entry.repair and entry.repair != "merge_corpus":
            (movie,) = corpus_of(entry.example, {})
            repair = REPAIRS[entry.repair.replace("_", "-")]
            for change in repair(movie).changes:
                assert f"{change.repair}: {change.old!r} -> " in part


@pytest.mark.parametrize(
    ("anchor", "shown"),
    [
        ("unterminated-reference", ">>> movies[0].title\n'Cowboys &'\n>>> print("),
        ("unterminated-reference", "-\t<title>Cowboys &amp</title>\n+\t<title>Cowboys &amp; Kites"),
        (
            "undecodable-bytes",
            '>>> list(rc.Corpus("film.xml", encoding="windows-1252").defects())\n[]',
        ),
        ("not-well-formed", '>>> list(rc.Corpus("film.xml", errors="strict"))\nTraceback'),
        ("broken-compression", "its last 90 bytes are lost:\n\n```{code-block} xml"),
        ("broken-compression", "-\t\t<fullReview>Two si\n+\t\t<fullReview>Two sisters fold"),
        ("rule-m102", "The example shows [`unterminated-reference`](#unterminated-reference) too."),
        ("rule-m102", "It says nothing, on purpose, about `Q&A`, "),
        ("rule-m102", "-\t<title>Cowboys &amp</title>\n+\t<title>Cowboys &amp; Kites"),
        ("rule-m106", "compares with `mean_difference` (0.35) and `mean_reviews` (20)."),
        ("rule-m106", ">>> thresholds = Thresholds(mean_reviews=3)\n"),
        ("rule-c301", "\n`b.xml`:\n\n```{code-block} xml"),
        ("rule-c301", ">>> for repaired in merge_corpus(corpus):\n...     print(*repaired.changes"),
        ("rule-c301", "b.xml: movies[0].year: merge-movies: '2003' -> '2002'"),
        ("rule-r209", ">>> for repaired in Pipeline(unescape_again).run(corpus):\n"),
    ],
)
def test_an_entry_has_all_its_parts(anchor: str, shown: str) -> None:
    assert shown in entry_on(f"{defect_entries()}\n\n{rule_entries()}", anchor)


def test_what_nobody_sees_is_told_in_the_example_of_a_rule_too() -> None:
    text = OLD.replace("Quiet", "Qui\u00adet")
    assert "\n<shortDescription>Qui[U+00AD]et<" in entries._rule(rule_entry(example=text))


def test_each_kind_has_its_line_from_the_source() -> None:
    about = entries.summaries()
    assert set(about) == set(KIND_NAMES)
    assert about["bare-ampersand"] == "An `&` that starts no reference; read as written."
    page = defect_entries()
    assert all(f": {about[name]}\n" in entry_on(page, name) for name in KIND_NAMES)


def test_a_kind_with_two_severities_tells_both() -> None:
    assert entries.severities_of(KINDS["invalid-reference"]) == ["error", "warning"]
    assert entries.severities_of(KINDS["bare-ampersand"]) == ["info"]


def test_what_nobody_sees_is_told_in_words() -> None:
    page = defect_entries()
    assert "Tin[U+0007] Orchard" in page
    assert "Caf[byte E9] Nord" in page
    for text in (page, rule_entries()):
        assert all(char.isprintable() or char in "\n\t" for char in text)


@pytest.mark.parametrize(("name", "made"), [("defects", defect_entries), ("rules", rule_entries)])
def test_the_marks_of_the_pages_are_filled(name: str, made: Callable[[], str]) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert made() in fill(text)
    assert made() not in text


def test_the_links_between_entries_lead_somewhere() -> None:
    pages = defect_entries() + "\n" + rule_entries()
    anchors = set(re.findall(r"^\(([\w-]+)\)=$", pages, re.MULTILINE))
    links = set(re.findall(r"\]\(#([\w-]+)\)", pages))
    assert links == anchors
    assert len(anchors) == len(rc.DefectKind) + len(RULES)
