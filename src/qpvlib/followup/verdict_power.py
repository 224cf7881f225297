"""The effect at which each verdict is reached: constant effects added to placebo draws.

The targets are drawn again by each plan's own lottery in the real series, where nothing happened,
or taken at random as a list that the City chooses, with matched controls and p-values of the
regression. A constant effect is added to theirs; the whole rule is applied but for the
specification curve, taken as stable, and for the other primary outcome, taken as without effect.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from qpvlib.cohort import sensitivity
from qpvlib.cohort.assignment import Design
from qpvlib.cohort.effects import ancova, event_study
from qpvlib.cohort.matching import match
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.randomisation import rejected
from qpvlib.cohort.variance import Estimate, inference
from qpvlib.followup import plan as plans
from qpvlib.followup import results, series
from qpvlib.followup import verdict as verdict_rule
from qpvlib.followup.plan import Outcome
from qpvlib.followup.study import Study

FILE = "puissance.csv"
DRAWS = 60
_MULTIPLES = np.array([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6])
VERDICTS = (verdict_rule.ESTABLISHED, verdict_rule.HINT, verdict_rule.EXCLUDED)


def designs(study: Study, outcome: Outcome) -> dict[str, tuple[pd.DataFrame, Design | None]]:
    """Return the plans: their complete series and their lottery, None when the City chooses.

    The plan in use is the sealed one. The others draw one target in each group of three quartiers
    whose levels before the date follow one another.
    """
    wide = series.wide(study.series, outcome).reindex(columns=list(outcome.years)).dropna()
    found: dict[str, tuple[pd.DataFrame, Design | None]] = {}
    for targets, controls in study.plan.content["puissance"]["plans"]:
        name = f"{targets} et {controls}"
        held = [unit for unit in study.design.units if unit in wide.index]
        if (targets, controls) == results.sizes_here(study, outcome) and len(held) == len(
            study.design.units
        ):
            found[name] = wide.loc[held], study.design
        elif len(wide) >= targets + controls and controls == 2 * targets:
            early = [year for year in outcome.years if year < study.plan.start]
            order = wide[early].mean(axis=1).sort_values().index
            # Spread over the whole range of levels rather than its lower end.
            kept = order[np.linspace(0, len(order) - 1, 3 * targets).round().astype(int)]
            strata = pd.Series(np.arange(3 * targets) // 3, kept)
            found[name] = wide.loc[kept], Design.stratified(strata)
    return found | {chosen_name(study): (wide, None)}


def chosen_name(study: Study) -> str:
    """Return the name of the plan whose targets the City chooses."""
    rules = study.plan.content["selection"]
    return f"{rules['cibles']} et {rules['cibles'] * rules['temoins_par_cible']}, choisies"


def _matched(wide: pd.DataFrame, study: Study, generator: np.random.Generator) -> pd.Series:
    """Return the group of any list of targets, which come first, and of their matched controls."""
    rules = study.plan.content["selection"]
    targets = generator.choice(wide.index, rules["cibles"], replace=False)
    early = wide[[year for year in wide if year < study.plan.start]]
    pairs = match(
        early, pd.Series(early.index.isin(targets), early.index), ratio=rules["temoins_par_cible"]
    ).pairs
    groups = dict(zip(targets, targets, strict=True))
    return pd.Series(groups | dict(zip(pairs["control"], pairs["target"], strict=True)))


def _shifted(beside: Estimate, shifts: np.ndarray) -> pd.DataFrame:
    """Return the p-values of constant effects by Student's law, as :func:`rejected` names them."""
    above = stats.t.sf((beside.value - shifts) / beside.error, beside.df)
    both = 2 * np.minimum(above, 1 - above)
    return pd.DataFrame({"p": both, "above": above, "below": 1 - above}, index=shifts)


