"""A Python data source for Spark (extra `spark`, PySpark 4): one row per review, movie or defect.

After `reviewcorpus.spark.register(spark)`, `spark.read.format("reviewcorpus").load(path)` returns a
data frame with the columns of `reviewcorpus.arrow`. Each partition reads a group of files.
"""

from __future__ import annotations

import errno
import glob
import json
import os
import re
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from reviewcorpus._checks import brief, missing, refuse, require_integer

try:
    from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
    from pyspark.sql.types import StructType
except ModuleNotFoundError as _error:  # PySpark 3 has no pyspark.sql.datasource
    raise missing(_error, "reviewcorpus.spark", "spark") from _error

from reviewcorpus._iterators import Items
from reviewcorpus._rows import fields_of
from reviewcorpus.arrow import TABLES
from reviewcorpus.limits import MEBIBYTE, Limits
from reviewcorpus.parser._options import Options
from reviewcorpus.sources import Finder, NoFile, Streams, opening_of
from reviewcorpus.sources._files import open_raw, without_compression
from reviewcorpus.sources._streams import has_text_name, is_hidden

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    import pyarrow as pa
    from pyspark.sql import SparkSession

__all__ = ["ReviewCorpus", "register"]

# Spark's names of Arrow's types; those of the others are the same.
_TYPES = {"int32": "integer", "int64": "long", "date32[day]": "date"}


def register(spark: SparkSession) -> None:
    """Register the format `reviewcorpus` with a Spark session.

    The package must be installed where the session's Python workers run.

    Args:
        spark: The session.

    Example:
        With a session::

            register(spark)
            reviews = spark.read.format("reviewcorpus").option("errors", "drop").load("/corpus")
    """
    spark.dataSource.register(ReviewCorpus)


class ReviewCorpus(DataSource):
    """The format `reviewcorpus`; Spark makes the instances.

    The page *Read a corpus with Spark* describes paths, options and partitions. Rows are in the
    order of the files, and of the records in each file.

    Args:
        options: What a user has passed to `option` and `load`, as text.

    Example:
        >>> from reviewcorpus.spark import ReviewCorpus
        >>> source = ReviewCorpus({"path": "corpus/", "table": "movies", "errors": "drop"})
        >>> source.schema().names[:4]
        ['source', 'movie_index', 'imdb_id', 'title']
    """

    @classmethod
    def name(cls) -> str:
        """Return the name of the format."""
        return "reviewcorpus"

    def schema(self) -> StructType:
        """Return the columns of the table that the options name.

        Raises:
            ValueError: There is no such option, or it has a value that is not allowed.
        """
        schema = StructType()
        for field in TABLES[_Settings.of(self.options).table][0]:
            schema.add(field.name, _TYPES.get(str(field.type), str(field.type)))
        return schema

    def reader(self, schema: StructType) -> DataSourceReader:
        """Return the object that plans the partitions and reads the files.

        Args:
            schema: The wanted columns: any of the table's, in any order.

        Raises:
            ValueError: As for `schema`; or the table has no such column, or one of another type.
        """
        settings = _Settings.of(self.options)
        columns = _columns_of(self.schema())
        for column in _columns_of(schema):
            if column not in columns:
                shown = ", ".join(columns)
                raise ValueError(f"{settings.table} have no column {column}; they have {shown}")
        return _Reader(settings, schema.names)


def _columns_of(schema: StructType) -> list[str]:
    return [f"{field.name} {field.dataType.simpleString()}" for field in schema]


