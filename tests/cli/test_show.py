"""`reviewcorpus show`: records as people read them, each with its defects below it."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from format_samples import FOLDERS, SAMPLES
from hostile_input import most_memory, processor_time
from reviewcorpus._checks import visible
from reviewcorpus.cli import _show, cli

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

MOVIE = rc.Movie(
    title="Paper Boats",
    link="http://www.imdb.com/title/tt9000001/",
    year=2007,
    general_score=0.74,
    reviews=[
        rc.Review(datetime.date(2008, 5, 1), "ann", 0.72, "It floats", "A boat.\nA pond."),
        rc.Review(extra={"helpful": "3 of 4"}),
    ],
)


def show(*arguments: str, **options: Any) -> Result:
    return CliRunner().invoke(cli, ["show", *arguments], prog_name="reviewcorpus", **options)


def lines_of(*arguments: str) -> list[str]:
    result = show(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


@pytest.fixture
def folder(working_folder: Path) -> Path:
    rc.dump(MOVIE, "a.xml")
    return working_folder


# ---- what is shown ----------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_a_movie_has_a_header_and_its_reviews_and_what_is_missing() -> None:
    assert lines_of("a.xml") == [
        "Paper Boats (2007)",
        "a.xml | tt9000001 | score 0.74 | 2 reviews",
        "",
        "  2008-05-01 | ann | score 0.72 (7 stars)",
        "  It floats",
        "    A boat. A pond.",
        "",
        "  no date | no user | no score",
        "  no headline",
        "    no body",
        "  helpful: 3 of 4",
        "  20:3: info: unknown element <helpful>; kept in extra [unknown-element]",
        "",
    ]


def test_a_movie_without_anything_says_so(folder: Path) -> None:
    rc.dump(
        rc.Movie(title="", link="http://example.org/x", reviews=[rc.Review(score=0.0)]), "b.xml"
    )
    first, second, _, review, *_ = lines_of("b.xml")
    assert first == "empty title (no year)"
    assert second == "b.xml | http://example.org/x | no score | 1 review"
    assert review == "  no date | no user | score 0"
    assert folder.exists()


def test_defects_are_below_their_record_with_place_severity_message_and_action(
    folder: Path,
) -> None:
    text = rc.dumps(MOVIE).replace("Paper", "Tick &").replace("0.72", "seven")
    (folder / "a.xml").write_text(text)
    lines = lines_of("a.xml")
    kinds = [match[1] for match in map(re.compile(r".*\[([a-z-]+)\]$").match, lines) if match]
    assert kinds == ["bare-ampersand", "invalid-score", "unknown-element"]
    assert lines[2] == "2:14: info: '&' is not a reference; read as written [bare-ampersand]"
    score = "'seven' is not a score from 0 to 1; read as None [invalid-score]"
    assert f"  9:10: error: {score}" in lines[lines.index("    A boat. A pond.") :][:2]


def test_what_the_reader_did_is_said_once() -> None:
    lines = " ".join(lines_of("-n0", str(SAMPLES / "damaged"))).split()
    text = " ".join(lines)
    assert "; the field was read as windows-1252 [undecodable-bytes]" in text
    for defect in rc.Corpus(SAMPLES / "damaged").defects():
        assert f"; {defect.action}; {defect.action} [" not in text


def test_a_long_line_about_a_defect_is_wrapped_between_words(folder: Path) -> None:
    (folder / "a.xml").write_text("<movie><title>Reel</title><Review class='a'></Review></movie>")
    lines = lines_of("a.xml")
    start = next(i for i, line in enumerate(lines) if "an attribute in <Review>" in line)
    assert lines[start].startswith("  1:35: info: ")
    assert lines[start + 1] == "    dropped [unexpected-attribute]"


@pytest.mark.parametrize("name", FOLDERS)
def test_every_format_is_shown_with_all_its_defects(name: str) -> None:
    folder = str(FOLDERS[name])
    found = [defect.kind.value for defect in rc.Corpus(folder).defects()]
    shown = re.findall(r"\[([a-z-]+)\]$", "\n".join(lines_of("-n0", folder)), re.MULTILINE)
    assert sorted(shown) == sorted(found)
    count = sum(len(movie.reviews) for movie in rc.iter_movies(folder))
    text = "\n".join(lines_of("-n0", "--full", folder))
    assert len(re.findall(r"^  .* \| .* \| (?:no )?score", text, re.MULTILINE)) == count


def test_a_defect_outside_of_records_has_its_place_and_name(folder: Path) -> None:
    (folder / "prose.txt").write_text("No movie.")
    (line, empty) = lines_of("prose.txt")
    assert line.startswith("prose.txt:1:1: error: no <movie> element found")
    assert empty == ""


# ---- how much ---------------------------------------------------------------------------


def many(*counts: int) -> list[rc.Movie]:
    return [
        rc.Movie(title=f"Reel {number}", year=1999, reviews=[rc.Review(score=0.5)] * count)
        for number, count in enumerate(counts)
    ]


@pytest.mark.parametrize(
    ("counts", "options", "shown", "last"),
    [
        ((5,), [], (1, 5), ""),
        ((3, 2), [], (2, 5), ""),
        ((6,), [], (1, 5), "... 1 more review of this movie; -n 0 shows all"),
        ((3, 4, 1), [], (2, 5), "... 2 more reviews of this movie; -n 0 shows all"),
        ((5, 1), [], (1, 5), "... there is more; -n 0 shows all"),
        ((0, 0, 0, 0, 0, 0), [], (5, 0), "... there is more; -n 0 shows all"),
        ((0, 7), ["-n", "2"], (2, 1), "... 6 more reviews of this movie; -n 0 shows all"),
        ((4, 9, 0, 1), ["-n", "0"], (4, 14), ""),
        ((4,), ["-n", "1"], (1, 1), "... 3 more reviews of this movie; -n 0 shows all"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_so_many_reviews_in_all_are_shown_and_the_last_line_tells_that_there_are_more(
    counts: tuple[int, ...], options: list[str], shown: tuple[int, int], last: str
) -> None:
    rc.dump(many(*counts), "many.xml")
    lines = lines_of("many.xml", *options)
    titles = [line for line in lines if line.startswith("Reel ")]
    reviews = [line for line in lines if "score 0.5" in line]
    assert (len(titles), len(reviews)) == shown
    assert lines[-1] == last


def test_defects_of_reviews_that_are_not_shown_are_counted(folder: Path) -> None:
    text = rc.dumps(many(4)).replace("0.5", "five")
    (folder / "a.xml").write_text(text)
    lines = lines_of("-n", "1", "a.xml")
    assert lines[-1] == "... 3 more reviews of this movie, with 3 defects; -n 0 shows all"


def test_reading_stops_once_enough_was_shown(folder: Path) -> None:
    rc.dump(many(1, 1), "a.xml")
    (folder / "b.xml").write_text("<movie><title>" + "x" * (17 << 20))  # past the limit of a field
    assert show("a.xml", "b.xml", "missing.xml", "-n", "1").exit_code == 0
    result = show("a.xml", "b.xml", "missing.xml")
    assert result.exit_code == 2
    assert result.stderr.count("not read: ") == 2


def test_a_long_body_is_shortened_and_whole_with_full(folder: Path) -> None:
    body = "\n".join(["A pond and a boat. " * 40, "The end."])
    rc.dump(rc.Movie(title="Reel", reviews=[rc.Review(full_review=body)]), "a.xml")
    body_of = re.compile("^    (.*)", re.MULTILINE)
    short = body_of.findall("\n".join(lines_of("a.xml")))
    whole = body_of.findall("\n".join(lines_of("a.xml", "--full")))
    assert len(short) == 4
    assert short[-1].endswith(" ...")
    assert " ".join(whole) == " ".join(body.split())
    assert whole[-1] == "The end."
    assert all(len(line) <= 76 for line in [*short, *whole])
    assert folder.exists()


def test_many_defects_and_elements_of_one_record_are_cut_off(folder: Path) -> None:
    elements = "".join(f"<x{number}>y</x{number}>" for number in range(12))
    (folder / "a.xml").write_text(f"<movie><title>{'& ' * 20}</title>{elements}</movie>")
    lines = lines_of("a.xml")
    assert "... 4 more elements; --full shows all" in lines
    count = sum(1 for _ in rc.Corpus("a.xml").defects())
    assert f"... {count - 8} more defects; --full shows all" in lines
    whole = lines_of("--full", "a.xml")
    assert sum(line.endswith("]") for line in whole) == count
    assert not any(line.startswith("...") for line in whole)


@pytest.mark.parametrize("columns", [20, 60, 80, 300])
def test_lines_fit_the_terminal(
    folder: Path, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    rc.dump(rc.Movie(title="word " * 90, reviews=[rc.Review(full_review="word " * 900)]), "a.xml")
    width = max(len(line) for line in lines_of("a.xml") if "word" in line)
    assert width <= min(max(columns, _show._NARROWEST), _show._WIDEST) < width + 10
    assert folder.exists()


@pytest.mark.usefixtures("folder")
def test_a_huge_text_is_cut_before_it_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def measure(text: str) -> str:
        lengths.append(len(text))
        return visible(text)

    monkeypatch.setattr(_show, "visible", measure)
    text = "word " * 100_000
    review = rc.Review(None, text, None, text, text, extra={"x": text})
    rc.dump(rc.Movie(title=text, reviews=[review]), "a.xml")
    assert len(lines_of("a.xml")) < 40
    assert max(lengths) < 1000


# ---- what does harm ---------------------------------------------------------------------


@pytest.mark.parametrize("options", [[], ["--full"]])
@pytest.mark.parametrize(
    "text",
    ["\x1b[31m", "\u202eabc", "\u009bm", "a\r\n::error::b", "##[error]c", "\u2066x"],
    ids=ascii,
)
def test_nothing_in_a_record_reaches_the_terminal_as_it_is(
    folder: Path, text: str, options: list[str]
) -> None:
    written = text.replace("\x1b", "&#27;").replace("\r", "&#13;")
    fields = "date username score shortDescription fullReview extra".split()
    review = "".join(f"<{name}>{written}</{name}>" for name in fields)
    (folder / "a.xml").write_text(
        f"<movie><title>{written}</title><link>{written}</link><x>{written}</x>{written}"
        f"<review>{review}</review></movie>",
        encoding="utf-8",
    )
    lines = lines_of("a.xml", *options)
    assert "".join(lines).isprintable()
    assert not [line for line in lines if re.match(r"\s*::\w", line) or "##[" in line]


@pytest.mark.usefixtures("folder")
def test_colors_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = show("a.xml").stdout
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    colored = show("a.xml", color=True).stdout
    assert "\x1b[36minfo: \x1b[0m" in colored
    assert "\x1b[1mPaper Boats (2007)\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_standard_input_and_nothing_to_read(folder: Path) -> None:
    result = show("-", input=(folder / "a.xml").read_bytes())
    assert result.stdout.startswith("Paper Boats (2007)\n<stream> | ")
    assert show("missing.xml").exit_code == 2
    assert show("missing.xml").stdout == ""


def test_only_the_defects_that_are_shown_are_held(working_folder: Path) -> None:
    stray = "<movie><title>T</title>" + "x<a/>" * 20_000 + "</movie>"
    (working_folder / "a.xml").write_text(stray)
    assert most_memory(lambda: show("a.xml")) < 4 << 20
    assert "more defects; --full shows all" in show("a.xml").stdout


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["x", "\u202e", "word "])
def test_a_long_text_is_shown_in_linear_time(working_folder: Path, unit: str) -> None:
    def seconds(count: int) -> float:
        rc.dump(rc.Movie(reviews=[rc.Review(full_review=unit * count)]), "a.xml")
        return processor_time(lambda: show("--full", "a.xml"))

    seconds(1000)
    small, large = (min(seconds(count) for _ in range(3)) for count in (100_000, 800_000))
    assert large < 8 * 3 * small
