"""The package as a whole: its public names, and what importing it costs."""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import re
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import reviewcorpus as rc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPTIONAL = set(
    "click jinja2 defusedxml pyarrow pyspark hypothesis ftfy gzip bz2 lzma zipfile tarfile".split()
)


NAMES: tuple[str, ...] = vars(rc)["__all__"]  # type checkers see imports instead
LATER = ["arrow", "cleaning", "spark", "strategies", "validation"]
"""The modules that are imported when they are first named."""


def run(code: str) -> str:
    """Return what a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout


def modules_after(statement: str) -> set[str]:
    """Return the names of the top-level modules that a fresh Python has after a statement."""
    printed = run(f"{statement}\nimport sys\nprint(*sys.modules)")
    return {name.partition(".")[0] for name in printed.split()}


def test_all_is_sorted() -> None:
    assert list(NAMES) == sorted(NAMES)


def test_all_names_exist() -> None:
    assert all(hasattr(rc, name) for name in NAMES)


def test_no_public_name_is_missing_from_all() -> None:
    names = {
        name
        for name in set(dir(rc)) - set(LATER)
        if not name.startswith("_") and not isinstance(getattr(rc, name), ModuleType)
    }
    assert names == set(NAMES) - {"__version__"}
    assert set(rc._NAMES) == set(NAMES)  # where each comes from


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"__version__"}))
def test_public_names_are_described_with_what_they_do(name: str) -> None:
    assert getattr(rc, name).__doc__


LONG, MANY = "x" * 10**5, list(range(10**5))


class Yields:
    """A file that returns anything but bytes."""

    def read(self, _: int) -> list[int]:
        return MANY


@pytest.mark.parametrize(
    "refused",
    [
        lambda: rc.loads(MANY),  # type: ignore[arg-type]
        lambda: rc.load(MANY),  # type: ignore[arg-type]
        lambda: rc.load(Yields()),  # type: ignore[arg-type]
        lambda: rc.dump(rc.Movie(), MANY),  # type: ignore[arg-type]
        lambda: rc.dump(rc.Movie(), f"{LONG}.gz"),
        lambda: rc.dumps(rc.Movie(extra={LONG + " ": "x"})),
        lambda: rc.Movie(extra={LONG: "\0"}),
        lambda: rc.Severity.INFO < LONG,
        lambda: rc.loads("", errors=LONG),  # type: ignore[arg-type]
        lambda: rc.loads("", on_defect=MANY),  # type: ignore[arg-type]
        lambda: rc.loads("", limits=MANY),  # type: ignore[arg-type]
        lambda: rc.Parser(source=MANY),  # type: ignore[arg-type]
        lambda: rc.Parser().feed(MANY),  # type: ignore[arg-type]
        lambda: rc.validate(rc.Movie(), source=MANY),  # type: ignore[arg-type]
        lambda: rc.loads("", format=LONG),
        lambda: rc.loads("", format=MANY),  # type: ignore[arg-type]
        lambda: rc.loads("", encoding=LONG),
        lambda: rc.loads("", encoding=MANY),  # type: ignore[arg-type]
        lambda: rc.loads("", fallback_encoding=LONG),
        lambda: rc.validate(rc.Movie(), rules=LONG),
    ],
)
def test_no_message_shows_the_whole_of_a_long_value(refused: Callable[[], object]) -> None:
    with pytest.raises((TypeError, ValueError)) as error:
        refused()
    assert len(str(error.value)) < 500


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'reviewcorpus' has no attribute 'lode'"):
        rc.lode  # type: ignore[attr-defined] # noqa: B018 the access is the test


@pytest.mark.parametrize(
    ("name", "module"),
    [
        *((name, name) for name in LATER if name not in {"arrow", "spark"}),
        pytest.param("arrow", "arrow", marks=pytest.mark.interop),
        ("CorpusValidator", "validation"),
        ("Problem", "validation"),
        ("validate", "validation"),
        ("dump", "writer"),
        ("dumps", "writer"),
    ],
)
def test_what_is_rarely_needed_is_imported_when_it_is_first_named(name: str, module: str) -> None:
    code = f"""
import sys
import reviewcorpus as rc

