"""The check of what is released finds what should not be in there, and what is missing."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from check_distributions import METADATA, NEEDED, canonical, differences, faults_of

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECT = """\
[project]
name = "reviewcorpus"
requires-python = ">=3.11"
dependencies = ["attrs>=24.1"]

[project.optional-dependencies]
cli = ["click>=8.2"]
report = ["reviewcorpus[cli]", "jinja2 >= 3.1, < 9"]
arrow = ["pyarrow>=15; python_version < '3.13'"]
"""
# As builders write it: extras within extras are spelt out, and markers are joined.
ASKED = """\
Requires-Python: >=3.11
Requires-Dist: attrs>=24.1
Requires-Dist: click>=8.2; extra == 'cli'
Requires-Dist: click>=8.2; extra == 'report'
Requires-Dist: Jinja2<9,>=3.1; extra == 'report'
Requires-Dist: pyarrow>=15; (python_version < '3.13') and extra == 'arrow'
Provides-Extra: arrow
Provides-Extra: cli
Provides-Extra: report
"""
TRACKED = [
    "src/reviewcorpus/__init__.py",
    "src/reviewcorpus/_command/page.html.jinja",
    "src/reviewcorpus/py.typed",
    "pyproject.toml",
    "LICENSE",
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


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the files that git knows of; what is in each is its name."""
    folder = tmp_path / "checkout"
    for name in TRACKED:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text_of(name), encoding="utf-8")
    return folder


def text_of(name: str) -> str:
    """Give what is in a file of the checkout or of a distribution."""
    if name.endswith(("/METADATA", "PKG-INFO")):
        return ASKED
    return PYPROJECT if name == "pyproject.toml" else name.rpartition("/")[2]


def wheel(folder: Path, names: list[str], texts: dict[str, str] | None = None) -> Path:
    path = folder / "reviewcorpus-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, (texts or {}).get(name, text_of(name)))
    return path


def sdist(folder: Path, names: list[str], texts: dict[str, str] | None = None) -> Path:
    path = folder / "reviewcorpus-0.1.0.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        for name in names:
            data = (texts or {}).get(name, text_of(name)).encode()
            member = tarfile.TarInfo(f"reviewcorpus-0.1.0/{name}")
            member.size = len(data)
            file.addfile(member, io.BytesIO(data))
    return path


def test_a_distribution_that_holds_what_it_should_is_taken(tmp_path: Path, checkout: Path) -> None:
    assert faults_of(wheel(tmp_path, IN_WHEEL), TRACKED, checkout) == []
    assert faults_of(sdist(tmp_path, IN_SDIST), TRACKED, checkout) == []


@pytest.mark.parametrize(
    "stray", ["tests/test_a.py", "reviewcorpus/__pycache__/a.pyc", "reviewcorpus/a.xml", "a.pth"]
)
def test_a_stray_file_is_refused(tmp_path: Path, checkout: Path, stray: str) -> None:
    for path in (wheel(tmp_path, [*IN_WHEEL, stray]), sdist(tmp_path, [*IN_SDIST, stray])):
        expected = [f"{path.name}: {stray} should not be in there"]
        assert faults_of(path, TRACKED, checkout) == expected


@pytest.mark.parametrize("stray", ["a.xml", "a.pyc", "notes.md", "sub/test_a.py", "page.html"])
def test_no_data_and_no_tests_are_released_though_git_knows_of_them(
    tmp_path: Path, checkout: Path, stray: str
) -> None:
    tracked = [*TRACKED, f"src/reviewcorpus/{stray}"]
    for path, name in (
        (wheel(tmp_path, [*IN_WHEEL, f"reviewcorpus/{stray}"]), f"reviewcorpus/{stray}"),
        (sdist(tmp_path, [*IN_SDIST, tracked[-1]]), tracked[-1]),
    ):
        assert faults_of(path, tracked, checkout) == [f"{path.name}: {name} should not be in there"]


