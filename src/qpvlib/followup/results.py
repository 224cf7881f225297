"""The estimates of the follow-up, as the protocol lists them; nothing here chooses anything."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from qpvlib.cohort import multiplicity, power, sensitivity, spatial
from qpvlib.cohort.effects import EFFECT, EventStudy, ancova, ancova_fit, event_study
from qpvlib.cohort.missing import worst_case
from qpvlib.cohort.placebos import Placebos, placebos_in_space
from qpvlib.cohort.randomisation import RandomisationTest, null_rejections, randomisation_test
from qpvlib.cohort.relative_magnitude import relative_magnitude
from qpvlib.cohort.sdid import SyntheticDifference, synthetic_did
from qpvlib.cohort.sensitivity import PreTrend, SpecificationCurve
from qpvlib.cohort.synthetic import SyntheticControl, synthetic_control
from qpvlib.cohort.variance import Estimate, wild_bootstrap
from qpvlib.errors import EstimationError
from qpvlib.followup import series
from qpvlib.followup.plan import Outcome
from qpvlib.followup.study import Study
from qpvlib.territories import METRIC_CRS, contours, predecessors

COVID = (2020, 2021)
REPETITIONS = 3000
RELATIVE = (0.5, 1.0, 2.0)


def check(study: Study) -> None:
    """Refuse series from which some outcome could not be estimated.

    Raises
    ------
    EstimationError
        With every problem of every outcome: repeated unit and year, all masked, constant…
    """
    problems = []
    for outcome in study.plan.outcomes:
        try:
            study.panel(outcome).require()
        except EstimationError as error:
            problems += [
                replace(problem, fact=f"{outcome.indicator.libelle_court} : {problem.fact}")
                for problem in error.problems
            ]
    if problems:
        raise EstimationError(problems)


@cache
def detectable(study: Study) -> pd.DataFrame:
    """Return the minimum detectable effects on the real series, before any result.

    Returns
    -------
    pd.DataFrame
        ``indicateur``, ``cibles``, ``temoins``, ``series`` (complete ones), ``ri``, ``cr2``,
        ``ri_holm`` (at 5 % over the number of primary outcomes), ``size_ri``, ``size_cr1``.
    """
    rules, rows = study.plan.content["puissance"], []
    for outcome in study.plan.primary:
        complete = series.wide(study.series, outcome).reindex(columns=rules["annees"]).dropna()
        for targets, controls in rules["plans"]:
            changes = power.observed_changes(complete, targets + controls, *rules["avant_apres"])
            found = power.detectable(changes, targets, power=rules["seuil"])
            strict = power.detectable(
                changes, targets, power=rules["seuil"], level=0.05 / len(study.plan.primary)
            )
            rows.append(
                {
                    "indicateur": outcome.indicator.id,
                    "cibles": targets,
                    "temoins": controls,
                    "series": len(complete),
                    "ri": found.ri,
                    "cr2": found.cr2,
                    "ri_holm": strict.ri,
                    "size_ri": found.size_ri,
                    "size_cr1": found.size_cr1,
                }
            )
    return pd.DataFrame(rows)


@cache
def real_size(study: Study, outcome: Outcome) -> float:
    """Return how often the test of this very draw rejects at 5 % when nothing happens."""
    changes = study.panel(outcome).collapse()["change"]
    if not set(study.design.units) <= set(changes.index):
        return float("nan")
    return null_rejections(changes, study.design, repetitions=REPETITIONS)


@cache
def drawn_test(study: Study, outcome: Outcome) -> RandomisationTest:
    """Test one outcome over the draws that were possible, given its mean before (ANCOVA)."""
    means = study.panel(outcome).collapse()
    return randomisation_test(
        means[["post"]].rename(columns={"post": outcome.indicator.id}),
        study.design,
        list(study.units.index[study.units["cible"]]),
        covariates=means[["pre"]],
    )


@cache
def main_estimate(study: Study, outcome: Outcome) -> Estimate:
    """Return the main estimate: ANCOVA on collapsed means within the groups, CR2."""
    return ancova(study.panel(outcome), strata=study.strata)


@cache
def estimates(study: Study) -> pd.DataFrame:
    """Return the main estimates of every outcome.

    Returns
    -------
    pd.DataFrame
        Indexed by indicator: ``units``, ``value``, ``low``, ``high`` (the wider of the drawing
        and the CR2 intervals), ``p`` (drawing), ``adjusted`` (Holm over the primary outcomes,
        Benjamini-Hochberg over the others), ``p_cr2``, ``df``, ``p_wild`` (wild bootstrap,
        Webb weights), ``did``, ``p_did``, ``weighted``.
    """
    rows = {}
    for outcome in study.plan.outcomes:
        row = drawn_test(study, outcome).table.iloc[0]
        beside = main_estimate(study, outcome)
        wild = wild_bootstrap(ancova_fit(study.panel(outcome), strata=study.strata), EFFECT)
        did = ancova(study.panel(outcome), strata=study.strata, adjust=False)
        heavy = ancova(study.panel(outcome, weighted=True), strata=study.strata)
        rows[outcome.indicator.id] = {
            "units": beside.units,
            "value": row["estimate"],
            "low": min(row["low"], beside.low),
            "high": max(row["high"], beside.high),
            "p": row["p"],
            "p_cr2": beside.p,
            "df": beside.df,
            "p_wild": wild.p,
            "did": did.value,
            "p_did": did.p,
            "weighted": heavy.value,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    first = [outcome.indicator.id for outcome in study.plan.primary]
    adjusted = [multiplicity.holm(table.loc[first, "p"])]
    if others := [name for name in table.index if name not in first]:
        adjusted.append(multiplicity.benjamini_hochberg(table.loc[others, "p"]))
    return table.assign(adjusted=pd.concat(adjusted))


@cache
def index_test(study: Study) -> RandomisationTest:
    """Test one standardised index of the primary outcomes: a single global question."""
    changes = pd.DataFrame(
        {one.indicator.id: study.panel(one).collapse()["change"] for one in study.plan.primary}
    )
    index = multiplicity.summary_index(
        changes,
        ~study.drawn["cible"].reindex(changes.index),
        {one.indicator.id: one.direction for one in study.plan.primary},
    )
    targets = list(study.units.index[study.units["cible"]])
    return randomisation_test(index.to_frame("indice"), study.design, targets)


@cache
def path(study: Study, outcome: Outcome) -> EventStudy:
    """Return the gap of each year with the last one before the date."""
    return event_study(study.panel(outcome))


@cache
def honest(study: Study, outcome: Outcome) -> pd.DataFrame:
    """Return the intervals robust to a change of slope, from none to the largest before."""
    values, spread, before = sensitivity.coefficients(path(study, outcome))
    kink = sensitivity.largest_kink(values, before)
    return sensitivity.smoothness(values, spread, before, [0, kink / 2, kink])


@cache
def relative(study: Study, outcome: Outcome) -> pd.DataFrame:
    """Return the intervals robust to yearly changes of the gap, in shares of the largest before."""
    return relative_magnitude(*sensitivity.coefficients(path(study, outcome)), RELATIVE)


@cache
def pre_trend(study: Study, outcome: Outcome) -> PreTrend:
    """Test the years before, with the power to see a drift reaching the smallest effect."""
    values, spread, before = sensitivity.coefficients(path(study, outcome))
    slope = outcome.smallest / study.plan.content["puissance"]["avant_apres"][1]
    return sensitivity.pre_trend(values, spread, before, slope)


def _without_neighbours(study: Study, distance: float) -> pd.Index:
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
    kept = {d: _without_neighbours(study, d) if d else study.drawn.index for d in
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
            rows &= found.data["period"] >= study.plan.start - 1
        found = found.where(rows)
        if estimateur == "synthétique":
            return synthetic_did(found, draws=50).estimate
        return ancova(found, strata=study.strata, adjust=estimateur == "ANCOVA")

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
def verdict(study: Study, outcome: Outcome) -> str:
    """Return what the protocol's rule concludes for a primary outcome."""
    row = estimates(study).loc[outcome.indicator.id]
    found = honest(study, outcome)
    return sensitivity.verdict(
        main_estimate(study, outcome),
        p=row["p"],
        p_holm=row["adjusted"],
        honest=tuple(found.iloc[-1]),
        same_sign=curve(study, outcome).same_sign(row["value"]),
        smallest=outcome.smallest,
    )


