"""A Python data source for Spark (extra `spark`, PySpark 4): one row a review, movie or defect.

After `reviewcorpus.spark.register(spark)`, `spark.read.format("reviewcorpus").load(path)` gives a
data frame with the columns of `reviewcorpus.arrow`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    import pyarrow as pa
    from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
    from pyspark.sql.types import (
        DataType,
        DateType,
        DoubleType,
        IntegerType,
        LongType,
        StringType,
        StructField,
        StructType,
    )
except ModuleNotFoundError as _error:  # PySpark 3 has no pyspark.sql.datasource
    raise ImportError(
        f"reviewcorpus.spark needs {_error.name}; install it with:"
        " pip install 'reviewcorpus[spark]'",
        name=_error.name,
    ) from _error

from reviewcorpus._spark.files import files_of
from reviewcorpus._spark.partitions import batches_of, plan
from reviewcorpus._spark.settings import Settings
from reviewcorpus._tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

__all__ = ["ReviewCorpus", "register"]

_TYPES: dict[pa.DataType, DataType] = {
    pa.string(): StringType(),
    pa.int32(): IntegerType(),
    pa.int64(): LongType(),
    pa.float64(): DoubleType(),
    pa.date32(): DateType(),
}
_SCHEMAS = {
    table: StructType([StructField(field.name, _TYPES[field.type]) for field in schema])
    for table, (schema, _) in TABLES.items()
}


def register(spark: SparkSession) -> None:
    """Make the format `reviewcorpus` known to a Spark session.

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

    The page *Read a corpus with Spark* tells of paths, options and partitions. Rows come in the
    order of the files and of what stands in them.

    Args:
        options: What a user has given to `option` and `load`, as text.

    Example:
        >>> from reviewcorpus.spark import ReviewCorpus
        >>> source = ReviewCorpus({"path": "corpus/", "table": "movies", "errors": "drop"})
        >>> source.schema().names[:4]
        ['source', 'movie_index', 'imdb_id', 'title']
    """

    @classmethod
    def name(cls) -> str:
        """Give the name of the format."""
        return "reviewcorpus"

    def schema(self) -> StructType:
        """Give the columns of the table that the options name.

        Raises:
            ValueError: There is no such option, or it has a value that it cannot have.
        """
        return _SCHEMAS[Settings.of(self.options).table]

    def reader(self, schema: StructType) -> DataSourceReader:
        """Give what reads the files.

        Args:
            schema: The columns that are wanted: any of the table's, in any order.

        Raises:
            ValueError: As for `schema`; or the table has no such column, or one of another type.
        """
        settings = Settings.of(self.options)
        columns = {field.name: field.dataType for field in _SCHEMAS[settings.table]}
        for field in schema:
            if columns.get(field.name) != field.dataType:
                shown = ", ".join(f"{name} {kind.simpleString()}" for name, kind in columns.items())
                wanted = f"{field.name} {field.dataType.simpleString()}"
                raise ValueError(f"{settings.table} have no column {wanted}; they have {shown}")
        return _Reader(settings, schema.names)


class _Reader(DataSourceReader):
    """Plans the partitions, on the driver, and reads each one, on a worker."""

    def __init__(self, settings: Settings, columns: list[str]) -> None:
        self._settings = settings
        self._columns = columns

    def partitions(self) -> list[InputPartition]:
        """Give what each partition reads."""
        return [
            InputPartition(part) for part in plan(files_of(self._settings.paths), self._settings)
        ]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Read a partition."""
        settings = self._settings
        for batch in batches_of(partition.value, settings.table, settings.options):
            yield batch.select(self._columns)