def test_a_missing_file_is_told(tmp_path: Path, checkout: Path) -> None:
    path = wheel(tmp_path, IN_WHEEL[1:])
    assert faults_of(path, TRACKED, checkout) == [f"{path.name}: {IN_WHEEL[0]} is missing"]
    path = sdist(tmp_path, IN_SDIST[:-1])
    assert faults_of(path, TRACKED, checkout) == [
        f"{path.name}: {IN_SDIST[-1]} is missing",
        f"{path.name}: there is no {NEEDED[-1]}/",
    ]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("reviewcorpus/__init__.py", "src/reviewcorpus/__init__.py"),
        ("reviewcorpus/py.typed", "src/reviewcorpus/py.typed"),
        ("reviewcorpus-0.1.0.dist-info/licenses/LICENSE", "LICENSE"),
    ],
)
def test_a_file_of_the_wheel_is_that_of_the_checkout(
    tmp_path: Path, checkout: Path, name: str, source: str
) -> None:
    path = wheel(tmp_path, IN_WHEEL, {name: "another"})
    expected = [f"{path.name}: {name} is not {source} of the checkout"]
    assert faults_of(path, TRACKED, checkout) == expected


@pytest.mark.parametrize("name", ["src/reviewcorpus/__init__.py", "LICENSE", "tests/a.txt"])
def test_a_file_of_the_source_distribution_is_that_of_the_checkout(
    tmp_path: Path, checkout: Path, name: str
) -> None:
    path = sdist(tmp_path, IN_SDIST, {name: ""})
    expected = [f"{path.name}: {name} is not {name} of the checkout"]
    assert faults_of(path, TRACKED, checkout) == expected


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        (
            "Python: >=3.11",
            "Python: >=3.9",
            [
                "Requires-Python: >=3.9 is not in pyproject.toml",
                "Requires-Python: >=3.11 is missing",
            ],
        ),
        ("Requires-Python: >=3.11\n", "", ["Requires-Python: >=3.11 is missing"]),
        ("Requires-Dist: attrs>=24.1\n", "", ["Requires-Dist: attrs>=24.1 is missing"]),
        (
            "Requires-Dist: click>=8.2; extra == 'report'\n",
            "",
            ['Requires-Dist: click>=8.2; extra == "report" is missing'],
        ),
        (
            "; extra == 'cli'",
            "",
            [
                "Requires-Dist: click>=8.2 is not in pyproject.toml",
                'Requires-Dist: click>=8.2; extra == "cli" is missing',
            ],
        ),
        ("Provides-Extra: cli\n", "", ["Provides-Extra: cli is missing"]),
        (
            "Provides-Extra: cli",
            "Provides-Extra: cli\nProvides-Extra: x",
            ["Provides-Extra: x is not in pyproject.toml"],
        ),
    ],
)
def test_what_a_distribution_asks_for_is_what_the_project_says(
    tmp_path: Path, checkout: Path, old: str, new: str, faults: list[str]
) -> None:
    assert old in ASKED
    metadata = ASKED.replace(old, new)
    path = wheel(tmp_path, IN_WHEEL, {"reviewcorpus-0.1.0.dist-info/METADATA": metadata})
    assert faults_of(path, TRACKED, checkout) == [f"{path.name}: {fault}" for fault in faults]
    path = sdist(tmp_path, IN_SDIST, {"PKG-INFO": metadata})
    assert faults_of(path, TRACKED, checkout) == [f"{path.name}: {fault}" for fault in faults]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a>=1,<2; (python_version < '3.13')", 'a<2,>=1 ; python_version<"3.13"'),
        (
            "a; (python_version < '3.13') and extra == 'x'",
            "a; python_version < '3.13' and extra == 'x'",
        ),
    ],
)
def test_a_requirement_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


def test_parentheses_that_say_something_stay() -> None:
    either = "python_version < '3.12' or os_name == 'nt'"
    joined = f"a; ({either}) and extra == 'x'"
    assert canonical(f"a; {either}", "x") == canonical(joined)
    assert canonical(joined) != canonical(f"a; {either} and extra == 'x'")


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
