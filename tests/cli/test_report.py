"""`reviewcorpus report`: the page, what stays out of it, and how a browser shows it."""

from __future__ import annotations

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import reviewcorpus as rc
from reviewcorpus.cli import _report, cli
from reviewcorpus.cli._output import Output
from reviewcorpus.cli._report import page_of
from reviewcorpus.cli._shared import Reading
from reviewcorpus.cli._stats import count_all
from reviewcorpus.parser._options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

EXAMPLES = Path(__file__).parents[2] / "src" / "reviewcorpus" / "samples"
SCRIPT = '<script>document.title="ran"</script>'
HOSTILE = f"""<movie><title>{SCRIPT} & "' onload='x' <img src=x onerror="alert(1)"></title>
<year>"><script></year><foo onclick="x">y</foo> {SCRIPT} words <review>
<score>seven"><style>*{{display:none}}</style></score><username>{SCRIPT} & </username>
<fullReview>&bogus; {{{{ 7919 * 7 }}}} {{% raw %}} <link rel=stylesheet href=x> \u202e& \u05d0
</fullReview></review></movie>
"""
HOSTILE_NAME = "'\"><script>document.title='ran'<\u202e{{ 7919 * 7 }}&lt;.xml"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --hide-scrollbars --virtual-time-budget=2000"
    " --proxy-bypass-list=<-loopback>".split()
)
# What the browser asks for by itself, whatever page it shows.
OF_BROWSER = re.compile(r"(https?://)?[\w.-]+\.(google|googleapis|gstatic|gvt1)\.com[:/]")


def invoke(*arguments: str, data: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["report", *arguments], input=data, prog_name="reviewcorpus")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the examples, and a file that tries to get into the page."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    (tmp_path / "hostile").mkdir()
    (tmp_path / "hostile" / HOSTILE_NAME).write_text(HOSTILE, encoding="utf-8")
    return tmp_path


