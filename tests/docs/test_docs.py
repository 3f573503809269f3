"""The pages agree with the library: examples are run, and every name has its entry."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click import Choice
from click.testing import CliRunner
from sybil.example import SybilFailure

import reviewcorpus as rc
from format_samples import CLEAN, FOLDERS
from reviewcorpus._rows import DEFECT_COLUMNS, MOVIE_COLUMNS, REVIEW_COLUMNS
from reviewcorpus.cleaning import STEPS
from reviewcorpus.cli import cli
from reviewcorpus.formats import MOVIE, known
from reviewcorpus.validation import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SAMPLES = ROOT / "src" / "reviewcorpus" / "samples"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def read_page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


# ---- examples are run; docs/conftest.py runs those of the pages ---------------------------


def run_page(text: str, path: Path) -> None:
    specification = importlib.util.spec_from_file_location("pages", DOCS / "conftest.py")
    assert specification
    assert specification.loader
    conftest: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(conftest)
    path.write_text(text, encoding="utf-8")
    document = conftest.PAGES.parse(path)
    conftest.copy_samples(document.namespace)
    try:
        for example in document.examples():
            example.evaluate()
    finally:
        conftest.leave(document.namespace)


def test_the_examples_in_readme_print_what_readme_shows(tmp_path: Path) -> None:
    run_page(README, tmp_path / "README.md")


@pytest.mark.parametrize(
    ("page", "shown", "wrong"),
    [
        ("README.md", "Saw it twice", "Saw it thrice"),
        ("rules.md", "'Mara Quill'", "'Mara Quilt'"),  # a Python block
        ("command.md", '"title": "Paper Boats"', '"title": "Paper Bats"'),  # a console block
    ],
)
def test_a_wrong_output_on_a_page_is_found(
    page: str, shown: str, wrong: str, tmp_path: Path
) -> None:
    text = README if page == "README.md" else read_page(page)
    assert text.count(shown) == 1
    run_page(text, tmp_path / page)
    with pytest.raises(SybilFailure):
        run_page(text.replace(shown, wrong), tmp_path / page)


SECTIONS = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)+)", read_page("use-from.md"), re.MULTILINE))


@pytest.mark.interop
@pytest.mark.parametrize("name", [name for name in SECTIONS if ">>>" in SECTIONS[name]])
def test_each_section_about_another_library_stands_alone(name: str, tmp_path: Path) -> None:
    section = re.sub(r"^<!---.*", "", SECTIONS[name], flags=re.MULTILINE)
    for package in re.findall(r"^>>> (?:import|from) (\w+)", section, re.MULTILINE):
        pytest.importorskip(package)
    assert "rc.Corpus(" in section
    run_page(section, tmp_path / "section.md")


@pytest.mark.interop
def test_what_a_build_runs_finds_defects_and_nothing_in_clean_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    blocks = re.findall(r"^```yaml\n(.*?)^```", read_page("fail-fast.md"), re.DOTALL | re.MULTILINE)
    workflow, upload, config = map(yaml.safe_load, blocks)
    (hook,) = config["repos"][0]["hooks"]
    (line,) = [
        step["run"]
        for step in workflow["jobs"]["check"]["steps"]
        if step.get("run", "").startswith("reviewcorpus ")
    ]
    report, _, log = upload[0]["run"].partition(" > ")
    assert log == upload[1]["with"]["sarif_file"]
    monkeypatch.chdir(tmp_path)
    statuses: list[int] = []
    levels: list[set[str]] = []
    for folder in ("clean", "damaged"):
        shutil.copytree(SAMPLES / folder, "corpus")
        files = [f"corpus/{path.name}" for path in sorted(Path("corpus").iterdir())]
        assert all(re.search(hook["files"], file) for file in files)
        for command in (line.split(), [*hook["entry"].split(), *files]):
            assert command[0] == "reviewcorpus"
            statuses.append(CliRunner().invoke(cli, command[1:]).exit_code)
        done = CliRunner().invoke(cli, report.split()[1:])
        assert done.exit_code == 0
        levels.append({each["level"] for each in json.loads(done.stdout)["runs"][0]["results"]})
        shutil.rmtree("corpus")
    assert statuses == [0, 0, 1, 1]
    assert levels == [set(), {"warning", "error"}]


def test_the_pattern_for_an_editor_finds_the_place_in_every_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (text,) = re.findall(r"^```json\n(.*?)^```", read_page("recipes.md"), re.DOTALL | re.MULTILINE)
    (task,) = json.loads(text)["tasks"]
    program, *arguments, folder = task["command"].split()
    assert (program, folder) == ("reviewcorpus", "corpus")
    pattern = task["problemMatcher"]["pattern"]
    monkeypatch.chdir(SAMPLES)
    corpus = rc.Corpus("damaged", "worn")
    found = [*corpus.defects(), *corpus.problems()]
    shown = CliRunner().invoke(cli, [*arguments, "damaged", "worn"]).stdout.splitlines()
    matches = [match for line in shown if (match := re.match(pattern["regexp"], line))]
    places = [
        (match[pattern["file"]], match[pattern["line"]], match[pattern["code"]])
        for match in matches
    ]
    assert sorted(places) == sorted(
        (each.source, str(each.line), str(getattr(each, "kind", None) or each.code))
        for each in found
    )
    assert {match[pattern["severity"]] for match in matches} == {"info", "warning", "error"}
    columns = [int(match[pattern["column"]]) for match in matches if match[pattern["column"]]]
    assert columns == [defect.column for defect in corpus.defects()]


def test_the_clean_samples_are_clean_and_the_damaged_ones_are_not() -> None:
    assert list(rc.Corpus(SAMPLES / "clean", *CLEAN.values()).defects()) == []
    for folder in FOLDERS.values():
        assert list(rc.Corpus(folder).defects()) or folder.name == "worn", folder
    for path in (SAMPLES / "damaged").iterdir():
        assert list(rc.Corpus(path).defects()), path


# ---- names --------------------------------------------------------------------------------

TABLE_ROW = re.compile(r"^\| \[`([\w-]+)`\]\(#[\w-]+\) \| ([\w ]+) \|", re.MULTILINE)
ENTRY = re.compile(r"^## `([\w-]+)`\n\n\*([\w ]+)\*\. ", re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "severities"),
    [
        ("defects.md", {kind.value: " or ".join(kind.severities) for kind in rc.DefectKind}),
        ("rules.md", {code: rule.severity for code, rule in RULES.items()}),
    ],
)
def test_every_kind_and_every_rule_has_its_entry(page: str, severities: Mapping[str, str]) -> None:
    text = read_page(page)
    assert TABLE_ROW.findall(text) == list(severities.items())
    assert ENTRY.findall(text) == list(severities.items())


def test_the_page_about_the_format_has_every_kind_and_its_severity() -> None:
    row = r"^\| \[`([\w-]+)`\]\(defects\.md#\1\) \| (\w+) \|"
    rows = re.findall(row, read_page("format.md"), re.MULTILINE)
    assert rows == [(kind.value, kind.severity.value) for kind in rc.DefectKind]


@pytest.mark.interop
@pytest.mark.parametrize("name", ["REVIEW_SCHEMA", "MOVIE_SCHEMA", "DEFECT_SCHEMA"])
def test_the_page_about_arrow_has_every_column_and_its_type(name: str) -> None:
    pytest.importorskip("pyarrow")
    schema = getattr(importlib.import_module("reviewcorpus.arrow"), name)
    section = read_page("api/arrow.md").partition(f"### `{name}`\n")[2].partition("\n### ")[0]
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", section, re.MULTILINE)
    assert rows == [(field.name, str(field.type)) for field in schema]


def test_the_page_about_the_command_has_every_command_and_option() -> None:
    before, *sections = re.split(
        r"^## `reviewcorpus (\w+)`\n", read_page("command.md"), flags=re.MULTILINE
    )
    described = dict(zip(sections[::2], sections[1::2], strict=True))
    assert set(described) == set(cli.commands)
    for name, command in cli.commands.items():
        named = set(re.findall(r"`(--?[\w-]+)`", before + described[name]))
        options = {opt for param in command.params for opt in param.opts if opt.startswith("-")}
        assert options - named == set(), name
        words = set(re.findall(r"[\w-]+", before + described[name]))
        for param in command.params:
            if isinstance(param.type, Choice) and param.name == "style":  # formats of the output
                assert set(param.type.choices) <= words, (name, param.name)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("format.md", MOVIE.elements),
        ("write-a-format.md", [field.target for each in MOVIE.records for field in each.fields]),
        ("use-from.md", REVIEW_COLUMNS),
        ("spark.md", [*REVIEW_COLUMNS, *MOVIE_COLUMNS, *DEFECT_COLUMNS]),
    ],
)
def test_a_list_or_table_on_a_page_has_every_field(page: str, names: Iterable[str]) -> None:
    blocks = [set(re.findall(r"\w+", block)) for block in read_page(page).split("\n\n")]
    assert any(words.issuperset(names) for words in blocks)


def test_the_pages_have_every_format() -> None:
    rows = re.findall(r'^\| \[`"(\w+)"`\]\((\w+\.md)\)', read_page("formats.md"), re.MULTILINE)
    assert [name for name, _ in rows] == [table.name for table in known()]
    for name, page in rows:
        assert f"](docs/{page})" in README
        assert f".. data:: {name.upper()}\n" in read_page("api/formats.md")
        assert f'`"{name}"`' in read_page("api/reading.md")


@pytest.mark.parametrize("page", ["clean.md", "command.md"])
def test_the_pages_about_cleaning_have_every_step(page: str) -> None:
    text = read_page(page)
    assert [name for name in STEPS if f"`{name}`" not in text] == []


def test_every_file_that_readme_links_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) >= 4
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_changelog_has_the_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)
    assert versions[0] == rc.__version__