@cache
def without_each(study: Study, outcome: Outcome) -> pd.DataFrame:
    """Return the main estimate without each target in turn."""
    return sensitivity.leave_one_target_out(
        study.panel(outcome),
        lambda panel: ancova(panel, strata=study.strata),
        list(study.units.index[study.units["cible"]]),
    )


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
    panel = series.panel(study.series, outcome, pool, start=study.plan.start, years=years)
    control = synthetic_control(panel, unit=unit, starts=3)
    return control, placebos_in_space(panel, control, starts=1)


@cache
def detectable_here(study: Study, outcome: Outcome) -> power.Detectable:
    """Return the minimum detectable effect of the draw on the main window of any outcome."""
    complete = series.wide(study.series, outcome).reindex(columns=outcome.years).dropna()
    sizes = sizes_here(study, outcome)
    before = sum(year < study.plan.start for year in outcome.years)
    changes = power.observed_changes(complete, sum(sizes), before, len(outcome.years) - before)
    return power.detectable(changes, sizes[0], power=study.plan.content["puissance"]["seuil"])


def sizes_here(study: Study, outcome: Outcome) -> tuple[int, int]:
    """Return the numbers of targets and controls published in every year of the main window."""
    arms = study.panel(outcome).units()["first_treated"] <= study.plan.start
    return int(arms.sum()), int((~arms).sum())