def written(*arguments: str, status: int = 0) -> str:
    """Return the page of sources, and check the exit status."""
    result = invoke(*arguments, "-o", "report.html", "--force")
    assert result.exit_code == status, result.output
    return Path("report.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """Takes note of elements, attributes, and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.open: list[str] = []
        self.text = ""
        self.style = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag != "meta":  # which has no end
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.text += data


# ---- the page ---------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_the_page_holds_what_was_counted() -> None:
    written_page = written("--validate", "clean", "worn")
    summary = rc.Corpus("clean", "worn").summary()
    counts = {"Movies": summary.movies, "Reviews": summary.reviews, "Files": summary.files}
    for name, count in counts.items():
        assert f"<dt>{name}</dt><dd>{count}</dd>" in written_page
    elements = Elements(written_page)
    assert elements.open == []
    text = re.sub(r"\s+", " ", elements.text)
    assert "R207" in text
    assert "worn/first-crawl.xml:6: movies[0].reviews[0].short_description" in text
    assert "UTF-8 was read as Windows-1252: 'cafÃ©'" in text
    assert elements.found["svg"] == 5
    assert "Read by reviewcorpus" in text


@pytest.mark.usefixtures("folder")
def test_defects_have_places_and_what_stood_there() -> None:
    text = Elements(written("damaged")).text
    for defect in rc.Corpus("damaged/broken-tags.xml").defects():
        assert str(defect.kind) in text
    assert "damaged/bare-ampersands.xml:2:14" in text
    assert "and 3 more" in text
    assert "The records were not checked by rules" in text


def test_a_corpus_without_anything_has_a_page_too(folder: Path) -> None:
    (folder / "empty.xml").write_text("<movie></movie>")
    text = Elements(written("empty.xml", "--rules", "C301")).text
    assert text.count("There are no values.") == 1  # lengths
    assert text.count("There are no problems.") == 1
    assert "missing-element" in text
    (folder / "whole.xml").write_text(rc.dumps(rc.Movie(title="a", reviews=[rc.Review()])))
    text = Elements(written("whole.xml")).text
    assert text.count("There are no values.") == 1  # lengths
    assert text.count("There are no defects.") == 1


@pytest.mark.usefixtures("folder")
def test_the_page_is_the_same_each_time() -> None:
    first = written("--validate", ".")
    assert written("--validate", ".") == first


@pytest.mark.usefixtures("folder")
def test_headings_captions_and_titles_are_there() -> None:
    text = written("--validate", ".")
    elements = Elements(text)
    assert elements.found["h1"] == 1
    assert elements.found["table"] == elements.found["caption"] == 7
    ids = [value for _, name, value in elements.attributes if name == "id"]
    labels = [value for _, name, value in elements.attributes if name == "aria-labelledby"]
    assert sorted(map(str, ids)) == sorted(map(str, labels))
    assert len(set(ids)) == 5
    assert '<html lang="en">' in text
    scopes = {value for tag, name, value in elements.attributes if (tag, name) == ("th", "scope")}
    assert scopes == {"row", "col"}


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours as the guidelines for accessible pages define it."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted([luminance(first), luminance(second)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.usefixtures("folder")
def test_texts_and_bars_stand_out() -> None:
    style = Elements(written("clean")).style
    themes = re.findall(r"(--back:.*?)\}", style, re.DOTALL)
    assert len(themes) == 3  # light, dark, print
    for theme in themes:
        colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", theme))
        for back in (colours["back"], colours["card"]):
            for name in ("text", "soft", "error", "warning", "info"):
                assert contrast(colours[name], back) >= 4.5, name
        assert contrast(colours["bar"], colours["back"]) >= 3


@pytest.mark.usefixtures("folder")
def test_long_lists_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_report, "_MOST_NAMES", 2)
    paths = ["clean", "worn", "nowhere1", "nowhere2", "nowhere3"]
    text = re.sub(r"\s+", " ", Elements(written(*paths, status=2)).text)
    assert "from clean, worn and 3 more" in text
    assert "nowhere2" in text
    assert "nowhere3" not in text
    assert "and 1 more Scores" in text


@pytest.mark.usefixtures("folder")
def test_many_names_are_counted_exactly() -> None:
    reviews = [rc.Review(username=f"user {number % 1200}") for number in range(1_500)]
    rc.dump(rc.Movie(title="Paper Boats", reviews=reviews), "many.xml")
    assert "<dt>User names</dt><dd>1,200</dd>" in written("many.xml")


@pytest.mark.usefixtures("folder")
def test_labels_are_left_out_where_they_would_not_fit() -> None:
    def classes(text: str, title: str) -> list[str]:
        figure = text.partition(f"<h2>{title}</h2>")[2].partition("</svg>")[0]
        return re.findall(r'<text class="(label|more)"', figure)

    years = [1, *range(1880, 2040), 3000]
    rc.dump([rc.Movie(title="x", year=year) for year in years], "years.xml")
    many = classes(written("years.xml"), "Years of the movies")
    assert len(many) == 10
    assert many.count("label") == 5
    assert many[-1] == "label"
    rc.dump([rc.Movie(title="x", year=year) for year in range(1999, 2008)], "few.xml")
    few = classes(written("few.xml"), "Years of the movies")
    assert len(few) == 10
    assert few.count("label") == 5
    assert set(classes(written("clean"), "Scores of the reviews")) == {"label"}


# ---- what stays out of it ---------------------------------------------------------------


def check_harmless(text: str) -> Elements:
    """Look for anything that a text could have put into a page."""
    elements = Elements(text)
    assert elements.open == []
    assert set(elements.found) <= set(
        "html head meta title style body main h1 h2 h3 p code bdi dl dt dd div span ul li table"
        " caption thead tbody tr th td svg g rect line text".split()
    )
    assert {name for _, name, _ in elements.attributes} <= set(
        "lang charset http-equiv content name class role aria-labelledby id width height x y dy"
        " x1 x2 y1 y2 transform scope".split()
    )
    # No attribute holds a text of the corpus.
    values = {str(value) for _, name, value in elements.attributes if name != "content"}
    assert [value for value in values if not re.fullmatch(r"[-\w .%()]*", value)] == []
    return elements


