"""Every check: `nox` runs `.ci/run`, and then what needs environments of its own."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["checks", "tests", "tests_lowest", "extras", "package", "workflows"]

PYTHONS = ["3.11", "3.12", "3.13"]
IS_INSTALLED = "import reviewcorpus as rc; assert 'site-packages' in rc.__file__, rc.__file__"
COMMAND = "from reviewcorpus.cli import cli; cli({!r})"
SAMPLES = "src/reviewcorpus/samples/clean"
EXTRAS = {
    "clean": "from reviewcorpus.cleaning import fix_mojibake; fix_mojibake('cafÃ©')",
    "cli": COMMAND.format(["check", SAMPLES]),
    "report": COMMAND.format(["report", SAMPLES, "-o", "-"]),
    "arrow": f"import pyarrow, reviewcorpus as rc; pyarrow.table(rc.Corpus({SAMPLES!r}))",
    "spark": "import reviewcorpus.spark",
    "hypothesis": "from reviewcorpus.strategies import movies; movies()",
    "all": "import ftfy, jinja2, pyarrow; from reviewcorpus import arrow, cli, strategies",
}


def install(session: nox.Session, package: str, *groups: str) -> None:
    """Install the package and dependency groups."""
    session.install("-U", "pip>=25.1")
    session.install(package, *(f"--group={group}" for group in groups))


def test_wheel(session: nox.Session, *arguments: str) -> None:
    """Run the tests against the installed package, and not against `src`."""
    session.run("python", "-c", IS_INSTALLED)
    session.run("pytest", *arguments, *session.posargs)


@nox.session(python=False)
def checks(session: nox.Session) -> None:
    """Run `.ci/run`: style, types, site, coverage, slow tests, properties with many inputs."""
    session.run(".ci/run", external=True)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Test the wheel with the newest versions of everything it works with."""
    install(session, ".[all,spark]", "test", "interop", "coverage")
    test_wheel(session, "-m", "", "-n", "auto", "--dist", "loadfile")


@nox.session(python=PYTHONS)
def tests_lowest(session: nox.Session) -> None:
    """Test the wheel with the lowest versions that pyproject.toml allows."""
    constraints = Path(session.create_tmp()) / "lowest.txt"
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    required = [text for texts in (project["dependencies"], *extras) for text in texts]
    lowest = sorted({text.replace(">=", "==", 1) for text in required if ">=" in text})
    constraints.write_text("\n".join(lowest), encoding="utf-8")
    session.env["PIP_CONSTRAINT"] = str(constraints)
    install(session, ".[all,spark]", "test")
    test_wheel(session)


@nox.session
@nox.parametrize("extra", list(EXTRAS))
def extras(session: nox.Session, extra: str) -> None:
    """Install one extra alone, and use it."""
    install(session, f".[{extra}]")
    session.run("python", "-c", EXTRAS[extra], silent=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site; a warning is an error."""
    install(session, ".[all,spark]", "docs")
    session.run("sphinx-build", "-E", "-W", "--keep-going", "-n", "docs", "docs/_build/html")


@nox.session
def package(session: nox.Session) -> None:
    """Build into dist/, check what was built, and check that a second build is the same."""
    session.install("build", "twine")
    with tempfile.TemporaryDirectory() as again:
        for folder in ("dist", again):
            session.run("python", "-m", "build", "--outdir", folder)
        built = sorted(Path(again).iterdir())
        session.run("twine", "check", "--strict", *map(str, built))
        for path in built:
            if path.read_bytes() != Path("dist", path.name).read_bytes():
                session.error(f"{path.name} differs when it is built again")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check what GitHub runs."""
    session.install("zizmor", "check-jsonschema")
    session.run("zizmor", "--offline", "--pedantic", ".github")
    files = map(str, Path(".github/workflows").glob("*.yml"))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)


@nox.session(python="3.11")
def fuzz(session: nox.Session) -> None:
    """Fuzz the reader for an hour, or as the arguments say."""
    install(session, ".", "fuzz")
    arguments = session.posargs or ["tests/fuzz/seeds", "-max_total_time=3600"]
    session.run("python", "tests/fuzz/fuzz_reader.py", *arguments)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure against the goals and the peers, and write docs/benchmarks.md."""
    install(session, ".", "benchmarks", "test")
    session.run("python", "benchmarks/run.py", "--output", "docs/benchmarks.md", *session.posargs)
