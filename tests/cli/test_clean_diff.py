"""`reviewcorpus clean --diff`: what a person sees of the changes, and the report beside it."""

from __future__ import annotations

import io
import json
import os
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given

import cleaning_inputs
import reviewcorpus as rc
from reviewcorpus.cleaning import STEPS, Pipeline
from reviewcorpus.cleaning._changes import Placed
from reviewcorpus.cli import _diff, cli
from reviewcorpus.cli._diff import CONTEXT, LONGEST, diff

if TYPE_CHECKING:
    from click.testing import Result

    from reviewcorpus.cleaning import Change

ALL = Pipeline(*STEPS.values())
LINK = "http://www.imdb.com/title/tt9000001/"


def shown(movie: rc.Movie, pipeline: Pipeline = ALL) -> list[str]:
    place = Placed(movie, "boats.xml", 0)
    return list(diff(movie, place.locate(pipeline(movie).changes)))


def with_body(text: str) -> rc.Movie:
    return rc.Movie(title="Paper Boats", year=2007, reviews=[rc.Review(full_review=text)])


def hunks(text: str) -> list[str]:
    """Return what is shown of the changes of a body, without the line of its review."""
    heading, *lines = shown(with_body(text))
    assert heading == "--- boats.xml: movies[0].reviews[0] of Paper Boats (2007)"
    return lines


# ---- the lines --------------------------------------------------------------------------


def test_a_change_is_shown_with_its_place_before_and_after() -> None:
    assert hunks("We met in a cafÃ© by the sea.") == [
        "@@ full_review at 12: fix-mojibake @@",
        "- We met in a cafÃ© by the sea.",
        "+ We met in a café by the sea.",
    ]


def test_what_several_steps_did_to_a_word_is_one_change() -> None:
    assert hunks("We met in a caf&Atilde;&copy;.It was late.") == [
        "@@ full_review at 12: unescape-again, fix-mojibake, split-sentences @@",
        "- We met in a caf&Atilde;&copy;.It was late.",
        "+ We met in a café. It was late.",
    ]


def test_of_a_long_text_only_the_words_around_a_change_are_shown() -> None:
    words = "and nothing else happens "
    heading, old, new = hunks(f"{words * 40}in a caf&eacute; {words * 40}")
    assert heading == "@@ full_review at 1008: unescape-again @@"
    assert (
        old == "- …and nothing else happens in a caf&eacute; and nothing else happens and nothing…"
    )
    assert new == "+ …and nothing else happens in a café and nothing else happens and nothing…"


def test_changes_that_are_close_are_shown_together_and_others_apart() -> None:
    far = "x" * (CONTEXT + 1)
    lines = hunks(f"&eacute; and &eacute; {far} &eacute;")
    assert [line for line in lines if line.startswith("@")] == [
        "@@ full_review at 0: unescape-again @@",
        f"@@ full_review at {len(far) + 23}: unescape-again @@",
    ]
    assert lines[1] == "- &eacute; and &eacute;…"


def test_many_close_changes_do_not_make_one_endless_line() -> None:
    lines = hunks("A &amp; B, " * 200)
    assert max(map(len, lines)) <= LONGEST + 2 * CONTEXT + len("- ……")
    assert "".join(lines).count("&amp;") >= 200


def test_the_other_lines_of_a_text_are_not_shown() -> None:
    assert hunks("One line.\nA caf&eacute; by the sea.\nAnother line.")[1:] == [
        "- …A caf&eacute; by the sea.…",
        "+ …A café by the sea.…",
    ]


def test_of_a_change_that_is_very_long_both_ends_are_shown() -> None:
    address = ".".join(["jo@example"] * 200)
    _, old, new = hunks(f"Write to {address}.org now")
    assert len(old) < LONGEST + 2 * CONTEXT
    assert old.startswith("- Write to jo@example.jo@")
    assert old.endswith("@example.org now")
    assert new == "+ Write to [e-mail] now"


def test_the_texts_of_a_movie_come_before_those_of_its_reviews() -> None:
    movie = rc.Movie(
        title="Salt &amp; light",
        reviews=[
            rc.Review(full_review="Fine."),
            rc.Review(username="Zo&euml;", full_review="Caf&eacute;"),
        ],
    )
    assert [line for line in shown(movie) if line[0] in "-@"] == [
        "--- boats.xml: movies[0] of Salt &amp; light",
        "@@ title at 5: unescape-again @@",
        "- Salt &amp; light",
        "--- boats.xml: movies[0].reviews[1] of Salt &amp; light",
        "@@ username at 2: unescape-again @@",
        "- Zo&euml;",
        "@@ full_review at 3: unescape-again @@",
        "- Caf&eacute;",
    ]


def test_a_movie_without_a_title_has_none() -> None:
    assert shown(rc.Movie(year=1999, reviews=[rc.Review(full_review="Caf&eacute;")]))[0] == (
        "--- boats.xml: movies[0].reviews[0]"
    )