@pytest.mark.usefixtures("folder")
def test_texts_of_a_corpus_stay_texts() -> None:
    text = written("--rules", "all", "hostile", HOSTILE_NAME, status=2)
    elements = check_harmless(text)
    assert "<script>" in elements.text
    assert "{{ 7919 * 7 }}" in elements.text
    assert "55433" not in elements.text
    assert (
        "hostile/'\"><script>document.title='ran'<\\u202e{{ 7919 * 7 }}&lt;.xml:1:" in elements.text
    )
    assert "\u202e" not in text
    assert elements.style.count("{") == Elements(written("clean")).style.count("{")


@cache
def counted() -> dict[str, Any]:
    paths = (str(EXAMPLES / "damaged"),)
    with Output(paths) as output:
        return count_all(Reading(paths, Options(), output))


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_whatever_is_in_names_and_texts_the_page_is_whole(path: str, raw: str, error: str) -> None:
    found = counted()["defects"][0]
    example = {**found["examples"][0], "source": path, "raw": raw, "message": raw}
    defects = [{**found, "examples": [example], "name": raw}]
    text = page_of([path], {**counted(), "defects": defects, "not_read": [error]})
    text.encode()
    check_harmless(text)


@pytest.mark.usefixtures("folder")
def test_nothing_but_inline_style_is_allowed() -> None:
    text = written("hostile")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy
    directives = dict(part.split(" ", 1) for part in policy[1].split("; "))
    assert directives == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert text.index("Content-Security-Policy") < text.index("<style>")
    style = Elements(text).style
    assert "url(" not in style
    assert "@import" not in style


# ---- the command ------------------------------------------------------------------------


def test_nothing_is_replaced_without_force(folder: Path) -> None:
    (folder / "report.html").write_text("mine")
    result = invoke("clean", "-o", "report.html")
    assert result.exit_code == 2
    assert "'report.html' already exists; use --force to replace it" in result.output
    assert (folder / "report.html").read_text() == "mine"
    assert invoke("clean", "-o", "report.html", "--force").exit_code == 0
    assert (folder / "report.html").read_text() != "mine"


@pytest.mark.parametrize("target", ["report.pdf", "report.xml", "Report.Json"])
def test_a_page_ends_in_html(folder: Path, target: str) -> None:
    result = invoke("clean", "-o", target)
    assert result.exit_code == 2
    assert "the page is HTML: name a file that ends in .html, not in" in " ".join(
        result.output.split()
    )
    assert not (folder / target).exists()


@pytest.mark.parametrize("target", ["clean/paper-boats.xml", "clean/new.xml", "clean"])
@pytest.mark.parametrize("sources", [["clean"], ["clean/paper-boats.xml", "clean"]])
def test_a_source_is_never_replaced(folder: Path, target: str, sources: list[str]) -> None:
    before = sorted(folder.rglob("*"))
    result = invoke(*sources, "-o", target, "--force")
    assert result.exit_code == 2
    assert "overlap; choose a place outside of it" in result.output
    assert sorted(folder.rglob("*")) == before


def test_a_source_that_is_called_a_page_is_not_replaced_either(folder: Path) -> None:
    shutil.copy("clean/paper-boats.xml", "movie.html")
    (folder / "link.html").symlink_to("clean/paper-boats.xml")
    for target, source in [("movie.html", "movie.html"), ("link.html", "clean")]:
        result = invoke(source, "-o", target, "--force")
        assert result.exit_code == 2
        assert "overlap" in result.output


