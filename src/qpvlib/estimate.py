"""From counts to a figure with its interval and its reliability.

The census covers about 40 % of the dwellings of a large commune over five years, without
replacement; whole addresses are drawn, so neighbours come in clusters. Hence a finite-population
factor ``1 - f`` and a design effect, measured for each indicator (``effet_plan`` of the catalogue).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from qpvlib.catalogue import indicators
from qpvlib.errors import EstimationError

Z95 = 1.959963984540054
SAMPLING_RATE = 0.4
"""Share of the dwellings of a large commune that the census visits over five years."""
CONFIDENT, CAUTION = 500, 200
"""Weighted counts from which INSEE advises confidence, below which it advises caution
(insee.fr/fr/statistiques/4177135)."""

DESIGN_EFFECT = 2.0
"""Design effect of what is not in the catalogue: persons drawn by dwelling."""

Form = Literal["part", "rapport", "moyenne"]


@dataclass(frozen=True)
class Estimate:
    """A value and its 95 % interval, in the unit of the value."""

    value: float
    low: float
    high: float


def design_effect(name: str) -> float:
    """Return the design effect of an indicator, :data:`DESIGN_EFFECT` where it has none."""
    entry = indicators().get(name)
    return (entry.effet_plan if entry else None) or DESIGN_EFFECT


def effective_size(
    n: ArrayLike, sampling_rate: ArrayLike, deff: ArrayLike = DESIGN_EFFECT
) -> np.ndarray:
    """Return the size of the simple infinite sample that would be as precise.

    Parameters
    ----------
    n
        Persons or dwellings observed.
    sampling_rate
        Share of the population observed, above 0 and at most 1.
    deff
        Design effect: variance of the design over that of a simple sample of the same size.

    Returns
    -------
    ndarray
        ``n / (deff (1 - f))``, infinite for an exhaustive count.

    Raises
    ------
    EstimationError
        If a size is negative, a rate out of range or the design effect not positive.
    """
    n, rate, deff = (np.asarray(x, float) for x in (n, sampling_rate, deff))
    problems = []
    if (n < 0).any():
        problems.append("La taille d'un échantillon est négative.")
    if not ((rate > 0) & (rate <= 1)).all():
        problems.append("Le taux de sondage doit être compris entre 0 (exclu) et 1.")
    if not (deff > 0).all():
        problems.append("L'effet de plan doit être positif.")
    if problems:
        raise EstimationError(problems)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rate < 1, n / (deff * (1 - rate)), np.inf)


def wilson(share: ArrayLike, size: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % Wilson bounds of shares between 0 and 1 (Wilson 1927).

    They stay within 0 and 1 and do not collapse when nobody, or everybody, is concerned.
    """
    share, size = np.asarray(share, float), np.asarray(size, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = Z95**2 / size
        centre = (share + pull / 2) / (1 + pull)
        reach = Z95 * np.sqrt(share * (1 - share) / size + pull / (4 * size)) / (1 + pull)
    return np.clip(centre - reach, 0, 1), np.clip(centre + reach, 0, 1)


def interval(
    p: ArrayLike,
    population: ArrayLike,
    sampling_rate: float = SAMPLING_RATE,
    deff: ArrayLike = DESIGN_EFFECT,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % bounds, in percent, of a published census rate.

    Parameters
    ----------
    p
        Rate in percent.
    population
        Inhabitants (or households) the rate is computed on.
    sampling_rate, deff
        See :func:`effective_size`.

    Raises
    ------
    EstimationError
        If a rate is outside 0-100 or a population is not positive.
    """
    p, population = np.asarray(p, float), np.asarray(population, float)
    problems = []
    if ((p < 0) | (p > 100)).any():
        problems.append("Un taux est hors de l'intervalle 0-100\u00a0%.")
    if (population <= 0).any():
        problems.append("Un taux porte sur une population nulle ou négative.")
    if problems:
        raise EstimationError(problems)
    low, high = wilson(p / 100, effective_size(population * sampling_rate, sampling_rate, deff))
    return 100 * low, 100 * high


def ratio_interval(
    value: ArrayLike,
    population: ArrayLike,
    sampling_rate: float = SAMPLING_RATE,
    deff: ArrayLike = DESIGN_EFFECT,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % bounds of the ratio of two groups of a census.

    Delta method on the logarithm of the ratio of two counts, with finite-population correction:
    the bounds stay positive and are not symmetrical.

    Parameters
    ----------
    value
        First group divided by the second, both disjoint.
    population
        Persons of the two groups together.
    sampling_rate, deff
        See :func:`interval`.
    """
    value, population = np.asarray(value, float), np.asarray(population, float)
    if (value <= 0).any() or (population <= 0).any():
        raise EstimationError("Un rapport de deux groupes demande deux groupes non vides.")
    second = population / (1 + value)
    counts = 1 / (value * second) + 1 / second
    reach = Z95 * np.sqrt(np.asarray(deff) * (1 - sampling_rate) / sampling_rate * counts)
    return value * np.exp(-reach), value * np.exp(reach)


def mean_half_width(
    deviation: float,
    units: ArrayLike,
    sampling_rate: float = SAMPLING_RATE,
    deff: ArrayLike = DESIGN_EFFECT,
) -> np.ndarray:
    """Return the half-width of the 95 % interval of a mean over the units of a census.

    Parameters
    ----------
    deviation
        Standard deviation between units.
    units
        Units in the universe, not in the sample.
    sampling_rate, deff
        See :func:`interval`.
    """
    units = np.asarray(units, float)
    if (units <= 0).any():
        raise EstimationError("Une moyenne demande au moins une unité.")
    size = effective_size(sampling_rate * units, sampling_rate, deff)
    return Z95 * deviation / np.sqrt(size)


def equivalent_size(
    variance: ArrayLike,
    reach: ArrayLike,
    deff: ArrayLike = DESIGN_EFFECT,
    sampling_rate: float = SAMPLING_RATE,
) -> np.ndarray:
    """Return the universe whose census alone would give this half-width.

    The inverse of the formulas above, without Wilson's correction.

    Parameters
    ----------
    variance
        Variance between units, in the square of the unit of ``reach``.
    reach
        Half-width of a 95 % interval.
    deff, sampling_rate
        See :func:`interval`.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        sample = np.asarray(variance) * (Z95 / np.asarray(reach)) ** 2
        return sample * np.asarray(deff) * (1 - sampling_rate) / sampling_rate


def relative_half_width(
    population: ArrayLike, sampling_rate: float = SAMPLING_RATE, deff: ArrayLike = DESIGN_EFFECT
) -> np.ndarray:
    """Return the half-width of the 95 % interval of a count of inhabitants, as a share of it.

    The relative variance of a count drawn at random is one over its effective size.

    Parameters
    ----------
    population
        Inhabitants counted, in the population and not in the sample.
    sampling_rate, deff
        See :func:`interval`.
    """
    counted = np.asarray(population, float) * sampling_rate
    return Z95 / np.sqrt(effective_size(counted, sampling_rate, deff))


def part_gap_half_width(
    part: float,
    whole: float,
    part_size: float,
    whole_size: float,
    sampling_rate: float = SAMPLING_RATE,
    deff: ArrayLike = DESIGN_EFFECT,
) -> float:
    """Return the half-width, in points, of the gap between a group and all, itself included.

    With ``s`` the share of the group, the gap is ``1 - s`` times that between the group and the
    others, two separate samples. The rate of the others, not published, is taken to be that of
    all.

    Parameters
    ----------
    part, whole
        Rates in percent.
    part_size, whole_size
        Persons each one is computed on, the first fewer than the second.
    sampling_rate, deff
        See :func:`interval`.
    """
    others = whole_size - part_size
    if others <= 0:
        raise EstimationError("Une partie doit être plus petite que l'ensemble.")
    ends = (
        interval(rate, size, sampling_rate, deff)
        for rate, size in ((part, part_size), (whole, others))
    )
    widths = ((high - low) / 2 for low, high in ends)
    return float(others / whole_size * combine(*widths))


def poisson(count: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the exact 95 % bounds of the mean of a Poisson count (Garwood 1936).

    Parameters
    ----------
    count
        Places or events counted; the lower bound of none is 0.
    """
    count = np.asarray(count, float)
    low = stats.chi2.ppf(0.025, 2 * count) / 2
    return np.where(count > 0, low, 0.0), stats.chi2.ppf(0.975, 2 * count + 2) / 2


def ratio(
    numerator: ArrayLike,
    denominator: ArrayLike,
    weights: ArrayLike,
    clusters: ArrayLike | None = None,
    sampling_rate: float = 0.0,
) -> Estimate:
    """Estimate a ratio of two weighted totals by Taylor linearisation.

    Parameters
    ----------
    numerator, denominator
        One value per observation, shape (n,).
    weights
        Positive sampling weights, shape (n,).
    clusters
        Cluster of each observation (its household), each one drawn whole; by default each
        observation is its own.
    sampling_rate
        Share of the clusters that was drawn, for the finite-population factor.

    Raises
    ------
    EstimationError
        If weights are missing or not positive, or the denominator is null.

    Notes
    -----
    Särndal, Swensson and Wretman, *Model Assisted Survey Sampling*, 1992, section 5.6.
    """
    y, x, w = (np.asarray(values, float) for values in (numerator, denominator, weights))
    problems = []
    if not (w > 0).all():
        problems.append("Des poids sont manquants, nuls ou négatifs.")
    if not (w * x).sum() > 0:
        problems.append("Le dénominateur d'un rapport est nul\u00a0: aucune valeur n'est calculée.")
    if problems:
        raise EstimationError(problems)
    total = (w * x).sum()
    value = (w * y).sum() / total
    groups = np.arange(len(w)) if clusters is None else pd.factorize(np.asarray(clusters))[0]
    scores = np.bincount(groups, weights=w * (y - value * x))
    count = len(scores)
    variance = (1 - sampling_rate) * count / max(count - 1, 1) * (scores**2).sum() / total**2
    reach = Z95 * variance**0.5
    return Estimate(value, value - reach, value + reach)


def combine(*half_widths: ArrayLike) -> np.ndarray:
    """Return the half-width of independent errors added: the root of the sum of squares."""
    return np.sqrt(sum(np.asarray(width, float) ** 2 for width in half_widths))


def grade(count: ArrayLike) -> np.ndarray:
    """Grade estimated counts: ``fiable`` above 500, ``prudence`` below 200, else ``moyenne``."""
    count = np.asarray(count, float)
    return np.select([count > CONFIDENT, count < CAUTION], ["fiable", "prudence"], "moyenne")


def with_intervals(
    table: pd.DataFrame,
    forms: dict[str, Form],
    iris_error: ArrayLike = 0.0,
) -> pd.DataFrame:
    """Add ``borne_basse``, ``borne_haute`` and ``fiabilite`` to a table of estimates.

    Each indicator has its own design effect.

    Parameters
    ----------
    table
        Columns ``indicateur, valeur, numerateur, denominateur, n`` (weighted counts, sample
        size behind the denominator) and, for a mean, ``carres`` (weighted sum of squares;
        without it a mean has no bounds).
    forms
        Form of each indicator: ``part`` (in percent), ``rapport`` (of two separate groups,
        ``n`` counting both) or ``moyenne``.
    iris_error
        Root mean square error of the IRIS-to-quartier approximation, in the unit of the value,
        for each row; added in quadrature.

    Returns
    -------
    DataFrame
        A copy with three more columns.
    """
    form = table["indicateur"].map(forms)
    unknown = sorted(table.loc[form.isna(), "indicateur"].unique())
    if unknown:
        raise EstimationError(f"La forme de ces indicateurs n'est pas connue\u00a0: {unknown}.")
    part, odds = form == "part", form == "rapport"
    base = table["denominateur"] + table["numerateur"].where(odds, 0.0)
    known = (base > 0) & (table["n"] > 0)
    base = base.where(known)
    share = (table["numerateur"] / base).clip(0, 1)
    rate = (table["n"] / base).clip(upper=1.0).fillna(1.0)
    size = effective_size(table["n"], rate, table["indicateur"].map(design_effect))
    low, high = wilson(share.where(part | odds), size)
    value = table["valeur"]
    reach = Z95 * np.sqrt((_squares(table) / base - value**2).clip(lower=0) / size)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.select([part, odds], [100 * low, low / (1 - low)], value - reach)
        high = np.select([part, odds], [100 * high, high / (1 - high)], value + reach)
    extra = Z95 * np.asarray(iris_error, float)
    floor = np.where(form.eq("moyenne"), -np.inf, 0.0)
    ceiling = np.where(part, 100.0, np.inf)
    return table.assign(
        borne_basse=np.maximum(value - combine(value - low, extra), floor),
        borne_haute=np.minimum(value + combine(high - value, extra), ceiling),
        fiabilite=grade(table[["numerateur", "denominateur"]].min(axis=1)),
    )


def _squares(table: pd.DataFrame) -> pd.Series:
    return table["carres"] if "carres" in table else pd.Series(np.nan, index=table.index)
