"""What a release says of itself in several places is the same in all of them."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import reviewcorpus as rc

ROOT = Path(__file__).parents[1]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NOXFILE = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_newest_release_in_the_changelog_is_this_version() -> None:
    headings = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    newest = re.fullmatch(r"\[([0-9.]+)\] - [0-9]{4}-[0-9]{2}-[0-9]{2}", headings[1])
    assert newest
    assert newest[1] == rc.__version__


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["dynamic"] == ["version"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^(?:version|date-released):", citation, re.MULTILINE) == []
    assert "cff-version: 1.2.0" in citation.splitlines()


def sessions() -> dict[str, str]:
    """Give what each session of the noxfile does, by its name."""
    found = {}
    for node in NOXFILE.body:
        if isinstance(node, ast.FunctionDef):
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            for decorator in decorators:
                if decorator.startswith("nox.session"):
                    given = re.search(r"name='(\w+)'", decorator)
                    found[given[1] if given else node.name] = ast.get_docstring(node) or ""
    return found


def test_the_sessions_that_contributors_are_told_of_are_those_of_nox() -> None:
    told = re.findall(r"^\| `nox -s ([\w]+)` \|", CONTRIBUTING, re.MULTILINE)
    assert len(told) > 10
    assert sorted(told) == sorted(sessions())


def test_every_session_says_what_it_does() -> None:
    assert [name for name, text in sessions().items() if not text] == []


def test_the_pythons_that_are_tested_are_those_that_the_package_names() -> None:
    (tested,) = (
        ast.literal_eval(node.value)
        for node in NOXFILE.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PYTHONS"
    )
    classifiers = " ".join(PROJECT["classifiers"])
    assert re.findall(r"Python :: (3\.[0-9]+)", classifiers) == tested
    assert PROJECT["requires-python"] == f">={tested[0]}"