def test_a_page_may_stand_beside_what_it_shows(folder: Path) -> None:
    first = invoke(".", "-o", "report.html")
    assert first.exit_code == 0
    before = (folder / "report.html").read_bytes()
    assert invoke(".", "-o", "report.html", "--force").exit_code == 0
    assert (folder / "report.html").read_bytes() == before  # it is not a source


def test_what_cannot_be_read_is_told_on_the_page(folder: Path) -> None:
    result = invoke("clean", "nowhere.xml", "-o", "report.html")
    assert result.exit_code == 2
    assert ": No such file or directory" in result.output
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "<h2>Not read</h2>" in text
    assert "nowhere.xml" in Elements(text).text


@pytest.mark.parametrize("source", ["nowhere.xml", "empty"])
def test_of_nothing_no_page_is_written(folder: Path, source: str) -> None:
    (folder / "empty").mkdir()
    result = invoke(source, "-o", "report.html")
    assert result.exit_code == 2
    assert "nothing was written" in result.output
    assert not (folder / "report.html").exists()


def test_a_page_that_cannot_be_written_is_a_line_and_leaves_nothing(folder: Path) -> None:
    result = invoke("clean", "-o", "nowhere/report.html")
    assert result.exit_code == 2
    assert "No such file or directory" in result.output
    assert not (folder / "nowhere").exists()


@pytest.mark.usefixtures("folder")
def test_a_dash_reads_and_writes_standard_streams() -> None:
    result = invoke("-", "-o", "-", data=Path("clean/paper-boats.xml").read_bytes())
    assert result.exit_code == 0
    assert result.stdout.startswith("<!DOCTYPE html>\n")
    assert result.stdout.endswith("</html>\n")


@pytest.mark.usefixtures("folder")
def test_closed_standard_output_is_told_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(click.UsageError, match="standard output is closed"):
        cli.main(["report", "clean", "-o", "-"], standalone_mode=False)


@pytest.mark.usefixtures("folder")
def test_a_target_is_needed_and_rules_must_be_there() -> None:
    assert "Missing option '-o'" in invoke("clean").output
    result = invoke("clean", "-o", "report.html", "--rules", "X1")
    assert result.exit_code == 2
    assert "there is no rule 'X1'" in result.output


def test_help_has_examples_and_the_exit_status() -> None:
    output = invoke("--help").output
    assert "\n    reviewcorpus report corpus/ -o report.html\n" in output
    assert "Exit status: 0" in output


@pytest.mark.parametrize("package", ["jinja2", "markupsafe"])
@pytest.mark.usefixtures("folder")
def test_a_missing_package_is_told_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "jinja2"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    result = invoke("clean", "-o", "report.html")
    assert result.exit_code == 2
    assert f"the page needs {package}" in result.output
    assert "pip install 'reviewcorpus[report]'" in result.output
    assert not Path("report.html").exists()


def test_only_the_report_needs_what_makes_it() -> None:
    code = "import reviewcorpus.cli, sys; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "False\n"


# ---- the browser ------------------------------------------------------------------------