def _reached(
    study: Study,
    outcome: Outcome,
    wide: pd.DataFrame,
    targets: list[str],
    strata: pd.Series,
    lottery: tuple[Design, np.ndarray] | None,
    effects: np.ndarray,
) -> pd.DataFrame:
    """Return which verdict each effect reaches with some targets, one column per verdict.

    Without a lottery the p-values are those of the regression, CR2.
    """
    rule, smallest = study.plan.rule, results.smallest(outcome)
    long = (
        wide.loc[strata.index]
        .rename_axis("unit")
        .melt(ignore_index=False, var_name="period", value_name="y")
        .reset_index()
    )
    first = np.where(long["unit"].isin(targets), float(study.plan.start), np.inf)
    panel = Panel.read(
        long.assign(first=first), unit="unit", period="period", outcome="y", first_treated="first"
    )
    beside = ancova(panel, strata=strata)
    values, spread, before = sensitivity.coefficients(event_study(panel))
    kink = sensitivity.largest_kink(values, before)
    low, high = sensitivity.smoothness(values, spread, before, [kink]).iloc[0]
    # With an effect e, a test of no effect is that of -e here; one of s, that of s - e.
    shifts = np.unique(np.concatenate([-effects, smallest - effects, -smallest - effects]))
    p = _shifted(beside, shifts)
    if lottery is not None:
        means = panel.collapse()
        p = rejected(means["post"], *lottery, shifts, covariates=means[["pre"]])
    level = rule.established / len(study.plan.primary)
    rows = []
    for effect in effects:
        own = p.loc[-effect, "p"]
        value = beside.value + effect
        robust = low + effect > 0 if value > 0 else high + effect < 0
        ends = inference(value, beside.error, beside.df, 2 * rule.equivalence)
        excluded = (
            p.loc[smallest - effect, "below"] <= rule.equivalence
            and p.loc[-smallest - effect, "above"] <= rule.equivalence
            and -smallest < ends[0]
            and ends[1] < smallest
        )
        established = own < level and robust
        hint = own < rule.hint and not established
        rows.append((established, hint, excluded and not established and not hint))
    return pd.DataFrame(rows, index=effects, columns=list(VERDICTS)).astype(float)


def _draws(study: Study, wide: pd.DataFrame, design: Design | None, draws: int, seed: int):
    """Yield targets, groups and lottery of the placebo draws of a plan."""
    if design is None:
        generator = np.random.default_rng(seed)
        for _ in range(draws):
            groups = _matched(wide, study, generator)
            yield list(groups.unique()), groups, None
        return
    strata = pd.Series(design.strata, list(design.units))
    for chosen in design.draw(draws, seed):
        yield list(strata.index[chosen]), strata, (design, chosen)


def curves(study: Study, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Return how often each verdict is reached, by outcome, plan and effect.

    Returns
    -------
    pd.DataFrame
        ``indicateur``, ``plan``, ``effet``, one column per verdict (shares), ``tirages``.
    """
    tables = []
    for outcome in study.plan.primary:
        half = _MULTIPLES * results.smallest(outcome)
        effects = np.unique(np.concatenate([-half, half]))
        for name, (wide, design) in designs(study, outcome).items():
            found = [
                _reached(study, outcome, wide, targets, strata, lottery, effects)
                for targets, strata, lottery in _draws(study, wide, design, draws, seed)
            ]
            table = (pd.concat(found).groupby(level=0).sum() / draws).rename_axis("effet")
            table = table.reset_index()
            table.insert(0, "plan", name)
            table.insert(0, "indicateur", outcome.indicator.id)
            tables.append(table.assign(tirages=draws))
    return pd.concat(tables, ignore_index=True)


def to_csv(table: pd.DataFrame, study: Study) -> bytes:
    """Return the curves as CSV, with the seed of the draw that they describe."""
    found = table.assign(graine=study.drawing["graine"][:16])
    return found.to_csv(index=False, lineterminator="\n", float_format="%.4g").encode()


@cache
def recorded(study: Study) -> pd.DataFrame | None:
    """Return the curves of ``suivi/puissance.csv``, None when they are not of this draw."""
    path = plans.folder() / FILE
    if not path.is_file():
        return None
    table = pd.read_csv(path, dtype={"graine": str})
    return table if set(table["graine"]) == {study.drawing["graine"][:16]} else None


def reached(table: pd.DataFrame, verdict: str, power: float) -> tuple[float, float]:
    """Return the smallest effects, on each side, that reach a verdict with a power.

    Parameters
    ----------
    table
        The rows of one outcome and one plan.
    verdict, power
        The verdict, the share of the draws wanted.

    Returns
    -------
    tuple
        Below and above zero, by linear interpolation; infinite beyond the effects tried.
    """
    ends = []
    for side in (-1, 1):
        own = table[side * table["effet"] >= 0].sort_values("effet", key=abs)
        end = side * np.inf
        for (_, a), (_, b) in pairwise(own.iterrows()):
            if a[verdict] < power <= b[verdict]:
                end = a["effet"] + (power - a[verdict]) / (b[verdict] - a[verdict]) * (
                    b["effet"] - a["effet"]
                )
                break
        ends.append(float(end))
    return ends[0], ends[1]
