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
CLEAN = {
    "movie": SAMPLES / "clean" / "two-short-films.xml",
    "senscritique": SAMPLES / "senscritique" / "SensCritiqueFilm0.txt",
    "muchocine": SAMPLES / "muchocine" / "2.xml",
    "mdsd": SAMPLES / "mdsd" / "dvd" / "negative.review",
}
