"""The names that are promised, exported, and described on the API pages are the same."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

from extras import module_or_skip

PAGES = Path(__file__).parents[2] / "docs" / "api"

# What the interface promises. Nothing may be taken away.
PROMISED = {
    "reviewcorpus": (
        "Movie Review load loads iter_movies iter_reviews Corpus Parser Limits Defect DefectKind"
        " Severity CorpusError CorpusSyntaxError LimitExceeded dump dumps validate CorpusValidator"
        " Problem"
    ),
    "reviewcorpus.formats": "Format Record Field Value MOVIE SENSCRITIQUE MUCHOCINE MDSD known",
    "reviewcorpus.arrow": "REVIEW_SCHEMA MOVIE_SCHEMA DEFECT_SCHEMA to_parquet movies defects",
    "reviewcorpus.validation": "validate CorpusValidator Problem",
    "reviewcorpus.cleaning": (
        "split_sentences fix_mojibake unescape_again redact_emails drop_repeats merge_movies"
    ),
    "reviewcorpus.spark": "register",
    "reviewcorpus.strategies": "movies reviews corpus_xml crawler_xml damaged_xml chunkings",
}
PROMISED_MEMBERS = {
    "Movie": "title link year general_score reviews extra imdb_id",
    "Review": "date username score short_description full_review extra stars",
    "Corpus": "reviews defects summary __iter__ __arrow_c_stream__",
    "Parser": "feed close",
    "CorpusValidator": "feed finish",
    "Defect": (
        "kind severity message action source offset line column movie_index review_index element"
        " raw"
    ),
    "Problem": "code severity message source movie_index review_index field",
    "Severity": "INFO WARNING ERROR",
    "Summary": "files movies reviews defects truncated_files skipped formats",
}


def described() -> dict[str, list[str]]:
    """Return the names that the API pages describe, by their modules."""
    names: dict[str, list[str]] = {module: [] for module in PROMISED}
    for page in PAGES.glob("*.md"):
        module = ""
        for line in page.read_text(encoding="utf-8").splitlines():
            if found := re.match(r"\.\. currentmodule:: (\S+)", line):
                module = found[1]
            elif found := re.match(
                r"\.\. (?:auto)?(?:class|function|exception|data):: (\w+)(?:\(\w*\))?$", line
            ):
                names[module].append(found[1])
    return names


def test_each_name_is_described_once() -> None:
    for names in described().values():
        assert len(names) == len(set(names))


@pytest.mark.parametrize("name", PROMISED)
def test_a_module_exports_what_was_promised_and_the_pages_describe_it(name: str) -> None:
    module = module_or_skip(name)
    promised = set(PROMISED[name].split())
    assert promised <= set(dir(module))
    # `formats` is also for the library's own modules, and has no `__all__`.
    exported = set(getattr(module, "__all__", promised)) - {"__version__"}
    assert exported >= promised
    names = described()
    assert set(names[name]) <= exported
    # What several modules export is described once.
    others = [
        getattr(importlib.import_module(other), each)
        for other in ("reviewcorpus", "reviewcorpus.validation")
        for each in names[other]
    ]
    missing = [each for each in exported - set(names[name]) if getattr(module, each) not in others]
    assert missing == []


@pytest.mark.parametrize("name", PROMISED_MEMBERS)
def test_a_class_has_the_members_that_were_promised(name: str) -> None:
    thing = getattr(importlib.import_module("reviewcorpus"), name)
    has = {*dir(thing), *inspect.get_annotations(thing)}
    assert has >= set(PROMISED_MEMBERS[name].split())


OPTIONS = "errors on_defect format limits encoding fallback_encoding"


def test_the_options_are_those_that_were_promised_and_the_page_lists_them() -> None:
    core = importlib.import_module("reviewcorpus")
    assert set(core.ReadOptions.__annotations__) == set(OPTIONS.split())
    text = (PAGES / "reading.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == OPTIONS.split()
