"""Every check and every long run, each in an environment of its own: `nox --list` names them."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["tests", "lint", "types"]

PYTHONS = ["3.11", "3.12", "3.13"]
PROPERTIES = ["tests/test_properties.py", "tests/test_strategies.py"]


def install_groups(session: nox.Session, *groups: str) -> None:
    """Install the package from the checkout, and dependency groups."""
    session.install("-U", "pip>=25.1")
    session.install("-e", ".", *(part for group in groups for part in ("--group", group)))


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests, with the coverage that is demanded."""
    install_groups(session, "test", "interop")
    parallel = ["-n", "auto", "--dist", "loadfile"]
    session.run("pytest", *parallel, "--cov", "--cov-report=", *session.posargs)
    session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and form."""
    install_groups(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types."""
    install_groups(session, "typing")
    session.run("mypy")


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


EXTRAS = {
    "cli": "from reviewcorpus.cli import cli; cli(['check', 'examples/clean'])",
    "repair": "from reviewcorpus.repair import fix_mojibake;"
    " assert fix_mojibake('cafÃ©').value == 'café'",
    "arrow": "import pyarrow; assert pyarrow.table(rc.Corpus('examples/clean')).num_rows == 7",
    "spark": "import reviewcorpus.spark",
    "hypothesis": "from reviewcorpus.strategies import movies; movies()",
    "cli,report": "from reviewcorpus.cli import cli; cli(['report', 'examples/clean', '-o', '-'])",
}


@nox.session
@nox.parametrize("extra", list(EXTRAS))
def extras(session: nox.Session, extra: str) -> None:
    """Install one extra alone, and use it."""
    session.install("-U", "pip>=25.1")
    session.install(f".[{extra}]")
    session.run("python", "-c", f"import reviewcorpus as rc; {EXTRAS[extra]}", silent=True)
