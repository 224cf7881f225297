"""Who may be drawn, in which triplets, and who was: the cohort of the follow-up."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd

from qpvlib.cohort import selection, spatial, typology
from qpvlib.cohort.assignment import Design
from qpvlib.cohort.selection import Groups
from qpvlib.errors import Problem, ProtocolError
from qpvlib.followup import plan as plans
from qpvlib.followup.plan import Plan
from qpvlib.observations import Observations
from qpvlib.territories import METRIC_CRS, Passage, contours, get, qpv, successors

TARGET, CONTROL, OUTSIDE = "cible", "témoin", "hors tirage"
COLUMNS = ("territoire", "unite", "passage", "secteur", "classe", "groupe", "role", "motif")


def active(plan: Plan, store: Observations) -> pd.DataFrame:
    """Return the active variables of the typology, one row per QPV of 2024, blanks kept."""
    names, logarithms = (plan.content["typologie"][key] for key in ("variables", "logarithme"))
    codes = [member.code for member in qpv()]
    table = pd.DataFrame(
        {name: [store.get(name, code).value for code in codes] for name in names},
        index=pd.Index(codes, name="territoire"),
        dtype=float,
    )
    return table.assign(**{name: np.log(table[name]) for name in logarithms})


def classes(plan: Plan, store: Observations) -> tuple[typology.Typology, float, pd.DataFrame]:
    """Return the typology, its likeness to the one without masked inputs, and its inputs.

    The likeness is an adjusted Rand index: 1 when both say the same.
    """
    rules, table = plan.content["typologie"], active(plan, store)
    names = rules["variables"]
    extra = pd.DataFrame(
        {name: [store.get(name, code).value for code in table.index] for name in
         rules["illustratives"]},
        index=table.index, dtype=float,
    )  # fmt: skip
    found = typology.typology(
        table.join(extra),
        names,
        illustrative=rules["illustratives"],
        share=rules["part_variance"],
        impute=True,
    )
    likeness = typology.sensitivity(table, names, found, ["taux_pauvrete_60"])
    return found, likeness, table


def links(store: Observations) -> dict[str, Passage]:
    """Return, for each QPV of 2015, the QPV of 2024 that carries its series: the largest heir."""
    size = {q.code: store.get("population_qpv", q.code).value or 0.0 for q in qpv()}
    return {
        member.code: max(
            (p for p in successors(member.code) if p.nature != "transfert"),
            key=lambda p: (size[p.code_2024], p.code_2024),
        )
        for member in qpv("qpv2015")
    }


def candidates(plan: Plan, store: Observations, labels: pd.Series) -> pd.DataFrame:
    """Return the 41 quartiers, with the reason why one cannot be drawn (blank otherwise)."""
    carried = {p.code_2024: p for p in links(store).values()}
    rows = []
    for member in qpv():
        passage = carried.get(member.code)
        reason = ""
        if passage is None:
            reason = "partage la série de 2015 d'un quartier plus peuplé"
        elif (store.get("population_qpv", member.code).value or 0) < plan.content["unites"][
            "population_minimale"
        ]:
            reason = "population trop faible"
        elif not all(
            store.get(one.indicator.id, passage.code_2015, vintage=year).is_value
            for one in plan.primary
            for year in one.years
        ):
            reason = "série principale incomplète"
        rows.append(
            (
                member.code,
                passage.code_2015 if passage else "",
                passage.nature if passage else "",
                member.sector,
                int(labels[member.code]),
                reason,
            )
        )
    columns = ["territoire", "unite", "passage", "secteur", "classe", "motif"]
    return pd.DataFrame(rows, columns=columns).set_index("territoire")


def covariates(plan: Plan, store: Observations, units: pd.Series) -> pd.DataFrame:
    """Return the matching variables: primary outcomes before the date, log population.

    Parameters
    ----------
    plan, store
        The protocol and the observations.
    units
        QPV of 2015, indexed by QPV of 2024.
    """
    rules = plan.content["selection"]
    columns = {}
    for name in rules["appariement"]:
        outcome = plan.outcome(name)
        for year in rules["annees"]:
            values = [store.get(name, unit, vintage=year).value for unit in units]
            columns[f"{name} {year}"] = [outcome.measure(value) for value in values]
    population = [store.get("population_qpv", code).value for code in units.index]
    return pd.DataFrame(columns, index=units.index).assign(log_population=np.log(population))


def triplets(plan: Plan, store: Observations, eligible: pd.DataFrame) -> Groups:
    """Form the groups in each of which one target will be drawn."""
    rules = plan.content["selection"]
    labels = eligible["classe"]
    return selection.groups(
        covariates(plan, store, eligible["unite"]),
        labels,
        selection.allocate(labels, rules["cibles"], group_size=1 + rules["temoins_par_cible"]),
        controls=rules["temoins_par_cible"],
        forbidden=spatial.neighbours(contours().to_crs(METRIC_CRS), rules["distance_metres"]),
        caliper_quantile=rules["quantile_distance"],
    )


def design(plan: Plan, store: Observations, formed: Groups, cohort: pd.DataFrame) -> Design:
    """Return the lottery over the groups, with its acceptance rule, on QPV of 2024."""
    units = cohort.loc[formed.members.index]
    return selection.lottery_design(
        formed,
        balance=covariates(plan, store, units["unite"]),
        sectors=units["secteur"],
        acceptance=plan.content["selection"]["acceptation"],
    )


def recorded(cohort: pd.DataFrame) -> Groups:
    """Return the groups of a recorded cohort, for the inference."""
    drawn = cohort[cohort["role"].isin([TARGET, CONTROL])]
    members = drawn.rename(columns={"groupe": "group"})[["group", "classe"]].assign(distance=np.nan)
    return Groups(members, (), (), pd.Series(dtype=float))


def on_series(drawn: Design, cohort: pd.DataFrame) -> Design:
    """Return the same design on the QPV of 2015 that carry the series."""
    return replace(drawn, units=tuple(cohort.loc[list(drawn.units), "unite"]))


def drawing(plan: Plan, store: Observations, seed: int) -> pd.DataFrame:
    """Draw the cohort: the 41 quartiers, with role, group and the reason of each exclusion.

    Parameters
    ----------
    plan, store
        The protocol and the observations.
    seed
        Integer of :func:`qpvlib.cohort.protocol.seed`.

    Returns
    -------
    pd.DataFrame
        Indexed by QPV of 2024, the other :data:`COLUMNS`.
    """
    found, _, _ = classes(plan, store)
    everyone = candidates(plan, store, found.classes)
    eligible = everyone[everyone["motif"] == ""]
    formed = triplets(plan, store, eligible)
    drawn = selection.lottery(formed, design(plan, store, formed, everyone), seed)
    result = everyone.join(drawn.table[["group", "role"]])
    result["groupe"] = result.pop("group").fillna("")
    result["role"] = result["role"].fillna(OUTSIDE)
    unused = (result["role"] == OUTSIDE) & (result["motif"] == "")
    result.loc[unused, "motif"] = "aucun triplet selon la règle de ressemblance et de distance"
    return result[list(COLUMNS[1:])]


def to_csv(cohort: pd.DataFrame) -> bytes:
    """Return the cohort as CSV: same draw, same bytes."""
    out = io.StringIO()
    named = cohort.reset_index()[list(COLUMNS)]
    named.insert(1, "nom", [get(code).name for code in named["territoire"]])
    named.to_csv(out, index=False, lineterminator="\n")
    return out.getvalue().encode()


def sealed(cohort: pd.DataFrame) -> list[list[str]]:
    """Return what the seal fingerprints of a cohort."""
    return cohort.reset_index()[list(COLUMNS)].astype(str).to_numpy().tolist()


def load() -> pd.DataFrame | None:
    """Return the recorded cohort, or None when nothing was drawn.

    Raises
    ------
    ProtocolError
        When the file is not a cohort: absent columns, unknown quartier or role, one given twice.
    """
    path = plans.folder() / plans.COHORT
    if not path.is_file():
        return None
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError):
        raise ProtocolError(Problem("ce fichier n'est pas un CSV en UTF-8.", path.name)) from None
    absent = [column for column in COLUMNS if column not in table]
    if absent:
        raise ProtocolError(Problem(f"colonnes absentes : {', '.join(absent)}.", path.name, 1))
    known = {member.code for member in qpv()}
    problems = []
    for row, entry in table.iterrows():
        if entry["territoire"] not in known:
            fact = f"« {entry['territoire']} » n'est pas un quartier prioritaire de 2024."
            problems.append(Problem(fact, path.name, row + 2, "territoire"))
        if entry["role"] not in (TARGET, CONTROL, OUTSIDE):
            fact = f"rôle inconnu : « {entry['role']} »."
            problems.append(Problem(fact, path.name, row + 2, "role"))
    twice = table["territoire"][table["territoire"].duplicated()].unique()
    if len(twice):
        problems.append(Problem(f"quartiers donnés deux fois : {', '.join(twice)}.", path.name))
    if problems:
        raise ProtocolError(problems)
    return table[list(COLUMNS)].set_index("territoire")
