"""Hypothesis profiles, the folder of the real corpus file, and how modules are collected."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Generator

settings.register_profile(
    "quick", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with a real corpus file and prose texts, where there is one."""
    folder = os.environ.get("REVIEWCORPUS_REAL_DATA")
    if not folder:
        pytest.skip("REVIEWCORPUS_REAL_DATA does not name the folder of the real corpus file")
    return Path(folder)


class HalfLoaded:
    """Takes a module whose import has failed out of those that are loaded, as Python does.

    pytest leaves it there when it looks for examples in docstrings, and then takes it for loaded:
    a module of tests that cannot be imported would be one without tests, and all would be well.
    """

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Look at each module that was collected, also at those in the installed package."""
        report = yield
        if not report.passed and isinstance(collector, pytest.File):
            path = str(collector.path)
            for name, module in list(sys.modules.items()):
                if getattr(module, "__file__", None) == path:
                    del sys.modules[name]
        return report


def pytest_configure(config: pytest.Config) -> None:
    """Make it a plugin of the whole run: hooks of this file are called for this folder alone."""
    config.pluginmanager.register(HalfLoaded())
