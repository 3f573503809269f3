"""Check that a wheel and a source distribution hold what they should, and are built the same twice.

Run it in a checkout, with the folders of two builds: what git knows of is the measure.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PACKAGE = PurePosixPath("src/reviewcorpus")
METADATA = ["METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"]
NOT_RELEASED = (".ci/", ".github/", ".readthedocs.yaml")  # for what looks after the repository
# Without them the tests cannot be run from a source distribution.
NEEDED = ["src", "tests", "typing_tests", "docs", "examples", "benchmarks", "fuzz", "tools"]


# ---- files ------------------------------------------------------------------------------


def contents(distribution: Path) -> dict[str, bytes]:
    """Give the files in a distribution by name; in a source distribution, below its folder."""
    if distribution.suffix == ".whl":
        with zipfile.ZipFile(distribution) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    files = {}
    with tarfile.open(distribution) as archive:
        for member in archive:
            if not member.isdir():
                data = archive.extractfile(member)
                files[member.name.partition("/")[2]] = data.read() if data else b""
    return files


def is_of_package(path: PurePosixPath) -> bool:
    """Tell whether a file of the package's folder may be released: no data, no tests."""
    if path.name.startswith("test_"):
        return False
    return path.name == "py.typed" or path.name.endswith((".py", ".html.jinja"))


def expected_in(distribution: Path, tracked: list[str]) -> dict[str, str]:
    """Give the names that should be in a distribution, from those that git knows of.

    With each comes the name in the checkout; what the build writes has none.
    """
    files = [PurePosixPath(path) for path in tracked]
    refused = {str(path) for path in files if PACKAGE in path.parents and not is_of_package(path)}
    released = [path for path in files if str(path) not in refused]
    if distribution.suffix == ".whl":
        folder = "-".join(distribution.name.split("-")[:2]) + ".dist-info"
        package = [path for path in released if PACKAGE in path.parents]
        expected = {str(path.relative_to(PACKAGE.parent)): str(path) for path in package}
        expected |= {f"{folder}/{file}": "" for file in METADATA}
        return expected | {f"{folder}/licenses/LICENSE": "LICENSE"}
    names = [str(path) for path in released if not str(path).startswith(NOT_RELEASED)]
    return {"PKG-INFO": ""} | {name: name for name in names}


def faults_of(distribution: Path, tracked: list[str], checkout: Path = Path()) -> list[str]:
    """Give what is wrong with a distribution, one line each."""
    found, expected = contents(distribution), expected_in(distribution, tracked)
    where = distribution.name
    faults = [f"{where}: {name} should not be in there" for name in sorted({*found} - {*expected})]
    faults += [f"{where}: {name} is missing" for name in sorted({*expected} - {*found})]
    for name in sorted({*expected} & {*found}):
        source = expected[name]
        if source and found[name] != (checkout / source).read_bytes():
            faults.append(f"{where}: {name} is not {source} of the checkout")
        if name.endswith((".dist-info/METADATA", "PKG-INFO")):
            faults += [f"{where}: {fault}" for fault in metadata_faults(found[name], checkout)]
    if distribution.suffix != ".whl":
        folders = {name.partition("/")[0] for name in found}
        faults += [f"{where}: there is no {name}/" for name in NEEDED if name not in folders]
    return faults


# ---- metadata ---------------------------------------------------------------------------

_JOINED = re.compile(r" (?:and|or) ")


def canonical(text: str, extra: str = "") -> str:
    """Write a requirement, and the extra that asks for it, in one way."""
    requirement = Requirement(text)
    requirement.name = canonicalize_name(requirement.name)
    marker = str(requirement.marker or "")
    if extra:
        marker = f'({marker}) and extra == "{extra}"' if marker else f'extra == "{extra}"'
    # Parentheses around one comparison say nothing, and builders put them in or not.
    marker = re.sub(r"\(([^()]*?)\)", lambda m: m[0] if _JOINED.search(m[1]) else m[1], marker)
    requirement.marker = None
    return f"{requirement}; {marker}" if marker else str(requirement)


def requirements_of(project: dict[str, Any]) -> set[str]:
    """Give what a project asks for; an extra that names extras of its own asks for theirs."""
    extras: dict[str, list[str]] = project.get("optional-dependencies", {})
    asked = {canonical(text) for text in project.get("dependencies", [])}
    for extra in extras:
        waiting, seen = [extra], set()
        while waiting:
            seen.add(part := waiting.pop())
            for text in extras[part]:
                requirement = Requirement(text)
                if canonicalize_name(requirement.name) == project["name"]:
                    waiting += requirement.extras - seen
                else:
                    asked.add(canonical(text, extra))
    return asked


def metadata_faults(data: bytes, checkout: Path) -> list[str]:
    """Give where the metadata of a distribution are not what pyproject.toml says."""
    settings = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    project, metadata = settings["project"], message_from_bytes(data)
    pythons = {str(SpecifierSet(text)) for text in metadata.get_all("Requires-Python", [])}
    pairs = {
        "Requires-Python": (pythons, {str(SpecifierSet(project["requires-python"]))}),
        "Requires-Dist": (
            {canonical(text) for text in metadata.get_all("Requires-Dist", [])},
            requirements_of(project),
        ),
        "Provides-Extra": (
            set(metadata.get_all("Provides-Extra", [])),
            set(project.get("optional-dependencies", {})),
        ),
    }
    faults = []
    for field, (told, asked) in pairs.items():
        faults += [f"{field}: {text} is not in pyproject.toml" for text in sorted(told - asked)]
        faults += [f"{field}: {text} is missing" for text in sorted(asked - told)]
    return faults


# ---- builds -----------------------------------------------------------------------------


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