def test_a_review_that_is_dropped_is_one_line() -> None:
    review = rc.Review(username="ann", full_review="We met in a caf&eacute;.")
    lines = shown(rc.Movie(reviews=[review, review]))
    assert len(lines) == 5
    assert lines[-1] == (
        "--- boats.xml: movies[0].reviews[1]: drop-repeats: 'We met in a café.' -> nothing"
        " (the same user, date and text; reviews[0] is kept)"
    )


def test_nothing_is_shown_where_nothing_is_changed() -> None:
    assert shown(with_body("A short film.")) == []


def test_no_text_and_no_name_writes_to_the_terminal() -> None:
    sign = "\x9b\u202e\n\r"
    review = rc.Review(username=f"caf&eacute;{sign}", full_review=f"It is {sign} &amp; fine.")
    movie = rc.Movie(title=f"A &amp; B{sign}", reviews=[review, review])
    lines = list(diff(movie, Placed(movie, "\x1b[31m", 0).locate(ALL(movie).changes)))
    assert len(lines) == 12
    assert all(line.isprintable() for line in lines)


# ---- the pieces that differ -------------------------------------------------------------


def text_of(change: Change) -> tuple[int, str]:
    return -1 if change.review_index is None else change.review_index, change.field or ""


@given(movie=cleaning_inputs.movies)
def test_the_pieces_that_differ_make_the_new_text_of_the_old_one(movie: rc.Movie) -> None:
    pipeline = Pipeline(*(step for name, step in STEPS.items() if name != "drop-repeats"))
    cleaned = pipeline(movie)
    for (index, field), changes in groupby(sorted(cleaned.changes, key=text_of), text_of):
        old, new = (
            getattr(each if index < 0 else each.reviews[index], field)
            for each in (movie, cleaned.value)
        )
        text, spans = _diff._replay(old, changes)
        assert text == new
        rebuilt, last = "", 0
        for span in spans:
            assert last <= span.start <= span.end <= len(old)
            rebuilt += old[last : span.start] + new[span.new_start : span.new_end]
            last = span.end
        assert rebuilt + old[last:] == new


@given(movie=cleaning_inputs.movies)
def test_every_line_is_one_line_of_a_known_kind(movie: rc.Movie) -> None:
    for line in shown(movie):
        assert line.isprintable()
        assert re.match(r"--- boats\.xml: |@@ \w+ at \d+: [a-z, -]+ @@$|[-+]", line)


# ---- the command ------------------------------------------------------------------------


@pytest.fixture
def folder(working_folder: Path) -> Path:
    """A working folder with a movie in two files."""
    Path("corpus").mkdir()
    review = rc.Review(username="ann", full_review="We met in a cafÃ© by the sea.")
    boats = rc.Movie(title="Salt &amp; light", link=LINK, reviews=[review, review])
    rc.dump(boats, "corpus/a.xml")
    rc.dump(rc.Movie(title="Salt & light", link=LINK, reviews=[review]), "corpus/b.xml")
    return working_folder


def invoke(*arguments: str, **options: object) -> Result:
    return CliRunner().invoke(cli, ["clean", *arguments], prog_name="reviewcorpus", **options)  # type: ignore[arg-type]


def names_in(path: str) -> list[str]:
    return sorted(os.listdir(path))


DIFF = """\
--- corpus/a.xml: movies[0] of Salt &amp; light
@@ title at 5: unescape-again @@
- Salt &amp; light
+ Salt & light
--- corpus/a.xml: movies[0].reviews[0] of Salt &amp; light
@@ full_review at 12: fix-mojibake @@
- We met in a cafÃ© by the sea.
+ We met in a café by the sea.
--- corpus/a.xml: movies[0].reviews[1]: drop-repeats: 'We met in a café by the sea.' -> nothing \
(the same user, date and text; reviews[0] is kept)
--- corpus/b.xml: movies[0].reviews[0] of Salt & light
@@ full_review at 12: fix-mojibake @@
- We met in a cafÃ© by the sea.
+ We met in a café by the sea.
"""


def test_the_diff_alone_writes_nothing(folder: Path) -> None:
    result = invoke("corpus", "--diff")
    assert (result.exit_code, result.stdout) == (0, DIFF)
    assert result.stderr.endswith("reviewcorpus: would write 2 movies\n")
    assert names_in(str(folder)) == ["corpus"]
    assert invoke("corpus", "--diff", "--dry-run", "-o", "clean").stdout == DIFF
    assert names_in(str(folder)) == ["corpus"]


@pytest.mark.usefixtures("folder")
def test_the_diff_of_what_is_written_has_its_report_beside_it() -> None:
    result = invoke("corpus", "-o", "clean", "--diff")
    assert (result.exit_code, result.stdout) == (0, DIFF)
    assert names_in(".") == ["clean", "clean.changes.jsonl", "corpus"]
    assert len(Path("clean.changes.jsonl").read_text(encoding="utf-8").splitlines()) == 5


@pytest.mark.usefixtures("folder")
def test_the_diff_and_the_report_may_be_all_that_is_written() -> None:
    assert invoke("corpus", "--diff", "--report", "changes.jsonl").stdout == DIFF
    assert names_in(".") == ["changes.jsonl", "corpus"]


