"""What is read beside the main estimate: every specification, each target, the neighbours."""

from functools import cache

import numpy as np
import pandas as pd

from qpvlib.cohort import sensitivity, spatial
from qpvlib.cohort.effects import ancova
from qpvlib.cohort.missing import worst_case
from qpvlib.cohort.placebos import Placebos, placebos_in_space
from qpvlib.cohort.sdid import SyntheticDifference, synthetic_did
from qpvlib.cohort.sensitivity import SpecificationCurve
from qpvlib.cohort.synthetic import SyntheticControl, synthetic_control
from qpvlib.cohort.variance import Estimate
from qpvlib.errors import EstimationError
from qpvlib.followup import series
from qpvlib.followup.plan import Outcome
from qpvlib.followup.study import Study
from qpvlib.numerals import number
from qpvlib.territories import METRIC_CRS, contours, predecessors

COVID = (2020, 2021)


def apart(study: Study, distance: float) -> pd.Index:
    """Return the units kept when controls closer to a target than a distance are left out."""
    shapes = contours().to_crs(METRIC_CRS).geometry
    drawn = study.drawn
    zone = shapes.loc[drawn.loc[drawn["cible"], "territoire"]].union_all()
    gaps = shapes.loc[drawn["territoire"]].distance(zone).to_numpy()
    return drawn.index[drawn["cible"] | (gaps > distance)]


@cache
def curve(study: Study, outcome: Outcome) -> SpecificationCurve:
    """Estimate every specification that the protocol lists for a primary outcome."""
    rules = study.plan.content["robustesse"]
    kept = {d: apart(study, d) if d else study.drawn.index for d in
            rules["distances"]}  # fmt: skip

    @cache
    def panel(window: str, covid: str, weights: str):
        years = [y for y in rules["fenetres"][window] if covid == "avec" or y not in COVID]
        return study.panel(outcome, years=years, weighted=weights == "population")

    def estimator(fenetre, covid, estimateur, poids, distance, perimetre) -> Estimate:
        if estimateur == "synthétique" and poids == "population":
            raise EstimationError("Les poids n'entrent pas dans cet estimateur.")
        found = panel(fenetre, covid, poids)
        units = kept[distance]
        if perimetre == "identiques":
            units = units[
                [predecessors(code)[0].same for code in study.drawn.loc[units, "territoire"]]
            ]
        rows = found.data["unit"].isin(units)
        if estimateur == "dernière année avant":
            rows &= found.data["period"] >= found.data["unit"].map(study.starts) - 1
        found = found.where(rows)
        if estimateur == "synthétique":
            return synthetic_did(found, draws=50).estimate
        return ancova(found, strata=study.strata, adjust=estimateur == "ANCOVA", start=study.starts)

    return sensitivity.specification_curve(
        {
            "fenetre": [*rules["fenetres"]],
            "covid": rules["annees_covid"],
            "estimateur": rules["estimateurs"],
            "poids": rules["poids"],
            "distance": rules["distances"],
            "perimetre": rules["perimetres"],
        },
        estimator,
    )


@cache
def without_each(study: Study, outcome: Outcome) -> pd.DataFrame:
    """Return the main estimate without each target in turn."""
    panel, rows = study.panel(outcome), {}
    for unit in study.units.index[study.units["cible"]]:
        found = ancova(
            panel.where(panel.data["unit"] != unit), strata=study.strata, start=study.starts
        )
        rows[unit] = (found.value, found.low, found.high, found.p)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high", "p"])


@cache
def synthetic_difference(study: Study, outcome: Outcome) -> SyntheticDifference:
    """Return the synthetic difference-in-differences of the draw."""
    return synthetic_did(study.panel(outcome))


@cache
def synthetic(study: Study, outcome: Outcome, unit: str) -> tuple[SyntheticControl, Placebos]:
    """Return the synthetic control of one target and its placebos among all other quartiers.

    Parameters
    ----------
    study, outcome
        What is followed; the years are those of the power study that the target has.
    unit
        QPV of 2015 of a target.

    Raises
    ------
    EstimationError
        When the target has no series, or too few donors.
    """
    wide = series.wide(study.series, outcome)
    years = [
        year for year in study.plan.content["puissance"]["annees"]
        if unit in wide.index and np.isfinite(wide.loc[unit].get(year, np.nan))
    ]  # fmt: skip
    pool = study.units[(~study.units["cible"]) | (study.units.index == unit)]
    pool = pool.assign(debut=pool["debut"].fillna(study.units.loc[unit, "debut"]))
    panel = series.panel(study.series, outcome, pool, years=years)
    control = synthetic_control(panel, unit=unit, starts=3)
    return control, placebos_in_space(panel, control, starts=1)


def second_readings(study: Study, outcome: Outcome) -> list[tuple[str, Estimate | None, str]]:
    """Return the readings beside the main one: name, estimate (None when refused), remark."""
    plan, drawn = study.plan, study.drawn
    earlier = min(y for y in outcome.years if y < plan.start)
    before = [earlier - 3, earlier - 2, earlier - 1, *(y for y in outcome.years if y < plan.start)]
    moved = drawn.assign(debut=earlier)
    fictitious = series.panel(study.series, outcome, moved, years=before)
    rows: list[tuple[str, Estimate | None, str]] = [
        ("Double différence synthétique", synthetic_difference(study, outcome).estimate, ""),
        (
            f"Date avancée à {earlier}",
            ancova(fictitious, strata=study.strata, start=moved["debut"]),
            f"années {before[0]} à {before[-1]} seulement",
        ),
    ]
    others = study.units.reset_index().set_index("territoire")
    ring = spatial.rings(contours().to_crs(METRIC_CRS), list(study.targets.index))
    ring = ring[others.index].rename(index=others["unite"])
    start = int(study.starts.min())
    everyone = series.panel(study.series, outcome, study.units.assign(cible=False, debut=start))
    for name, found in spatial.ring_effects(everyone, ring, start=start).items():
        count = int((ring == name).sum())
        rows.append(
            (f"Quartiers à {name} d'une cible", found, f"{count} quartiers, sans les cibles")
        )
    window = plan.content["robustesse"]["fenetres"]["2015-2021"]
    if not outcome.logarithm and study.starts.nunique() == 1:
        masked = study.panel(outcome, years=window, complete=False)
        low, high = worst_case(masked, 0, 100)
        rows.append(
            (
                "Bornes si les chiffres masqués de 2015 à 2021 étaient extrêmes",
                None,
                f"de {number(low, 1)} à {number(high, 1)}",
            )
        )
    return rows


@cache
def neighbourhood(study: Study, outcome: Outcome) -> spatial.SpatialAutocorrelation:
    """Return Moran's index of the changes, arms' means removed."""
    means = study.panel(outcome).collapse(study.starts)
    residual = means["change"] - means.groupby("treated")["change"].transform("mean")
    residual.index = study.units.loc[residual.index, "territoire"]
    return spatial.moran(residual, contours().to_crs(METRIC_CRS))
