"""What two counts of inhabitants and a contour give: how dense a quartier is, how it grows."""

import numpy as np
import pandas as pd

from qpvlib.estimate import combine, design_effect, relative_half_width
from qpvlib.observations import ALL, VALUE
from qpvlib.territories import METRIC_CRS, contours

POPULATION, DENSITY, GROWTH = "population_qpv", "densite", "evolution_population"


def density(people: pd.DataFrame) -> pd.DataFrame:
    """Return the inhabitants per hectare of the quartiers of 2024.

    Parameters
    ----------
    people
        Observations of ``population_qpv``.

    Returns
    -------
    DataFrame
        Columns of an observation but ``source``: value, inhabitants, hectares (Lambert 93).
    """
    known = _counts(people, "qpv2024").reset_index()
    if known.empty:
        return known
    area = contours().to_crs(METRIC_CRS).area / 10_000
    known["denominateur"] = known["territoire"].map(area).round(4)
    known = known.dropna(subset="denominateur").rename(columns={"valeur": "numerateur"})
    known["valeur"] = (known["numerateur"] / known["denominateur"]).round(6)
    return known.assign(indicateur=DENSITY, modalite=ALL, etat=VALUE)


def growth(people: pd.DataFrame, geography: str = "qpv2015") -> pd.DataFrame:
    """Return the mean yearly growth between the first and the last count, perimeter unchanged.

    Parameters
    ----------
    people
        Observations of ``population_qpv``.
    geography
        The one perimeter of the series.

    Returns
    -------
    DataFrame
        Columns of an observation but ``source``, dated by the last count; in % a year, without
        parts because the ratio of two counts is not the rate. Bounds: both counts come from
        samples (see :func:`qpvlib.estimate.relative_half_width`).
    """
    counts = _counts(people, geography)["valeur"].unstack("millesime").dropna()
    if counts.shape[1] < 2 or counts.empty:
        return pd.DataFrame()
    first, last = counts.columns[0], counts.columns[-1]
    ratio, years = counts[last] / counts[first], last - first
    deff = design_effect(GROWTH)
    noise = combine(*(relative_half_width(counts[year], deff=deff) for year in (first, last)))
    rates = {
        "valeur": ratio,
        "borne_basse": ratio * np.exp(-noise),
        "borne_haute": ratio * np.exp(noise),
    }
    table = pd.DataFrame({name: 100 * (r ** (1 / years) - 1) for name, r in rates.items()}).round(6)
    return table.reset_index().assign(
        geographie=geography, indicateur=GROWTH, modalite=ALL, millesime=last, etat=VALUE
    )


def _counts(people: pd.DataFrame, geography: str) -> pd.DataFrame:
    kept = (
        (people["indicateur"] == POPULATION)
        & (people["geographie"] == geography)
        & (people["modalite"] == ALL)
        & (people["etat"] == VALUE)
    )
    keys = ["geographie", "territoire", "millesime"]
    return people.loc[kept, [*keys, "valeur"]].set_index(keys).sort_index()
