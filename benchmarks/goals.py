"""What is aimed at: a goal for each figure, with the section of `run.py` that measures it."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """A goal.

    Attributes:
        about: What is measured.
        bound: What should be reached.
        is_most: Whether the figure should be at most the bound; else it is the time of another
            reader divided by that of this library, and should be at least the bound.
        unit: Of the figure, if it is not a ratio.
    """

    about: str
    bound: float
    is_most: bool = False
    unit: str = ""

    def is_met(self, figure: float) -> bool:
        """Return whether a figure, rounded as in the table, is as good as the bound."""
        rounded = round(figure, 2)
        return rounded <= self.bound if self.is_most else rounded >= self.bound


# The key is "section/figure".
GOALS = {
    "clean/lxml": Goal("clean, against lxml with `recover=True`", 2.6),
    "clean/etree": Goal("clean, against `xml.etree`", 2.7),
    "clean/defusedxml": Goal("clean, against defusedxml", 3.7),
    "clean/selectolax": Goal("clean, against selectolax", 2.7),
    "clean/floor": Goal("clean, time of the floor / ours", 0.5),
    "damaged/five": Goal("one review in five damaged, without `on_defect`, against lxml", 2.2),
    "damaged/five, listening": Goal("the same, with `on_defect`", 1.8),
    "damaged/every": Goal(
        "every review damaged by a reference, without `on_defect`, against lxml", 1.5
    ),
    "damaged/every, listening": Goal("the same, with `on_defect`", 1.0),
    "damaged/markup, listening": Goal(
        "every review damaged by `<3`, `<i>…</i>`, `<br>` or U+0007, with `on_defect`, against"
        " selectolax",
        0.9,
    ),
    "real/clean": Goal("a real file, repeated: clean, against lxml", 2.4),
    "real/five": Goal("the same, one review in five damaged, without `on_defect`", 2.0),
    "real/five, listening": Goal("the same, with `on_defect`", 1.4),
    "real/every": Goal("the same, every review damaged, without `on_defect`", 1.4),
    "real/every, listening": Goal("the same, with `on_defect`", 0.8),
    "small/146": Goal("`load` of 146 bytes, against lxml", 2.2),
    "small/1600": Goal("`load` of 1.6 kB, against lxml", 2.2),
    "small/13800": Goal("`load` of 13.8 kB, against lxml", 2.2),
    "small/markup": Goal("`load` of 16 kB with one `<br>` and one `<3`, against lxml", 1.6),
    "small/folder": Goal("a folder of 2,000 files, against lxml", 2.6),
    "import/whole": Goal(
        "a process with `import reviewcorpus` / one with `import attrs`", 1.3, is_most=True
    ),
    "commands/validate": Goal("`check --validate` / `check`", 5, is_most=True),
    "commands/nothing": Goal("`clean` with nothing to change / `check`", 6, is_most=True),
    "commands/everything": Goal("`clean` with every step / `check`", 10, is_most=True),
    "dumps/each": Goal("`dumps`, per review", 8, is_most=True, unit=" µs"),
    "formats/muchocine": Goal("muchocine, joined, against lxml", 3.0),
    "formats/muchocine, folder": Goal("muchocine, a folder of files, against lxml", 1.5),
    "formats/senscritique": Goal("SensCritique, against lxml", 3.0),
    "formats/mdsd": Goal("Multi-Domain, against lxml", 1.5),
}
