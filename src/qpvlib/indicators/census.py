"""Census indicators from the detail files, summed by IRIS.

One pass over the file sums, for each IRIS, the weights behind every numerator and denominator;
territories are sums of these cells (:mod:`qpvlib.indicators.areas`), so an indicator is computed
in one place only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from qpvlib.estimate import Form
from qpvlib.indicators.areas import CELL, MASKED_IRIS
from qpvlib.indicators.microdata import count, definitions, engine, opened, total
from qpvlib.observations import ALL

MARSEILLE = tuple(str(code) for code in range(13201, 13217))
OVERCROWDED = ("part_menages_suroccupation", "part_mineurs_suroccupation")
"""What :mod:`qpvlib.indicators.overcrowding` gives, from the file of persons."""


@dataclass(frozen=True)
class Indicator:
    """One entry of ``data/recensement.yml``, conditions written on the common names."""

    name: str
    numerator: str
    denominator: str
    quantity: str | None
    form: Form
    by_sex: bool
    sensitive: bool

    @property
    def sums(self) -> dict[str, str]:
        """SQL aggregate behind each number of a cell."""
        observed = self.denominator
        if self.form == "rapport":  # a ratio of two groups rests on both
            observed = f"({self.numerator}) OR ({self.denominator})"
        weight = f"poids::HUGEINT * {self.quantity}" if self.quantity else "poids"
        # What is counted by ones is its own square.
        squared = f"{weight} * {self.quantity}" if self.quantity else weight
        return {
            "numerateur": total(self.numerator, weight),
            "denominateur": total(self.denominator),
            "n": count(observed),
            "carres": total(self.numerator, squared),
        }


def indicators(section: str) -> tuple[Indicator, ...]:
    """Return the indicators of a section, in the order of ``data/recensement.yml``."""
    return tuple(
        Indicator(
            name,
            entry["numerateur"],
            entry["denominateur"],
            entry.get("quantite"),
            entry.get("forme", "part"),
            entry.get("par_sexe", False),
            entry.get("sensible", False),
        )
        for name, entry in definitions()[section]["indicateurs"].items()
    )


def forms() -> dict[str, Form]:
    """Return the form of every census indicator, as ``estimate.with_intervals`` takes it."""
    named = {one.name: one.form for part in ("individus", "logements") for one in indicators(part)}
    return named | dict.fromkeys(OVERCROWDED, "part")


def given(section: str) -> tuple[str, ...]:
    """Return the name of every indicator that the file of a section gives."""
    names = tuple(one.name for one in indicators(section))
    return (*names, *OVERCROWDED) if section == "individus" else names


def cells(
    path: Path,
    section: str,
    arrondissements: Iterable[str] | None = MARSEILLE,
    sensitive: bool = False,
    memory: str = "2GB",
    year: int | None = None,
) -> pd.DataFrame:
    """Sum a detail file by IRIS, for every indicator of a section.

    Parameters
    ----------
    path
        ``FD_INDCVI`` (section ``individus``) or ``FD_LOGEMT`` (``logements``), csv or parquet.
    section
        Section of ``data/recensement.yml``.
    arrondissements
        Municipal arrondissements to keep, or None for the whole file.
    sensitive
        Whether to include nationality and immigration, which may not be published by IRIS.
    memory
        What DuckDB may hold before spilling to disk.
    year
        Vintage of the file, when its code lists must be those of that year.

    Returns
    -------
    DataFrame
        Columns :data:`CELL`: weighted numerator and denominator, rows observed. A masked IRIS is
        a missing ``iris``: it counts in its arrondissement only.

    Raises
    ------
    SourceError
        If columns are missing, a weight is missing or not positive, a code is unknown, or no row
        concerns the arrondissements: everything is named at once and nothing is returned.
    """
    chosen = [one for one in indicators(section) if sensitive or not one.sensitive]
    names = {
        aggregate: f"s{rank}"
        for rank, aggregate in enumerate(
            dict.fromkeys(aggregate for one in chosen for aggregate in one.sums.values())
        )
    }
    sex = "sexe" if any(one.by_sex for one in chosen) else f"'{ALL}'"
    with engine(memory) as connection:
        kept = None if arrondissements is None else tuple(arrondissements)
        source = opened(connection, path, section, kept, year=year)
        wide = source.summed(connection, f"arrondissement, iris, {sex} AS modalite", names)
    place = ["arrondissement", "iris"]
    whole = wide.groupby(place)[list(names.values())].sum().reset_index().assign(modalite=ALL)
    return stacked(
        frame[[*place, "modalite"]].assign(
            indicateur=one.name,
            **{column: frame[names[aggregate]] for column, aggregate in one.sums.items()},
        )
        for one in chosen
        for frame in ((whole, wide) if one.by_sex else (whole,))
    )


def stacked(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Stack frames into one table of cells, without the codes that stand for a masked IRIS."""
    table = pd.concat(frames, ignore_index=True)
    table["iris"] = table["iris"].where(~table["iris"].str.contains(MASKED_IRIS, na=True))
    return table[CELL]
