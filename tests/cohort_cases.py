"""Fictitious panels and readers of the published cases, shared by the tests of the cohort."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from qpvlib.cohort import Panel, Predictor, event_study
from qpvlib.cohort.sensitivity import coefficients


def fictitious(targets=8, controls=16, before=3, after=3, effect=0.0, seed=4) -> pd.DataFrame:
    """Return a balanced panel of territories that do not exist, targets first."""
    generator = np.random.default_rng(seed)
    units = [f"T{number:02d}" for number in range(targets + controls)]
    periods = range(2001, 2001 + before + after)
    start = 2001 + before
    table = pd.DataFrame(
        [(unit, period) for unit in units for period in periods], columns=["territoire", "annee"]
    )
    rank = table["territoire"].str[1:].astype(int)
    table["debut"] = np.where(rank < targets, start, 0)
    table["taux"] = (
        40
        + generator.normal(0, 5, len(units))[rank]
        + generator.normal(size=len(table))
        + effect * ((table["debut"] > 0) & (table["annee"] >= start))
    )
    return table


def read(table: pd.DataFrame, **options) -> Panel:
    """Read a fictitious panel."""
    names = {
        "unit": "territoire",
        "period": "annee",
        "outcome": "taux",
        "first_treated": "debut",
    }
    return Panel.read(table, **{**names, **options})


def medicaid(shared: Path, sample: str = "", **options) -> Panel:
    """Read the Medicaid expansion, whole or restricted by a query."""
    table = pd.read_csv(shared / "data/cases/medicaid_ehec.csv")
    names = {"unit": "stfips", "period": "year", "outcome": "dins", "first_treated": "yexp2"}
    return Panel.read(table.query(sample) if sample else table, **names, **options)


# The HonestDiD README keeps the later cohorts as controls; exercise 2 of Roth's course drops them.
README = "year < 2016 and yexp2 != 2015"
EXERCISE = "year < 2016 and (yexp2 < 2015 or yexp2.isna())"


def honest_sample(shared: Path, sample: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the event-study coefficients of one of the two published samples."""
    return coefficients(event_study(medicaid(shared, sample), kind="CR1"))


SMOKING_PREDICTORS = (
    Predictor("lnincome", tuple(range(1980, 1989))),
    Predictor("age15to24", tuple(range(1980, 1989))),
    Predictor("retprice", tuple(range(1980, 1989))),
    Predictor("beer", tuple(range(1984, 1989))),
    Predictor("outcome", (1988,)),
    Predictor("outcome", (1980,)),
    Predictor("outcome", (1975,)),
)


def smoking(shared: Path) -> Panel:
    """Read Proposition 99 with the covariates of Abadie, Diamond and Hainmueller 2010."""
    table = pd.read_csv(shared / "data/cases/prop99_smoking.csv")
    table["treated"] = (table["state"] == "California").astype(int)
    return Panel.read(
        table,
        unit="state",
        period="year",
        outcome="cigsale",
        treatment="treated",
        start=1989,
        covariates=["lnincome", "beer", "age15to24", "retprice"],
    )


def smoking_sdid(shared: Path) -> Panel:
    """Read Proposition 99 as in Arkhangelsky et al. 2021."""
    table = pd.read_csv(shared / "data/cases/prop99_sdid.csv", sep=";")
    names = {"unit": "State", "period": "Year", "outcome": "PacksPerCapita"}
    return Panel.read(table, treatment="treated", **names)


def marseille_poverty(shared: Path, first: int, last: int) -> pd.DataFrame:
    """Return the poverty rates of the QPV 2015 of Marseille fully observed over some years."""
    folder = shared / "data/insee/panel_qpv_2012_2021"
    names = pd.read_csv(folder / "qpv_info_nom_commune.csv", dtype=str)
    codes = names.loc[names["insee_com"].str.contains(r"13055|132[01]\d", na=False), "code"]
    panel = pd.read_csv(folder / "panel_qpv_complet_v2.csv")
    panel = panel[panel["code"].isin(set(codes))]
    wide = panel.pivot(index="code", columns="annee", values="taux_pauvrete")
    return wide.loc[:, first:last].dropna()


def closed_form(
    deviation: float, targets: int, controls: int, *, power: float = 0.8, level: float = 0.05
) -> float:
    """Return the textbook minimum detectable effect.

    Parameters
    ----------
    deviation
        Standard deviation between units of the change (mean after - mean before).
    targets, controls
        Numbers of units.
    power, level
        Probability of detection and level of the two-sided test.

    Notes
    -----
    (t(1 - level/2) + t(power)) s sqrt(1/n1 + 1/n0), n1 + n0 - 2 degrees of freedom (Bloom 1995).
    """
    df = targets + controls - 2
    multiple = stats.t.ppf(1 - level / 2, df) + stats.t.ppf(power, df)
    return float(multiple * deviation * np.sqrt(1 / targets + 1 / controls))


def simulated_changes(
    units: int,
    before: int,
    after: int,
    *,
    noise: float,
    correlation: float,
    slope: float,
    repetitions: int = 1500,
    seed: int = 0,
) -> np.ndarray:
    """Return changes (mean after - mean before) of units with AR(1) noise and their own slopes.

    Parameters
    ----------
    units, before, after
        Numbers of units and of periods on each side.
    noise, correlation
        Stationary standard deviation and autocorrelation of the noise.
    slope
        Standard deviation of the slopes, per period.
    repetitions, seed
        Number of panels and seed.

    Returns
    -------
    np.ndarray
        Shape (repetitions, units).
    """
    times = np.arange(before + after)
    weights = np.where(times < before, -1 / before, 1 / after)
    lags = np.abs(times[:, None] - times)
    spread = noise * np.sqrt(weights @ (correlation**lags) @ weights)
    generator = np.random.default_rng(seed)
    # The change is linear in the noise and the slope: only its two variances matter.
    shape = (repetitions, units)
    return spread * generator.normal(size=shape) + slope * (weights @ times) * generator.normal(
        size=shape
    )
