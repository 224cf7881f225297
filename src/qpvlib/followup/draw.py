"""Who may be drawn, in which triplets, and who was: the cohort of the follow-up."""

import hashlib
import io
import json
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from string import ascii_lowercase

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
RULE, ACCEPTED = "tirage/regle.json", "tirage/acceptes.csv"
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
            values = _known(store, name, units, year)
            columns[f"{name} {year}"] = [outcome.measure(value) for value in values]
    population = _known(store, "population_qpv", units.index, None)
    return pd.DataFrame(columns, index=units.index).assign(log_population=np.log(population))


def _known(store: Observations, name: str, codes: Iterable[str], year: int | None) -> list[float]:
    """Return figures that matching cannot do without.

    Raises
    ------
    ProtocolError
        Naming those that are absent.
    """
    found = {code: store.get(name, code, vintage=year).value for code in codes}
    absent = [code for code, value in found.items() if value is None]
    if absent:
        raise ProtocolError(f"{name} {year or ''} n'est pas publié pour : {', '.join(absent)}.")
    return [value for value in found.values() if value is not None]


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


@dataclass(frozen=True)
class Held:
    """A lottery as it was held, with everything that decides which draws were possible.

    Attributes
    ----------
    design
        Units of 2024, groups, balance values, threshold, sectors, and the accepted draws.
    series
        QPV of 2015 that carries the series of each unit.
    variables
        Names of the balance values.
    """

    design: Design
    series: tuple[str, ...]
    variables: tuple[str, ...]

    @property
    def on_series(self) -> Design:
        """The same lottery on the QPV of 2015, by its published draws alone."""
        return replace(self.design, units=self.series)

    def replayed(self) -> np.ndarray:
        """Return the draws that the sealed rule accepts, computed again."""
        return replace(self.design, listed=None).enumerate()

    def letters(self) -> dict[Hashable, str]:
        """Return the letter of each unit in its group, in the order of the units."""
        order = pd.Series(self.design.strata).groupby(list(self.design.strata)).cumcount()
        return {unit: ascii_lowercase[rank] for unit, rank in zip(self.design.units, order,
                strict=True)}  # fmt: skip

    def files(self) -> dict[str, bytes]:
        """Return the two files that are sealed: the rule, and the numbered draws it accepts.

        A draw is written as the letter of the target of each group, in the order of the groups.
        """
        held, letters = self.design, self.letters()
        rule = {
            "unites": [
                {"territoire": unit, "serie": series, "groupe": group, "lettre": letters[unit],
                 "secteur": sector, "equilibre": dict(zip(self.variables, values, strict=True))}
                for unit, series, group, sector, values in zip(
                    held.units, self.series, held.strata, held.cover or (),
                    np.asarray(held.balance).tolist(), strict=True)
            ],
            "seuil": held.threshold,
            "possibles": held.count(),
        }  # fmt: skip
        names = np.array([letters[unit] for unit in held.units])
        groups = list(dict.fromkeys(held.strata))
        places = [np.flatnonzero(np.asarray(held.strata) == group) for group in groups]
        columns = [names[place][held.enumerate()[:, place].argmax(axis=1)] for place in places]
        lines = [
            f"{number},{''.join(row)}" for number, row in enumerate(zip(*columns, strict=True), 1)
        ]
        text = json.dumps(rule, ensure_ascii=False, indent=1) + "\n"
        table = "\n".join([f"numero,{'/'.join(map(str, groups))}", *lines]) + "\n"
        return {RULE: text.encode(), ACCEPTED: table.encode()}


def held(rule: bytes, accepted: bytes) -> Held:
    """Read a lottery from its two files, see :meth:`Held.files`."""
    content = json.loads(rule)
    rows = content["unites"]
    units = tuple(row["territoire"] for row in rows)
    strata = tuple(row["groupe"] for row in rows)
    groups = list(dict.fromkeys(strata))
    drawn = [line.split(",")[1] for line in accepted.decode().splitlines()[1:]]
    letters = np.array([list(one) for one in drawn])
    place = [groups.index(row["groupe"]) for row in rows]
    listed = letters[:, place] == np.array([row["lettre"] for row in rows])
    design = Design(
        units,
        strata,
        dict.fromkeys(groups, 1),
        np.array([list(row["equilibre"].values()) for row in rows], float),
        content["seuil"],
        tuple(row["secteur"] for row in rows),
        listed,
    )
    variables = tuple(rows[0]["equilibre"])
    return Held(design, tuple(row["serie"] for row in rows), variables)


def drawing(plan: Plan, store: Observations, seed: str) -> tuple[pd.DataFrame, Held, int]:
    """Draw the cohort: the 41 quartiers, with role, group and the reason of each exclusion.

    Parameters
    ----------
    plan, store
        The protocol and the observations.
    seed
        See :func:`qpvlib.followup.seal.seed`.

    Returns
    -------
    tuple
        The cohort, indexed by QPV of 2024 with the other :data:`COLUMNS`; the lottery; the number
        that was drawn.
    """
    found, _, _ = classes(plan, store)
    everyone = candidates(plan, store, found.classes)
    eligible = everyone[everyone["motif"] == ""]
    formed = triplets(plan, store, eligible)
    possible = design(plan, store, formed, everyone)
    number, chosen = selection.lottery(possible, seed)
    result = everyone.assign(
        groupe=formed.members["group"].reindex(everyone.index).fillna(""), role=OUTSIDE
    )
    units = list(possible.units)
    result.loc[units, "role"] = np.where(chosen, TARGET, CONTROL)
    unused = (result["role"] == OUTSIDE) & (result["motif"] == "")
    result.loc[unused, "motif"] = "aucun triplet selon la règle de ressemblance et de distance"
    series = tuple(everyone.loc[units, "unite"])
    variables = tuple(covariates(plan, store, everyone.loc[units, "unite"]).columns)
    kept = Held(replace(possible, listed=possible.enumerate()), series, variables)
    return result[list(COLUMNS[1:])], kept, number


def to_csv(cohort: pd.DataFrame) -> bytes:
    """Return the cohort as CSV: same draw, same bytes."""
    out = io.StringIO()
    named = cohort.reset_index()[list(COLUMNS)]
    named.insert(1, "nom", [get(code).name for code in named["territoire"]])
    named.to_csv(out, index=False, lineterminator="\n")
    return out.getvalue().encode()


def digest(content: bytes) -> str:
    """Return the sha256 of a file, as any tool gives it."""
    return hashlib.sha256(content).hexdigest()


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
