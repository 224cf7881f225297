"""Targets chosen by the City instead of drawn: their controls, and what such a choice costs.

Nothing here is random: any p-value then rests on a model, and a quartier chosen because it is high
comes down by itself. Both are said first.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from qpvlib.cohort import matching, selection, spatial
from qpvlib.cohort.effects import ancova, did
from qpvlib.cohort.matching import Match
from qpvlib.cohort.variance import Estimate
from qpvlib.errors import Problem, ProtocolError
from qpvlib.followup import draw, plan, series
from qpvlib.followup.plan import Outcome
from qpvlib.followup.study import Study
from qpvlib.territories import METRIC_CRS, contours, get, qpv

# What confounds 2015-2020 most, and that no official file of the project gives by quartier.
WANTED = ("npnru", "part_logements_sociaux")


@dataclass(frozen=True)
class Choice:
    """The City's targets and the controls found for them.

    Attributes
    ----------
    targets
        Indexed by QPV of 2024: ``raison``, ``debut`` and ``intensite`` when given.
    match
        Targets and their controls; targets without any within the rules are in ``unmatched``.
    touching
        Controls closer to some target than the protocol's distance, their own or another's.
    covariates
        What they were matched on, by QPV of 2024.
    absent
        Variables of :data:`WANTED` that were not given.
    unit
        QPV of 2015 that carries the series, by QPV of 2024.
    """

    targets: pd.DataFrame
    match: Match
    touching: tuple[str, ...]
    covariates: pd.DataFrame
    absent: tuple[str, ...]
    unit: pd.Series

    def units(self) -> pd.DataFrame:
        """Return the units of a panel: targets with a date and their controls, in groups."""
        pairs = self.match.pairs
        members = pd.concat(
            [pairs[["target", "control"]].set_axis(["groupe", "code"], axis=1),
             pd.DataFrame({"groupe": pairs["target"].unique(), "code": pairs["target"].unique()})]
        )  # fmt: skip
        known = self.targets.reindex(members["groupe"])
        rows = members.assign(
            cible=members["code"] == members["groupe"],
            debut=known["debut"].dt.year.to_numpy(float) if "debut" in known else np.nan,
            intensite=known["intensite"].to_numpy() if "intensite" in known else 1.0,
            population=1.0,
        )
        return rows.set_index(rows["code"].map(self.unit)).dropna(subset=["debut"])


def read(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    """Read a table by quartier of 2024.

    Raises
    ------
    ProtocolError
        With every column that is absent, quartier that is unknown or given twice, blank reason,
        date or intensity that is none.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise ProtocolError(f"Le fichier {path} est introuvable.") from None
    except (UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError):
        raise ProtocolError(Problem("ce fichier n'est pas un CSV en UTF-8.", path.name)) from None
    absent = [name for name in ("territoire", *needed) if name not in table]
    if absent:
        raise ProtocolError(Problem(f"colonnes absentes : {', '.join(absent)}.", path.name, 1))
    known = {member.code for member in qpv()}
    problems = []
    for row, entry in table.iterrows():
        line = int(row) + 2
        if entry["territoire"] not in known:
            fact = f"« {entry['territoire']} » n'est pas un quartier prioritaire de 2024."
            problems.append(Problem(fact, path.name, line, "territoire"))
        blank = [name for name in needed if not entry[name]]
        problems += [Problem(f"{name} est vide.", path.name, line, name) for name in blank]
    twice = table["territoire"][table["territoire"].duplicated()]
    if len(twice):
        problems.append(Problem(f"quartiers donnés deux fois : {', '.join(twice)}.", path.name))
    table, undated = plan.dated(table, path.name)
    problems += undated
    if problems:
        raise ProtocolError(problems)
    return table.set_index("territoire")


def choose(study: Study, path: Path, variables: Path | None = None) -> Choice:
    """Build the controls of the City's targets.

    Parameters
    ----------
    study
        The follow-up, for its rules and its figures.
    path
        CSV of the targets: ``territoire``, ``raison``; ``debut``, ``intensite`` when known.
    variables
        CSV by quartier of :data:`WANTED`: NPNRU must coincide, social housing enters the distance.

    Raises
    ------
    ProtocolError
        As :func:`read`; when a target has no complete series; with fewer than two targets.
    """
    targets = read(path, ("raison",))
    rules = study.plan.content["selection"]
    everyone = draw.candidates(study.plan, study.observations, study.cohort["classe"].astype(int))
    eligible = everyone[everyone["motif"] == ""]
    lacking = [code for code in targets.index if code not in eligible.index]
    if lacking:
        told = [f"{get(code).name} ({everyone.loc[code, 'motif']})" for code in lacking]
        raise ProtocolError(f"Cibles sans série utilisable : {' ; '.join(told)}.")
    if len(targets) < 2:
        raise ProtocolError("Il faut au moins deux cibles pour une comparaison.")
    covariates = draw.covariates(study.plan, study.observations, eligible["unite"])
    exact = None
    if variables is not None:
        given = read(variables, WANTED).reindex(eligible.index)
        housing = pd.to_numeric(given[WANTED[1]].str.replace(",", "."), errors="coerce")
        blank = [str(code) for code in eligible.index[housing.isna() | given[WANTED[0]].isna()]]
        if blank:
            raise ProtocolError(f"{variables.name} ne dit rien de : {', '.join(blank)}.")
        covariates, exact = covariates.assign(**{WANTED[1]: housing}), given[[WANTED[0]]]
    treated = pd.Series(covariates.index.isin(targets.index), covariates.index)
    near = spatial.neighbours(contours().to_crs(METRIC_CRS), rules["distance_metres"])
    # No control may touch any target, its own or another's.
    free = covariates.index[treated | ~near.loc[covariates.index, targets.index].any(axis=1)]
    found = matching.match(
        covariates.loc[free],
        treated.loc[free],
        ratio=rules["temoins_par_cible"],
        exact=None if exact is None else exact.loc[free],
    )
    touching = tuple(map(str, covariates.index.difference(free)))
    absent = () if variables else WANTED
    return Choice(targets, found, touching, covariates, absent, eligible["unite"])


