"""Check that a wheel and a source distribution hold what they should, and are built the same twice.

Run it in a checkout, with the folders of two builds: what git knows of is the measure.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

PACKAGE = PurePosixPath("src/reviewcorpus")
METADATA = ["METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"]
NOT_RELEASED = (".ci/", ".github/", ".readthedocs.yaml")  # for what looks after the repository
# Without them the tests cannot be run from a source distribution.
NEEDED = ["src", "tests", "typing_tests", "docs", "examples", "benchmarks", "fuzz", "tools"]


def contents(distribution: Path) -> set[str]:
    """Give the names of the files in a distribution; in a source distribution, below its folder."""
    if distribution.suffix == ".whl":
        with zipfile.ZipFile(distribution) as wheel:
            return set(wheel.namelist())
    with tarfile.open(distribution) as archive:
        names = [member.name for member in archive if not member.isdir()]
    return {name.partition("/")[2] for name in names}


def expected_in(distribution: Path, tracked: list[str]) -> set[str]:
    """Give the names that should be in a distribution, from those that git knows of."""
    if distribution.suffix == ".whl":
        name, version = distribution.name.split("-")[:2]
        files = [PurePosixPath(path) for path in tracked]
        package = {
            str(path.relative_to(PACKAGE.parent)) for path in files if PACKAGE in path.parents
        }
        return package | {f"{name}-{version}.dist-info/{file}" for file in METADATA}
    return {path for path in tracked if not path.startswith(NOT_RELEASED)} | {"PKG-INFO"}


def faults_of(distribution: Path, tracked: list[str]) -> list[str]:
    """Give what is wrong with a distribution, one line each."""
    found, expected = contents(distribution), expected_in(distribution, tracked)
    where = distribution.name
    faults = [f"{where}: {name} should not be in there" for name in sorted(found - expected)]
    faults += [f"{where}: {name} is missing" for name in sorted(expected - found)]
    if distribution.suffix != ".whl":
        folders = {name.partition("/")[0] for name in found}
        faults += [f"{where}: there is no {name}/" for name in NEEDED if name not in folders]
    return faults


def differences(first: Path, second: Path) -> list[str]:
    """Give what differs between two builds, one line each."""
    one, other = (
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in (first, second)
    )
    differing = [name for name in sorted({*one, *other}) if one.get(name) != other.get(name)]
    return [f"{name} is not built the same twice" for name in differing]


def main(arguments: list[str]) -> int:
    """Check the builds in two folders, which should be the same, and give the exit status."""
    first, second = map(Path, arguments)
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(  # noqa: S603 our own
        command, check=True, capture_output=True, encoding="utf-8"
    )
    tracked = listed.stdout.rstrip("\0").split("\0")
    distributions = [*first.glob("*.whl"), *first.glob("*.tar.gz")]
    faults = [fault for each in distributions for fault in faults_of(each, tracked)]
    faults += differences(first, second)
    if len(distributions) != 2:  # noqa: PLR2004 one of each
        faults.append(f"{first}: there should be one wheel and one source distribution")
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
