"""What a release says of itself is the same in all places, and no check of it is left out."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import reviewcorpus as rc

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
NOXFILE = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = SETTINGS["project"]
PYTHONS = ["3.11", "3.12", "3.13"]


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


def value(module: ast.Module, name: str, **known: Any) -> Any:
    """Give what a module sets a name to, once, from literals and what is known."""
    (found,) = (
        node.value
        for node in module.body
        if isinstance(node, ast.Assign) and name in map(ast.unparse, node.targets)
    )
    return eval(ast.unparse(found), {"__builtins__": {}}, known)  # noqa: S307 our own text


def test_the_pythons_that_are_tested_are_those_that_the_package_names() -> None:
    assert value(NOXFILE, "PYTHONS") == PYTHONS
    classifiers = " ".join(PROJECT["classifiers"])
    assert re.findall(r"Python :: (3\.[0-9]+)", classifiers) == PYTHONS
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"


# ---- what nox runs ----------------------------------------------------------------------

# All that must pass before a change: what leaves this list is checked by nobody.
CHECKS = [
    "lint",
    "types",
    "package",
    "api",
    "docs",
    "workflows",
    "coverage",
    "extras(extra='cli')",
    "extras(extra='repair')",
    "extras(extra='arrow')",
    "extras(extra='spark')",
    "extras(extra='hypothesis')",
    "extras(extra='report')",
    "tests-3.11",
    "tests-3.12",
    "tests-3.13",
    "tests_lowest-3.11",
    "tests_lowest-3.12",
    "tests_lowest-3.13",
]
SITE = "sphinx-build -E -W --keep-going -n docs docs/_build/html"
VERIFY_TYPES = "pyright --verifytypes reviewcorpus --ignoreexternal"


def function(name: str) -> ast.FunctionDef:
    (found,) = (
        node for node in NOXFILE.body if isinstance(node, ast.FunctionDef) and node.name == name
    )
    return found


def commands(name: str) -> list[str]:
    """Give the commands of a function of the noxfile; what is not a word stands as its code."""
    return [
        " ".join(
            str(word.value) if isinstance(word, ast.Constant) else ast.unparse(word)
            for word in call.args
        )
        for call in ast.walk(function(name))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "session.run"
    ]


def test_nox_runs_every_check() -> None:
    extras = value(NOXFILE, "EXTRAS")
    assert sorted(extras) == sorted(PROJECT["optional-dependencies"])
    assert value(NOXFILE, "CHECKS", EXTRAS=extras, PYTHONS=PYTHONS) == CHECKS
    assert ast.unparse(NOXFILE).count("CHECKS") == 2  # set once, run once
    assert value(NOXFILE, "nox.options.sessions") == ["all"]
    assert [ast.unparse(part) for part in function("everything").body[1:]] == [
        "for check in CHECKS:\n    session.notify(check)"
    ]


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ("lint", ["ruff check .", "ruff format --check ."]),
        ("types", ["mypy", "pyright", VERIFY_TYPES]),
        ("docs", [SITE]),
        (
            "package",
            [
                "python -m build *formats --outdir str(folder)",
                "python tools/check_distributions.py *map(str, builds)",
                "twine check --strict *distributions",
                "check-wheel-contents *(name for name in distributions if name.endswith('.whl'))",
                "check-jsonschema --builtin-schema citation CITATION.cff",
            ],
        ),
        (
            "run_suite",
            [
                "python -c IS_INSTALLED",
                "pytest *parallel *(session.posargs or SUITE_PATHS)",
            ],
        ),
    ],
)
def test_a_session_runs_its_commands(session: str, expected: list[str]) -> None:
    assert sorted(commands(session)) == sorted(expected)


@pytest.mark.parametrize("session", ["tests", "tests_lowest"])
def test_a_session_of_tests_runs_them_all_on_every_python(session: str) -> None:
    node = function(session)
    assert [ast.unparse(decorator) for decorator in node.decorator_list] == [
        "nox.session(python=PYTHONS)"
    ]
    assert ast.unparse(node.body[-1]) == "run_suite(session)"
    paths = ["tests", "typing_tests", "docs", "--pyargs", "reviewcorpus"]
    assert value(NOXFILE, "SUITE_PATHS") == paths


def test_coverage_is_measured_where_all_tests_run() -> None:
    (command,) = commands("coverage")
    assert command == "pytest *parallel --cov --cov-report=term-missing:skip-covered"


def test_no_command_of_nox_may_fail() -> None:
    calls = [call for call in ast.walk(NOXFILE) if isinstance(call, ast.Call)]
    words = {keyword.arg for call in calls for keyword in call.keywords}
    assert "env" in words
    assert "success_codes" not in words


# ---- what runs elsewhere ----------------------------------------------------------------


def of_repository(name: str) -> str:
    """Read a file for what looks after the repository, which a source distribution lacks."""
    path = ROOT / name
    if not path.exists():
        pytest.skip(f"{name} is in the repository, and not in what is released")
    return path.read_text(encoding="utf-8")


def test_the_script_of_all_checks_runs_them() -> None:
    lines = of_repository(".ci/run").splitlines()
    assert "set -euo pipefail" in lines
    bin_ = ".venv-test/bin"
    for command in (
        'bash -c "$test_line"',
        f"{bin_}/ruff check .",
        f"{bin_}/ruff format --check .",
        f"{bin_}/mypy",
        "pyright",
        f"{VERIFY_TYPES} | tail -n 4",
        f"{bin_}/{SITE.replace(' -E', ' -q -E')}",
    ):
        assert command in lines
    assert [line for line in lines if "|| " in line or line.startswith("set +")] == []


def test_the_line_that_tests_a_checkout_measures_coverage() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^.*venv-test/bin/pytest.*$", readme, re.MULTILINE)
    parts = line.split(" && ")
    assert parts[-2].startswith(".venv-test/bin/pytest -n auto ")
    assert " --cov " in parts[-2]
    assert parts[-1] == ".venv-test/bin/coverage report"


def jobs(workflow: str) -> dict[str, str]:
    """Give the text of each job of a workflow, by its name."""
    text = of_repository(f".github/workflows/{workflow}").partition("\njobs:\n")[2]
    parts = re.split(r"^  (\w+):\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def listed(text: str, name: str) -> list[str]:
    """Give the words of a list that stands in one line."""
    (found,) = re.findall(rf"^ +{name}: \[(.*)\]$", text, re.MULTILINE)
    return [word.strip('"') for word in found.split(", ")]


def test_every_change_is_checked_with_every_session_and_python() -> None:
    found = jobs("ci.yml")
    sessions_ = [*listed(found["checks"], "session"), *listed(found["tests"], "session")]
    assert sorted(sessions_) == sorted({re.sub(r"[(-].*", "", check) for check in CHECKS})
    assert listed(found["tests"], "session") == ["tests", "tests_lowest"]
    assert listed(found["tests"], "python") == PYTHONS
    assert '- run: nox -s "$SESSION"\n' in found["checks"]
    assert '- run: nox -s "$SESSION-$PYTHON"\n' in found["tests"]
    assert (
        "REVIEWCORPUS_ALL_PEERS: ${{ matrix.session == 'docs' && '1' || '0' }}" in found["checks"]
    )


def test_all_checks_of_a_change_are_asked_for_at_once() -> None:
    passed = jobs("ci.yml")["passed"]
    assert listed(passed, "needs") == ["checks", "tests"]
    assert "\n    if: always()\n" in passed
    assert '- run: test "$CHECKS" = success && test "$TESTS" = success\n' in passed
    assert "CHECKS: ${{ needs.checks.result }}" in passed
    assert "TESTS: ${{ needs.tests.result }}" in passed


def test_nothing_is_published_that_did_not_pass_the_checks() -> None:
    found = jobs("release.yml")
    assert listed(found["publish"], "needs") == ["checks", "build"]
    assert "    uses: ./.github/workflows/ci.yml " in found["checks"]
    assert "  workflow_call:" in of_repository(".github/workflows/ci.yml")
    assert "- run: nox -s package\n" in found["build"]
    assert "\n    if:" not in found["publish"]


@pytest.mark.parametrize("workflow", ["ci.yml", "release.yml"])
def test_no_job_may_fail(workflow: str) -> None:
    text = of_repository(f".github/workflows/{workflow}")
    assert "continue-on-error" not in text
    assert "|| true" not in text


# ---- how strict they are ----------------------------------------------------------------


def test_the_site_is_built_with_every_warning() -> None:
    configuration = ast.parse((ROOT / "docs" / "conf.py").read_text(encoding="utf-8"))
    assert value(configuration, "nitpicky") is True
    # Stands for what was given, and is described nowhere.
    ignored = [("py:class", "reviewcorpus.cleaning._changes.T")]
    assert value(configuration, "nitpick_ignore") == ignored
    # Each is named once, where it is set: nothing is added or taken away behind.
    text = ast.unparse(configuration)
    assert re.findall(r"\w*nitpick\w*|\w*suppress\w*", text) == ["nitpicky", "nitpick_ignore"]


def test_all_tests_are_collected_and_warnings_are_errors() -> None:
    options = SETTINGS["tool"]["pytest"]["ini_options"]
    assert options["testpaths"] == ["tests", "typing_tests", "src", "docs"]
    assert options["addopts"] == [
        "--import-mode=importlib",
        "--strict-config",
        "--strict-markers",
        "-ra",
        "--doctest-modules",
        "--doctest-ignore-import-errors",
    ]
    assert options["xfail_strict"] is True
    assert options["filterwarnings"] == [
        "error",
        r"ignore::DeprecationWarning:ray\.",
        r"ignore::FutureWarning:ray\.",
        "ignore:(could not create cache path|cache could not write path):pytest.PytestCacheWarning",
        "ignore:The database setting is not configured, and the default location is unusable",
    ]


@pytest.mark.parametrize("fault", ["import reviewcorpus_unheard_of", "raise RuntimeError"])
def test_a_module_of_tests_that_cannot_be_imported_is_an_error(tmp_path: Path, fault: str) -> None:
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests")
    (tmp_path / "tests" / "test_good.py").write_text("def test_good() -> None: ...\n")
    (tmp_path / "tests" / "test_bad.py").write_text(f"{fault}\ndef test_bad() -> None: ...\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(  # noqa: S603 our own
        command, check=False, cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 2, done.stdout
    assert "ERROR tests/test_bad.py" in done.stdout


def test_every_line_and_branch_is_asked_for() -> None:
    coverage = SETTINGS["tool"]["coverage"]
    assert coverage["run"] == {"branch": True, "source_pkgs": ["reviewcorpus"]}
    assert coverage["report"]["fail_under"] == 100
    assert coverage["report"]["exclude_also"] == ["if TYPE_CHECKING:", "@overload"]
    assert coverage["report"].keys().isdisjoint({"omit", "include", "exclude_lines"})