def estimates(study: Study, found: Choice) -> list[tuple[Outcome, str, Estimate]]:
    """Return the gaps of the primary outcomes, and by intensity when the intensities differ.

    Each target is compared with its own controls before and after its own date; a group without
    a year on each side of it is left out. Nothing was drawn: the p-values are of the model, CR2.

    Raises
    ------
    EstimationError
        With fewer than two targets whose date falls within the series.
    """
    units, rows = found.units(), []
    for outcome in study.plan.primary:
        inside = units[units["debut"].between(min(outcome.years) + 1, max(outcome.years))]
        panel = series.panel(study.series, outcome, inside)
        within = {"strata": inside["groupe"]}
        rows.append((outcome, "écart", ancova(panel, start=inside["debut"], **within)))
        if inside["intensite"].nunique() > 1:
            dose = panel.data["unit"].map(inside["intensite"])
            dosed = replace(panel, data=panel.data.assign(exposure=dose))
            rows.append((outcome, "écart pour une intensité de 1", did(dosed, **within)))
    return rows


def spread(covariates: pd.DataFrame, targets: list) -> tuple[float, float]:
    """Return how diverse and how representative a list is.

    Returns
    -------
    tuple
        The smallest distance between two of its quartiers (larger: more diverse), and the
        distance of their mean to that of all (smaller: more representative), both Mahalanobis.
    """
    covariance = np.cov(covariates.to_numpy(float), rowvar=False)
    own = covariates.loc[targets]
    gaps = matching.distances(own, own, covariance).to_numpy()
    centre = matching.distances(
        own.mean().to_frame().T, covariates.mean().to_frame().T, covariance
    ).iloc[0, 0]
    return float(gaps[~np.eye(len(own), dtype=bool)].min()), float(centre)


def compared(study: Study, found: Choice, draws: int = 200) -> dict[str, tuple[float, float]]:
    """Return :func:`spread` of the City's list, of medoid and maximin, and of the lottery."""
    shared = found.covariates
    classes = study.cohort.loc[shared.index, "classe"]
    counts = classes[list(found.targets.index)].value_counts()
    fallback = selection.representatives(shared, classes, counts)
    units = np.array([str(unit) for unit in study.held.design.units])
    lottery = [spread(shared, list(units[row])) for row in study.held.design.draw(draws, seed=0)]
    return {
        "choix de la Ville": spread(shared, list(found.targets.index)),
        "médoïdes puis plus éloignés": spread(
            shared, [code for codes in fallback.values() for code in codes]
        ),
        "tirage au sort (moyenne)": tuple(np.mean(lottery, axis=0)),
    }


def regression_to_mean(study: Study, found: Choice) -> dict[str, tuple[float, float]]:
    """Return, by primary outcome, how far the targets start from the others, and what returns.

    The second number is the part of this gap that would close by itself: the gap times one minus
    the correlation between the years before and the years after, over the quartiers that are not
    targets.
    """
    result = {}
    for outcome in study.plan.primary:
        wide = study.series[study.series["indicateur"] == outcome.indicator.id].pivot(
            index="territoire", columns="millesime", values="valeur"
        )[list(outcome.years)]
        units = study.units.index[study.units["territoire"].isin(found.covariates.index)]
        values = np.array([[outcome.measure(v) for v in row] for row in wide.loc[units].to_numpy()])
        early = np.array([year < study.plan.start for year in outcome.years])
        before, after = values[:, early].mean(axis=1), values[:, ~early].mean(axis=1)
        chosen = study.units.loc[units, "territoire"].isin(found.targets.index).to_numpy()
        gap = before[chosen].mean() - before[~chosen].mean()
        stable = np.corrcoef(before[~chosen], after[~chosen])[0, 1]
        result[outcome.indicator.id] = (float(gap), float(-gap * (1 - stable)))
    return result
