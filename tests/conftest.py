"""Hypothesis profiles, and the folder of the real corpus file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
