"""The samples of the package, by the format that they are in."""

from __future__ import annotations

from pathlib import Path

import reviewcorpus as rc

SAMPLES = Path(rc.__file__).parent / "samples"
FOLDERS = {
    "movie": SAMPLES / "worn",
    "senscritique": SAMPLES / "senscritique",
    "muchocine": SAMPLES / "muchocine",
    "mdsd": SAMPLES / "mdsd",
}
CLEAN = [
    SAMPLES / "muchocine" / "2.xml",
    SAMPLES / "senscritique" / "SensCritiqueFilm0.txt",
    SAMPLES / "mdsd" / "dvd" / "negative.review",
]