def second_readings(study: Study, outcome: Outcome) -> list[tuple[str, Estimate | None, str]]:
    """Return the readings beside the main one: name, estimate (None when refused), remark."""
    plan, drawn = study.plan, study.drawn
    earlier = min(y for y in outcome.years if y < plan.start)
    before = [earlier - 3, earlier - 2, earlier - 1, *(y for y in outcome.years if y < plan.start)]
    fictitious = series.panel(study.series, outcome, drawn, start=earlier, years=before)
    rows = [
        ("Double différence synthétique", synthetic_difference(study, outcome).estimate, ""),
        (
            f"Date avancée à {earlier}",
            ancova(fictitious, strata=study.strata),
            f"années {before[0]} à {before[-1]} seulement",
        ),
    ]
    others = study.units.reset_index().set_index("territoire")
    ring = spatial.rings(contours().to_crs(METRIC_CRS), list(study.targets.index))
    ring = ring[others.index].rename(index=others["unite"])
    everyone = series.panel(
        study.series, outcome, study.units.assign(cible=False), start=plan.start
    )
    for name, found in spatial.ring_effects(everyone, ring, start=plan.start).items():
        count = int((ring == name).sum())
        rows.append(
            (f"Quartiers à {name} d'une cible", found, f"{count} quartiers, sans les cibles")
        )
    window = plan.content["robustesse"]["fenetres"]["2015-2021"]
    masked = study.panel(outcome, years=window, complete=False)
    if not outcome.logarithm:
        low, high = worst_case(masked, 0, 100)
        rows.append(
            (
                "Bornes si les chiffres masqués de 2015 à 2021 étaient extrêmes",
                None,
                f"de {low:.1f} à {high:.1f}".replace(".", ","),
            )
        )
    return rows


@cache
def neighbourhood(study: Study, outcome: Outcome) -> spatial.SpatialAutocorrelation:
    """Return Moran's index of the changes, arms' means removed."""
    means = study.panel(outcome).collapse()
    residual = means["change"] - means.groupby("treated")["change"].transform("mean")
    residual.index = study.units.loc[residual.index, "territoire"]
    return spatial.moran(residual, contours().to_crs(METRIC_CRS))
