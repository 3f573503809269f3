"""Hypothesis profiles, folders, and markers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
# The same examples in every run: one that fails must fail for everybody. The fuzzer looks for new
# ones.
settings.register_profile(
    "quick", settings.get_profile("default"), max_examples=20, derandomize=True
)
settings.register_profile(
    "thorough", settings.get_profile("default"), max_examples=10_000, derandomize=True
)
# Many CI systems set it, and most tests compare plain text.
os.environ.pop("FORCE_COLOR", None)

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with a real corpus file and prose texts, where there is one."""
    folder = os.environ.get("REVIEWCORPUS_REAL_DATA")
    if not folder:
        pytest.skip("REVIEWCORPUS_REAL_DATA does not name the folder of the real corpus file")
    return Path(folder)


@pytest.fixture
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, and a terminal type that does not depend on who runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs optional packages, before `-m` selects."""
    for item in items:
        if "/tests/interop/" in item.path.as_posix():
            item.add_marker(pytest.mark.interop)