class _Reader(DataSourceReader):
    """Plans the partitions, on the driver, and reads each one, on a worker."""

    def __init__(self, settings: _Settings, columns: list[str]) -> None:
        self._settings = settings
        self._columns = columns

    def partitions(self) -> list[InputPartition]:
        """Return the groups of files that are read together."""
        settings = self._settings
        finder = Finder()
        files = chain.from_iterable(_files_of(path, finder) for path in settings.paths)
        return [InputPartition(group) for group in _groups(files, settings.partition_bytes)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Read a group of files; yield their rows, batch by batch."""
        streams = Streams(opening_of(found, _open_file) for found in partition.value)
        table = self._settings.table
        items = Items(streams, self._settings.options, listens=table == "defects")
        _, batches = TABLES[table]
        for batch in batches(items):
            yield batch.select(self._columns)


# ---- options ----------------------------------------------------------------------------

_PARTITION_BYTES = 64 * MEBIBYTE
_LIMITS = fields_of(Limits)
_READING = fields_of(Options, "limits", "on_defect")
_OPTIONS = ["table", "partition_bytes", *_READING, *_LIMITS]


class _Settings(NamedTuple):
    """The options that a user has passed, checked.

    Attributes:
        paths: Files, folders and patterns.
        table: Which of `TABLES`.
        partition_bytes: How much one partition reads.
        options: How the files are read.
    """

    paths: list[str]
    table: str
    partition_bytes: int
    options: Options

    @classmethod
    def of(cls, given: Mapping[str, str]) -> _Settings:
        """Check the options; case and underscores in their names do not matter.

        Raises:
            ValueError: There is no such option, or it has a value that is not allowed.
        """
        names = {name.replace("_", ""): name for name in [*_OPTIONS, "path", "paths"]}
        known: dict[str, Any] = {"table": "reviews", "partition_bytes": _PARTITION_BYTES}
        for name, value in given.items():
            key = names.get(name.replace("_", "").lower())
            if key is None:
                options = ", ".join(map(_camel_case, _OPTIONS))
                raise ValueError(f"there is no option {brief(name)}; the options are {options}")
            known[key] = _integer(key, value) if key in {"partition_bytes", *_LIMITS} else value
        table, partition_bytes = known["table"], known["partition_bytes"]
        if table not in TABLES:
            refuse(ValueError, "table", table, "'reviews', 'movies' or 'defects'")
        require_integer("partitionBytes", partition_bytes, 1)
        limits = Limits(**{name: known[name] for name in _LIMITS if name in known})
        reading = {name: known[name] for name in _READING if name in known}
        return cls(_paths_in(known), table, partition_bytes, Options(limits=limits, **reading))


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _integer(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        refuse(ValueError, _camel_case(name), value, "a whole number")


def _paths_in(known: Mapping[str, str]) -> list[str]:
    """Return the paths that Spark passes: one as `path`, several as JSON in `paths`."""
    paths: list[str] = json.loads(known["paths"]) if "paths" in known else [known.get("path", "")]
    if not paths or not all(paths):
        raise ValueError("load() needs a path, or several: files, folders or patterns")
    return paths


# ---- files ------------------------------------------------------------------------------
# A path with a scheme, such as `s3://`, is for fsspec; any other is one on this machine.

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# The least that a file counts as, in bytes, because opening one takes as long as reading some.
_COST_OF_OPENING = 1 << 18


def _groups(
    files: Iterable[tuple[str | NoFile, int]], most: int
) -> Iterator[tuple[str | NoFile, ...]]:
    """Yield the paths of files in groups of at most `most` bytes, or of one file.

    There is at least one group; without files, it is empty. A large file is not divided: only
    reading from the start of the file shows where a record begins.
    """
    group: list[str | NoFile] = []
    total = 0
    for path, size in files:
        cost = max(size, _COST_OF_OPENING)
        if group and total + cost > most:
            yield tuple(group)
            group, total = [], 0
        group.append(path)
        total += cost
    yield tuple(group)


def _files_of(pattern: str, finder: Finder) -> Iterator[tuple[str | NoFile, int]]:
    """Yield the files of a path, folder or pattern, sorted by name, and their sizes in bytes.

    Each file that a pattern matches is yielded once, though `**` matches a folder and what is in
    it. A folder without files is yielded as a `NoFile`.

    Args:
        pattern: The path, folder or pattern.
        finder: The finder that all of them share.

    Raises:
        OSError: There is no such file, nothing matches a pattern, or a folder is unreadable.
        ImportError: The path has a scheme, and fsspec is missing.
    """
    find = _remote_files if _SCHEME.match(pattern) else _local_files
    found = list(find(pattern, finder))
    # Folders without files matter only if nothing else was found.
    yield from [pair for pair in found if isinstance(pair[0], str)] or found[:1]


def _local_files(pattern: str, finder: Finder) -> Iterator[tuple[str | NoFile, int]]:
    found, is_pattern = [pattern], not os.path.lexists(pattern)  # a name may have brackets
    if is_pattern:
        found = sorted(glob.glob(pattern, recursive=True), key=_steps)
    for path in _existing(found, pattern):
        for entry in finder.find(path, once=is_pattern):
            if isinstance(entry, OSError):
                raise entry
            yield entry, os.stat(entry).st_size if isinstance(entry, str) else 0


def _remote_files(url: str, finder: Finder) -> Iterator[tuple[str | NoFile, int]]:
    system, name = _system_of(url)
    is_pattern = not (system.isfile(name) or system.isdir(name))
    found = sorted(system.glob(name), key=_steps) if is_pattern else [name]
    for entry in _existing(found, url):
        is_folder = system.isdir(entry)
        if is_folder:
            inside = system.find(entry, detail=True)
            inside = {path: inside[path] for path in inside if _is_read(path, entry, inside)}
        else:
            inside = {entry: system.info(entry)}
        for path in sorted(inside, key=_steps):
            address = system.unstrip_protocol(path)
            if finder.is_new(address) or not (is_folder or is_pattern):
                yield address, inside[path]["size"] or 0
        if not inside:
            yield NoFile(system.unstrip_protocol(entry)), 0


def _is_read(path: str, folder: str, beside: Container[str]) -> bool:
    """Return whether a file in a folder is read, as `Finder` decides on this machine."""
    plain = without_compression(path)
    is_only_form = plain == path or plain not in beside
    return has_text_name(plain) and is_only_form and not is_hidden(path.removeprefix(folder))


def _existing(found: list[str], pattern: str) -> list[str]:
    if not found:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), pattern)
    return found


def _steps(path: str) -> list[str]:
    """Return a key to sort paths by that keeps the files of a folder together."""
    return path.replace(os.sep, "/").split("/")


def _open_file(path: str) -> IO[bytes]:
    if not _SCHEME.match(path):
        return open_raw(path)
    system, name = _system_of(path)
    file: IO[bytes] = system.open(name, "rb")
    return file


def _system_of(url: str) -> tuple[Any, str]:
    """Return the file system of a URL, and its path there."""
    try:
        from fsspec.core import url_to_fs
    except ModuleNotFoundError as error:
        raise missing(error, url, "spark") from error
    system, path = url_to_fs(url)
    return system, path