print("reviewcorpus.{module}" in sys.modules)
print(rc.{name}.__name__)
print("reviewcorpus.{module}" in sys.modules)
"""
    shown = f"reviewcorpus.{name}" if name in LATER else name
    assert run(code).split() == ["False", shown, "True"]


def test_the_description_of_the_package_names_its_modules() -> None:
    code = "import reviewcorpus as rc; print(*rc._MODULES)"
    assert run(code).split() == re.findall(r"`rc\.(\w+)`", rc.__doc__ or "")
    assert "reviewcorpus.formats" in run("import reviewcorpus as rc; print(rc.formats)")
    missing = "import reviewcorpus as rc; print(hasattr(rc, 'sources'), 'sources' in dir(rc))"
    assert run(missing).split() == ["False", "False"]


def test_dir_names_the_modules_that_can_be_imported() -> None:
    code = "import reviewcorpus as rc; print(*dir(rc))"
    without = "import sys; sys.modules['pyarrow'] = sys.modules['pyspark'] = None;"
    assert {"cleaning", "strategies", "validation"} <= set(run(code).split())
    assert set(run(without + code).split()) & set(LATER) == set(LATER) - {"arrow", "spark"}


@pytest.mark.interop
def test_dir_names_the_modules_whose_packages_are_installed() -> None:
    assert {"arrow", "spark"} <= set(run("import reviewcorpus as rc; print(*dir(rc))").split())


def test_help_works_where_a_package_is_missing() -> None:
    missing = "import sys; sys.modules.update(pyarrow=None, pyspark=None, hypothesis=None)"
    shown = run(f"{missing}; import reviewcorpus; help(reviewcorpus)")
    assert "iter_movies(" in shown
    assert "dumps(" in shown  # which is imported late


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("arrow", "pyarrow", "arrow"),
        ("spark", "pyspark", "spark"),
        ("strategies", "hypothesis", "hypothesis"),
    ],
)
def test_a_missing_package_is_an_import_error_that_names_the_extra(
    module: str, package: str, extra: str
) -> None:
    code = f"""
import sys
sys.modules["{package}"] = None
import reviewcorpus as rc
try:
    rc.{module}
except ImportError as error:
    print(error)
"""
    assert f"'reviewcorpus[{extra}]'" in run(code)


def test_importing_the_package_imports_nothing_optional() -> None:
    # The baseline is attrs: what it or Python's start brings along is not the package's doing.
    baseline = modules_after("import attrs")
    assert (modules_after("import reviewcorpus") - baseline) & OPTIONAL == set()


def test_what_a_plain_file_does_not_need_is_imported_later(tmp_path: Path) -> None:
    (tmp_path / "boats.xml").write_text("<movie><title>Paper Boats</title></movie>")
    code = f"""
import sys
import reviewcorpus as rc

print(rc.load({str(tmp_path / "boats.xml")!r}).title)
print(*sys.modules)
"""
    title, modules = run(code).splitlines()
    assert title == "Paper Boats"
    assert "reviewcorpus.sources._files" in modules.split()
    later = {"_atomic", "sources._archives", "writer"}
    assert {f"reviewcorpus.{name}" for name in later} & set(modules.split()) == set()


def test_a_name_that_was_imported_late_is_found_like_any_other() -> None:
    code = "import reviewcorpus as rc; rc.dumps; print('dumps' in vars(rc))"
    assert run(code).strip() == "True"


def test_the_probe_sees_what_is_imported() -> None:
    assert {"gzip", "click"} <= modules_after("import gzip, reviewcorpus.cli")


def test_strict_reading_is_what_needs_defusedxml() -> None:
    strict = "import reviewcorpus as rc; rc.loads('<movie/>', errors='strict')"
    lenient = "import reviewcorpus as rc; rc.loads('<movie/>')"
    assert "defusedxml" not in modules_after(lenient)
    # An empty movie lacks its elements, which strict reading refuses; only the import counts.
    tolerated = f"try:\n {strict}\nexcept ValueError: pass"
    assert "defusedxml" in modules_after(tolerated)


def test_the_package_tells_type_checkers_that_it_is_typed() -> None:
    assert importlib.resources.files("reviewcorpus").joinpath("py.typed").is_file()


def test_the_version_is_that_of_the_distribution() -> None:
    assert rc.__version__ == importlib.metadata.version("reviewcorpus")
    assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+(\.?(dev|a|b|rc)[0-9]+)?", rc.__version__)


def test_the_page_of_the_package_has_no_link_into_the_source() -> None:
    page = importlib.metadata.metadata("reviewcorpus").json["description"]
    assert isinstance(page, str)
    assert page.startswith("# reviewcorpus\n")
    links = re.findall(r"\]\(([^)]*)", page)
    assert [link for link in links if not link.startswith("https://")] == []