@contextmanager
def proxy() -> Iterator[tuple[int, list[str]]]:
    """Stand between a browser and everything; give the port, and what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_CONNECT = do_POST = do_HEAD = do_GET  # noqa: N815 names that the base class looks for

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def browse(folder: Path, file: Path, *flags: str) -> tuple[str, list[str]]:
    """Open a file in a browser without a window and without a past.

    Gives the document as it has become, where the flags ask for it, and what was asked for over
    the network, where nothing gets out.
    """
    assert CHROMIUM is not None
    with proxy() as (port, asked), tempfile.TemporaryDirectory() as profile:
        own = [f"--user-data-dir={profile}", f"--proxy-server=127.0.0.1:{port}"]
        done = subprocess.run(
            [CHROMIUM, *FLAGS, *own, *flags, file.as_uri()],
            env={**os.environ, "HOME": str(folder)},
            capture_output=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(), [url for url in asked if not OF_BROWSER.match(url)]


needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium on this machine (Debian's package: chromium)"
)
BEACON = "http://movies.example.org/seen"


@pytest.mark.slow
@needs_chromium
def test_a_browser_shows_the_page_runs_nothing_and_asks_for_nothing(folder: Path) -> None:
    beacon = f'<img src="{BEACON}"><script src="{BEACON}">'
    (folder / "hostile" / "beacon.xml").write_text(
        f"<movie><title>{beacon} & {SCRIPT}</title>{beacon}</movie>"
    )
    written("--rules", "all", ".")
    shown, asked = browse(folder, folder / "report.html", "--dump-dom")
    assert asked == []
    elements = check_harmless(shown)
    assert "<title>Review corpus in numbers</title>" in shown
    assert elements.found["svg"] == 5
    assert BEACON in elements.text


@pytest.mark.slow
@needs_chromium
def test_the_policy_holds_even_if_something_gets_into_the_page(folder: Path) -> None:
    text = written("clean").replace("</main>", f'{SCRIPT}<img src="{BEACON}"></main>')
    (folder / "changed.html").write_text(text)
    shown, asked = browse(folder, folder / "changed.html", "--dump-dom")
    assert asked == []
    assert "<title>ran</title>" not in shown


@pytest.mark.slow
@needs_chromium
def test_the_probe_sees_scripts_and_requests(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(f'<title>quiet</title>{SCRIPT}<img src="{BEACON}">')
    shown, asked = browse(tmp_path, file, "--dump-dom")
    assert asked == [BEACON]
    assert "<title>ran</title>" in shown


# Windows have a least width; frames have none. What is in one reports how wide it has become, the
# least space between two labels, and its colour.
FRAME = """<!DOCTYPE html><meta name="color-scheme" content="light dark">
<script>onmessage = event => { document.title = event.data }</script>
<iframe src="measured.html" width="WIDTH" height="900" style="border: 0"></iframe>"""
MEASURE = """<script>
const gaps = [...document.querySelectorAll("svg")].flatMap(svg => {
    const boxes = [...svg.querySelectorAll("text:not(.share)")]
        .map(text => text.getBoundingClientRect()).filter(box => box.width)
    return boxes.slice(1).map((box, index) => box.left - boxes[index].right)
})
parent.postMessage(JSON.stringify({
    width: innerWidth, needed: document.documentElement.scrollWidth, gap: Math.min(...gaps),
    back: getComputedStyle(document.body).backgroundColor,
}), "*")
</script></body>"""


@pytest.mark.slow
@needs_chromium
@pytest.mark.parametrize("width", [1280, 700, 400])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_page_fits_the_window(folder: Path, width: int, theme: str) -> None:
    years = [1, *range(1880, 2040, 7), 3000]
    rc.dump([rc.Movie(title="x", year=year) for year in years], "hostile/years.xml")
    text = written("--rules", "all", ".")
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    (folder / "measured.html").write_text(text.replace("</body>", MEASURE))
    (folder / "frame.html").write_text(FRAME.replace("WIDTH", str(width)))
    scheme = f"--blink-settings=preferredColorScheme={('dark', 'light').index(theme)}"
    shown, _ = browse(folder, folder / "frame.html", scheme, "--dump-dom")
    found = json.loads(re.findall(r"<title>(\{.*?\})</title>", shown)[0])
    assert found["width"] == width
    assert found["needed"] <= width
    assert found["gap"] > 0  # no label touches the next
    assert found["back"] == ("rgb(20, 24, 29)" if theme == "dark" else "rgb(255, 255, 255)")


@pytest.mark.slow
@needs_chromium
@pytest.mark.parametrize("width", [1280, 400])
def test_a_picture_can_be_taken(folder: Path, width: int) -> None:
    written("--rules", "all", ".")
    picture = folder / "page.png"
    flags = [f"--window-size={width},900", f"--screenshot={picture}"]
    browse(folder, folder / "report.html", *flags)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert struct.unpack(">II", picture.read_bytes()[16:24]) == (width, 900)