@pytest.mark.usefixtures("folder")
def test_records_that_become_one_and_what_they_disagree_on_are_a_line_each() -> None:
    lines = invoke("corpus", "--diff", "--with", "merge-movies").stdout.splitlines()
    why = "one of 2 records of tt9000001, which become one"
    merged = [line for line in lines if "merge-movies" in line]
    assert merged[:2] == [
        f"--- corpus/a.xml: movies[0]: merge-movies: 'Salt &amp; light' -> nothing ({why})",
        f"--- corpus/b.xml: movies[0]: merge-movies: 'Salt & light' -> nothing ({why})",
    ]
    assert [line.split(":")[1] for line in merged[2:]] == [
        " movies[0].reviews[1]",
        " movies[0].reviews[0]",
    ]


@pytest.mark.parametrize("places", [["-o", "-"], ["--report", "-"], ["-o", "x", "--report", "-"]])
def test_the_diff_goes_nowhere_else_than_the_movies_and_the_report(
    folder: Path, places: list[str]
) -> None:
    result = invoke("corpus", "--diff", *places)
    assert result.exit_code == 2
    assert "the movies, the report and the diff cannot go to the same place" in result.output
    assert names_in(str(folder)) == ["corpus"]


@pytest.mark.usefixtures("folder")
def test_standard_input_is_shown_too() -> None:
    data = Path("corpus/a.xml").read_bytes()
    result = invoke("-", "--diff", input=data)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].endswith(": movies[0] of Salt &amp; light")


@pytest.mark.usefixtures("folder")
def test_what_reading_did_is_in_the_report_and_not_in_the_diff() -> None:
    text = (
        Path("corpus/b.xml").read_text(encoding="utf-8").replace("</title>", "</title>lost words")
    )
    Path("corpus/b.xml").write_text(text, encoding="utf-8")
    result = invoke("corpus", "--diff", "--report", "changes.jsonl")
    assert result.stdout == DIFF
    assert "reviewcorpus: errors and warnings while reading: 1\n" in result.stderr
    assert "lost words" in Path("changes.jsonl").read_text(encoding="utf-8")


# ---- the characters of the report -------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_characters_of_the_report_are_themselves() -> None:
    lines = invoke("corpus", "--dry-run").stdout.splitlines()
    assert '"old": "cafÃ©", "new": "café"' in lines[1]
    assert json.loads(lines[1])["new"] == "café"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("é 七 😀 \\u00e9", "é 七 😀 \\\\u00e9"),
        ("\x7f\x9b", "\\u007f\\u009b"),  # moves the cursor
        ("\u2028\u2029\x85", "\\u2028\\u2029\\u0085"),  # a line to some readers
        ("\u202e\u200f\ufeff", "\\u202e\\u200f\\ufeff"),  # nobody sees it
        ("\xa0\xad", "\\u00a0\\u00ad"),
        ("\U000e0041", "\\udb40\\udc41"),
        ('"\\\t', '\\"\\\\\\t'),
        ("##[error]##", "#\\u0023[error]#\\u0023"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_only_what_is_not_safe_is_escaped(text: str, escaped: str) -> None:
    review = rc.Review(username="ann", full_review=f"A film: {text}")
    rc.dump(rc.Movie(reviews=[review, review]), "t.xml")
    (line,) = invoke("t.xml", "--dry-run").stdout_bytes.decode().splitlines()
    assert line.isprintable()
    assert f'"old": "A film: {escaped}"' in line
    assert json.loads(line)["old"] == f"A film: {text}"


@pytest.mark.usefixtures("folder")
def test_halves_of_pairs_in_a_name_are_text() -> None:
    name = os.fsdecode(b"\xff\xf0\x9f\x98.xml")
    try:
        Path(name).write_bytes(Path("corpus/a.xml").read_bytes())
    except OSError as error:
        pytest.skip(f"this file system refuses the name: {error}")
    for line in invoke(name, "--dry-run").stdout_bytes.decode().splitlines():
        assert json.loads(line)["source"] == r"\udcff\udcf0\udc9f\udc98.xml"


# ---- the terminal -----------------------------------------------------------------------


class Terminal(io.TextIOWrapper):
    """A standard output that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("no_color", ["", "1"])
@pytest.mark.usefixtures("folder")
def test_only_a_terminal_gets_colors_and_only_if_it_wants_them(
    monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    screen = io.BytesIO()
    monkeypatch.setattr("sys.stdout", Terminal(screen, encoding="utf-8"))
    cli.main(["clean", "corpus", "--diff"], prog_name="reviewcorpus", standalone_mode=False)
    shown = screen.getvalue().decode()
    assert re.sub(r"\x1b\[[\d?;]*[A-Za-z]", "", shown).endswith(DIFF)  # no bar comes in between
    assert ("\x1b[31m- Salt &amp; light\x1b[0m\n" in shown) is not bool(no_color)
    assert ("\x1b[36m@@ title at 5: unescape-again @@\x1b[0m\n" in shown) is not bool(no_color)
