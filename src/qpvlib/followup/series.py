"""Panels made from the observations: one perimeter each, states kept, nothing filled."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from qpvlib.catalogue import Indicator
from qpvlib.cohort.panel import Panel
from qpvlib.errors import EstimationError, ObservationError, Problem
from qpvlib.followup.plan import Outcome
from qpvlib.followup.seal import fingerprint
from qpvlib.observations import ALL, STATES, VALUE, Observations
from qpvlib.reading import trends
from qpvlib.territories import Territory, qpv

# As in the table that every page hands over, so that a figure is checked the same way.
COLUMNS = (
    "territoire", "nom", "geographie", "indicateur", "modalite", "millesime", "statistique",
    "valeur", "etat", "rupture", "source",
)  # fmt: skip


def table(
    indicators: Iterable[Indicator], store: Observations, perimeter: str = "qpv2015"
) -> pd.DataFrame:
    """Return every figure of some indicators, on one perimeter.

    Parameters
    ----------
    indicators
        Entries of the catalogue.
    store
        The observations.
    perimeter
        ``qpv2015`` (series S15) or ``qpv2024`` (series S24); the two never share a table.

    Returns
    -------
    pd.DataFrame
        :data:`COLUMNS`, one row per quartier, indicator and vintage that some source has;
        ``rupture`` says why a vintage is not measured as the one before it.
    """
    return figures(indicators, store, qpv(perimeter))


def figures(
    indicators: Iterable[Indicator],
    store: Observations,
    members: Sequence[Territory],
    years: Iterable[int] = (),
) -> pd.DataFrame:
    """Return every figure of some indicators and territories, as :func:`table`.

    Parameters
    ----------
    indicators, store
        Entries of the catalogue, the observations.
    members
        The territories.
    years
        When given, each of these vintages and no other: a territory that a file leaves out is
        ``non_disponible`` that year.
    """
    rows = []
    for entry in indicators:
        for member in members:
            series = store.series(entry.id, member.code)
            # The breaks only: nothing is thinned here, vintages are chosen by the protocol.
            breaks = trends.trend(entry, series).breaks
            shown = list(series)
            if years:
                shown = [store.get(entry.id, member.code, vintage=year) for year in years]
            rows += [
                (
                    o.territory, member.name, o.geography, o.indicator, ALL, o.vintage, "valeur",
                    o.value, o.state, breaks.get(o.vintage or 0, ""), o.source,
                )
                for o in shown
            ]  # fmt: skip
    result = pd.DataFrame(rows, columns=list(COLUMNS))
    return result.assign(valeur=result["valeur"].astype(float))


def to_csv(series: pd.DataFrame) -> bytes:
    """Return a table of series as CSV for a French spreadsheet (semicolons, decimal commas)."""
    out = io.StringIO()
    series.to_csv(out, sep=";", decimal=",", index=False, lineterminator="\n")
    return out.getvalue().encode("utf-8-sig")


def read_csv(path: Path) -> pd.DataFrame:
    """Read a panel in the format of :func:`to_csv`.

    Raises
    ------
    ObservationError
        When the file is absent, is not such a table, or holds an unreadable number or state.
    """
    try:
        found = pd.read_csv(path, sep=";", encoding="utf-8-sig", dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise ObservationError(f"Le fichier {path} est introuvable.") from None
    except (UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError):
        raise ObservationError(
            Problem("ce fichier n'est pas un CSV en UTF-8.", path.name)
        ) from None
    needed = ("territoire", "geographie", "indicateur", "millesime", "valeur", "etat")
    problems = [
        Problem(f"la colonne « {name} » manque.", path.name, 1)
        for name in needed
        if name not in found
    ]
    if problems:
        raise ObservationError(problems)
    for column in ("millesime", "valeur"):
        text = found[column].str.replace(",", ".")
        found[column] = pd.to_numeric(text, errors="coerce")
        for row in found.index[found[column].isna() & (text != "")]:
            fact = f"nombre illisible : « {text[row]} »."
            problems.append(Problem(fact, path.name, row + 2, column))
    for row in found.index[~found["etat"].isin(STATES)]:
        fact = f"état inconnu : « {found['etat'][row]} »."
        problems.append(Problem(fact, path.name, row + 2, "etat"))
    if problems:
        raise ObservationError(problems)
    return found


def panel(
    series: pd.DataFrame,
    outcome: Outcome,
    units: pd.DataFrame,
    *,
    years: Iterable[int] | None = None,
    complete: bool = True,
    weighted: bool = False,
) -> Panel:
    """Return the panel of one outcome.

    Parameters
    ----------
    series
        Table of :func:`table`.
    outcome
        What is compared, on its own scale.
    units
        Indexed by territory of the series: ``cible`` (bool), ``debut`` (first treated year of
        the target and of its group), ``population`` (weight).
    years
        Vintages kept; those of the outcome's main window by default.
    complete
        Keep only the units published in each of these years.
    weighted
        Weight each unit by its population.

    Raises
    ------
    EstimationError
        With every problem found: two perimeters, a repeated unit and year, all masked…
    """
    years = outcome.years if years is None else tuple(years)
    rows = series[
        (series["indicateur"] == outcome.indicator.id)
        & series["territoire"].isin(units.index)
        & series["millesime"].isin(years)
    ]
    if complete:
        published = rows[rows["etat"] == VALUE].groupby("territoire")["millesime"].nunique()
        full = published.index[published == len(years)]
        # An entirely masked outcome is kept whole, so that it is refused for what it is.
        rows = rows[rows["territoire"].isin(full)] if len(full) else rows
    rows = rows.assign(
        outcome=_measured(rows, outcome),
        state=rows["etat"].where(rows["etat"] != VALUE, ""),
        first=np.where(
            rows["territoire"].map(units["cible"]), rows["territoire"].map(units["debut"]), np.inf
        ),
        population=rows["territoire"].map(units["population"]),
    )
    return Panel.read(
        rows,
        unit="territoire",
        period="millesime",
        outcome="outcome",
        first_treated="first",
        weight="population" if weighted else None,
        state="state",
        geography="geographie",
    )


def _measured(rows: pd.DataFrame, outcome: Outcome) -> list[float]:
    """Return the figures on the scale compared, blanks kept.

    Raises
    ------
    EstimationError
        Naming every territory and year whose figure has none.
    """
    found, problems = [], []
    for row in rows.itertuples():
        try:
            found.append(outcome.measure(row.valeur) if row.valeur == row.valeur else np.nan)
        except EstimationError as error:
            problems.append(f"{row.territoire} en {row.millesime:g}, {error}")
    if problems:
        raise EstimationError(problems)
    return found


def prints(series: pd.DataFrame) -> dict[str, str]:
    """Return a short fingerprint of the figures of each indicator and year."""
    rows = series.sort_values(["indicateur", "millesime", "territoire"])
    return {
        f"{name} {year}": fingerprint(
            [[row.territoire, None if row.valeur != row.valeur else row.valeur, row.etat]
             for row in own.itertuples()]
        )[:16]
        for (name, year), own in rows.groupby(["indicateur", "millesime"])
    }  # fmt: skip


def overlap(indicator: Indicator, store: Observations, links: pd.Series) -> pd.DataFrame:
    """Compare both perimeters in the years where both are published.

    Parameters
    ----------
    indicator, store
        What to compare.
    links
        QPV of 2015, indexed by QPV of 2024.

    Returns
    -------
    pd.DataFrame
        ``territoire`` (2024), ``unite`` (2015), ``millesime``, ``s15``, ``s24``.
    """
    rows = []
    for code, former in links.items():
        old = {o.vintage: o.value for o in store.series(indicator.id, former) if o.is_value}
        rows += [
            (code, former, o.vintage, old[o.vintage], o.value)
            for o in store.series(indicator.id, code)
            if o.is_value and o.vintage in old
        ]
    return pd.DataFrame(rows, columns=["territoire", "unite", "millesime", "s15", "s24"])


def wide(series: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Return the published figures, on the scale compared: a row per unit, a column per year."""
    rows = series[(series["indicateur"] == outcome.indicator.id) & series["valeur"].notna()]
    values = rows.assign(valeur=_measured(rows, outcome))
    return values.pivot(index="territoire", columns="millesime", values="valeur")
