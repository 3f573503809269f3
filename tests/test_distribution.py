"""The check of what is released finds what should not be in there, and what is missing."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from check_distributions import METADATA, NEEDED, differences, faults_of

if TYPE_CHECKING:
    from pathlib import Path

TRACKED = [
    "src/reviewcorpus/__init__.py",
    "src/reviewcorpus/_command/page.html.jinja",
    "src/reviewcorpus/py.typed",
    "pyproject.toml",
    ".ci/run",
    ".github/workflows/ci.yml",
    *(f"{folder}/a.txt" for folder in NEEDED),
]
IN_WHEEL = [
    "reviewcorpus/__init__.py",
    "reviewcorpus/_command/page.html.jinja",
    "reviewcorpus/py.typed",
    *(f"reviewcorpus-0.1.0.dist-info/{name}" for name in METADATA),
]
IN_SDIST = ["PKG-INFO", *(name for name in TRACKED if not name.startswith("."))]


def wheel(folder: Path, names: list[str]) -> Path:
    path = folder / "reviewcorpus-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "")
    return path


def sdist(folder: Path, names: list[str]) -> Path:
    path = folder / "reviewcorpus-0.1.0.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        for name in names:
            file.addfile(tarfile.TarInfo(f"reviewcorpus-0.1.0/{name}"), io.BytesIO())
    return path


def test_a_distribution_that_holds_what_it_should_is_taken(tmp_path: Path) -> None:
    assert faults_of(wheel(tmp_path, IN_WHEEL), TRACKED) == []
    assert faults_of(sdist(tmp_path, IN_SDIST), TRACKED) == []


@pytest.mark.parametrize(
    "stray", ["tests/test_a.py", "reviewcorpus/__pycache__/a.pyc", "reviewcorpus/a.xml", "a.pth"]
)
def test_a_stray_file_is_refused(tmp_path: Path, stray: str) -> None:
    for path in (wheel(tmp_path, [*IN_WHEEL, stray]), sdist(tmp_path, [*IN_SDIST, stray])):
        assert faults_of(path, TRACKED) == [f"{path.name}: {stray} should not be in there"]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    path = wheel(tmp_path, IN_WHEEL[1:])
    assert faults_of(path, TRACKED) == [f"{path.name}: {IN_WHEEL[0]} is missing"]
    path = sdist(tmp_path, IN_SDIST[:-1])
    assert faults_of(path, TRACKED) == [
        f"{path.name}: {IN_SDIST[-1]} is missing",
        f"{path.name}: there is no {NEEDED[-1]}/",
    ]


def test_builds_that_differ_are_told(tmp_path: Path) -> None:
    folders = tmp_path / "first", tmp_path / "second"
    for folder, text in zip(folders, ("a", "b"), strict=True):
        folder.mkdir()
        (folder / "same").write_text("")
        (folder / "differs").write_text(text)
        (folder / text).write_text("")
    assert differences(*folders) == [
        f"{name} is not built the same twice" for name in ("a", "b", "differs")
    ]
