"""What every page and command of the follow-up needs, read once and checked against the seal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qpvlib import cohort as methods
from qpvlib.catalogue import indicators
from qpvlib.cohort.assignment import Design
from qpvlib.cohort.contract import listed
from qpvlib.cohort.panel import Panel
from qpvlib.errors import ProtocolError
from qpvlib.followup import draw, plan, seal, series, track
from qpvlib.followup.draw import Held
from qpvlib.followup.plan import Outcome, Plan
from qpvlib.followup.track import Track
from qpvlib.observations import Observations
from qpvlib.reading.portrait import store
from qpvlib.territories import get
from qpvlib.typography import typeset

# The only population of the 2015 perimeter that precedes every window.
WEIGHT_YEAR = 2013
DEMONSTRATION = "tirage de démonstration, sans aléa public"


@dataclass(frozen=True, eq=False)
class Study:
    """The frozen protocol, the cohort that was drawn and its series.

    Attributes
    ----------
    plan, chain
        The protocol and the acts of its seal.
    cohort
        The 41 quartiers of 2024, see :func:`qpvlib.followup.draw.drawing`.
    held
        The lottery as it was held.
    observations
        The store.
    series
        The series S15 of the outcomes, see :func:`qpvlib.followup.series.table`.
    """

    plan: Plan
    chain: seal.Chain
    cohort: pd.DataFrame
    held: Held
    observations: Observations
    series: pd.DataFrame

    @property
    def drawing(self) -> Mapping[str, Any]:
        """The act of the draw in use."""
        return seal.of_kind(self.chain, seal.DRAW)[-1]

    @property
    def demonstration(self) -> bool:
        """Whether the targets were drawn without public randomness."""
        return self.drawing["alea"] == DEMONSTRATION

    @cached_property
    def nature(self) -> str:
        """What every caption says: what the draw is, and whether anything is studied."""
        drawn = "Tirage de démonstration" if self.demonstration else "Tirage public"
        if self.plan.content["nature"].get("aveugle"):
            what = "étiquettes permutées : ces cibles ne sont pas les vraies."
        elif self.plan.blank:
            what = "étude à blanc : aucune intervention n'est étudiée."
        elif self.track.causal:
            what = "interventions datées au registre."
        else:
            what = "lecture descriptive : la piste B est fermée."
        return typeset(f"{drawn}, {what}")

    @cached_property
    def track(self) -> Track:
        """What the pages may say: description only, or effects of some targets."""
        return track.decide(
            self.plan.blank,
            plan.register(),
            seal.in_force(self.chain)["registre"] == plan.register_print(),
            [*self.targets.index],
            [one.years for one in self.plan.primary],
        )

    @cached_property
    def units(self) -> pd.DataFrame:
        """The QPV of 2015: ``territoire`` that carries it, role, group, weight, passage, debut.

        ``debut`` is the first treated year: that of the register for a whole group on track B,
        the fictitious one otherwise.
        """
        rows = self.cohort[self.cohort["unite"] != ""].reset_index().set_index("unite")
        population = [
            self.observations.get("population_qpv", code, vintage=WEIGHT_YEAR).value
            for code in rows.index
        ]
        dates = {self.cohort.loc[code, "groupe"]: year for code, year in self.track.starts.items()}
        start = rows["groupe"].map(dates) if dates else self.plan.start
        return rows.assign(
            cible=rows["role"] == draw.TARGET, population=population, debut=start
        ).sort_index()

    @property
    def drawn(self) -> pd.DataFrame:
        """The units of the draw, targets and controls; on track B, of the groups it opens."""
        return self.units[(self.units["role"] != draw.OUTSIDE) & self.units["debut"].notna()]

    @property
    def targets(self) -> pd.DataFrame:
        """The target quartiers, indexed by QPV of 2024."""
        return self.cohort[self.cohort["role"] == draw.TARGET]

    @property
    def strata(self) -> pd.Series:
        """Group of each unit of the draw."""
        return self.drawn["groupe"]

    @property
    def starts(self) -> pd.Series:
        """First treated year of each unit of the draw: that of its group."""
        return self.drawn["debut"]

    @cached_property
    def design(self) -> Design:
        """The lottery that was held, on the units of the series."""
        return self.held.on_series

    @cached_property
    def chances(self) -> pd.Series:
        """Probability of being a target over the accepted draws, by QPV of 2024 of the draw."""
        return pd.Series(self.design.enumerate().mean(axis=0), index=self.held.design.units)

    def panel(
        self,
        outcome: Outcome,
        *,
        years: Iterable[int] | None = None,
        complete: bool = True,
        weighted: bool = False,
    ) -> Panel:
        """Return the panel of the draw for one outcome, see :func:`series.panel`.

        Groups without a year on each side of their date are left out.
        """
        kept = outcome.years if years is None else tuple(years)
        start = self.drawn["debut"]
        units = self.drawn[(start > min(kept)) & (start <= max(kept))]
        return series.panel(
            self.series, outcome, units, years=kept, complete=complete, weighted=weighted
        )


def opened(observations: Observations | None = None, panel: pd.DataFrame | None = None) -> Study:
    """Read the follow-up and check it against its seal.

    Parameters
    ----------
    observations
        The store; that of the project by default.
    panel
        A table of series to use instead of the observations.

    Raises
    ------
    ProtocolError
        When the protocol is absent, not frozen or edited since, when nothing was drawn, when
        the seal, the seed, the lottery or the cohort is not the one recorded.
    """
    found, chain = plan.load(), plan.chain()
    if not chain:
        raise ProtocolError("Le protocole n'est pas gelé. Lancez d'abord qpv suivi geler.")
    seal.verify(chain)
    seal.require(chain, found.content)
    return on_text(found, chain, observations or store(), panel)


def on_text(
    found: Plan, chain: seal.Chain, observations: Observations, panel: pd.DataFrame | None = None
) -> Study:
    """Return the study under a text of the seal, its last draw replayed.

    Raises
    ------
    ProtocolError
        As :func:`opened`.
    """
    draws = seal.of_kind(chain, seal.DRAW)
    cohort = draw.load()
    if cohort is None or not draws:
        raise ProtocolError("Aucun tirage n'est enregistré. Lancez d'abord qpv suivi tirer.")
    held = replay(draws[-1], chain, cohort)
    if found.content["nature"].get("aveugle"):
        cohort = permuted(cohort, held, draws[-1]["graine"])
    if panel is None:
        panel = series.table([one.indicator for one in found.outcomes], observations)
    return Study(found, chain, cohort, held, observations, panel)


def permuted(cohort: pd.DataFrame, held: Held, seed: str) -> pd.DataFrame:
    """Return the cohort under another accepted draw: the whole chapter, analysed blind."""
    chosen = draw.selection.lottery(held.design, f"{seed} aveugle")[1]
    roles = np.where(chosen, draw.TARGET, draw.CONTROL)
    return cohort.assign(
        role=cohort["role"].mask(
            cohort.index.isin(held.design.units),
            pd.Series(roles, held.design.units).reindex(cohort.index),
        )
    )


def replay(act: Mapping[str, Any], chain: seal.Chain, cohort: pd.DataFrame) -> Held:
    """Hold the sealed lottery again: its files, its seed, the number drawn and the cohort.

    Raises
    ------
    ProtocolError
        With everything that is not what was sealed.
    """
    contents, problems = {}, []
    for name in (draw.RULE, draw.ACCEPTED):
        path = plan.folder() / name
        contents[name] = path.read_bytes() if path.is_file() else b""
        if draw.digest(contents[name]) != act["fichiers"][name]:
            problems.append(f"{name} n'est pas le fichier scellé. Reprenez la version enregistrée.")
    texts = [one["texte"] for one in seal.of_kind(chain[: act["numero"]], *seal.TEXTUAL)]
    if seal.seed(texts[-1], act["alea"]) != act["graine"]:
        problems.append("La graine ne découle pas du protocole gelé et de l'aléa public.")
    if seal.fingerprint(draw.sealed(cohort)) != act["cohorte"]:
        problems.append("La cohorte n'est pas celle qui a été scellée.")
    if problems:
        raise ProtocolError(problems)
    held = draw.held(contents[draw.RULE], contents[draw.ACCEPTED])
    number, chosen = draw.selection.lottery(held.design, act["graine"])
    drawn = {unit for unit, one in zip(held.design.units, chosen, strict=True) if one}
    if number != act["tire"] or drawn != set(cohort.index[cohort["role"] == draw.TARGET]):
        raise ProtocolError(
            f"Le tirage rejoué donne le numéro {number}, et non celui du sceau ({act['tire']}) ou "
            "les cibles de la cohorte."
        )
    return held


def code() -> dict[str, str]:
    """Return the fingerprints of the modules that compute the follow-up."""
    folders = [Path(methods.__file__).parent, Path(__file__).parent]
    return seal.modules(folders)


@cache
def load() -> Study:
    """Return the follow-up of the project, read once per process; see :func:`opened`."""
    return opened()


def changes(study: Study, most: int = 1000) -> tuple[str, ...]:
    """Return what is no longer as it was at the draw: figures, definitions, code.

    At most `most` names of each are given, the others counted.
    """
    act, found = study.drawing, []
    moved = seal.differing(act["observations"], series.prints(study.series))
    if moved:
        found.append(f"Chiffres changés depuis le tirage : {listed(moved, most)}.")
    if seal.fingerprint(study.plan.dictionary()) != seal.in_force(study.chain)["indicateurs"]:
        found.append(
            "La définition d'un indicateur a changé dans le catalogue depuis le dernier avenant."
        )
    modules = seal.differing(study.chain[-1].get("code", act["code"]), code())
    if modules:
        found.append(f"Code changé depuis le dernier acte du sceau : {listed(modules, most)}.")
    return tuple(found)


def deviations(study: Study) -> tuple[str, ...]:
    """Return what departs from the frozen text without forbidding an estimate."""
    found = list(changes(study, most=3))
    sizes = study.cohort["role"].value_counts()
    planned = study.plan.content["selection"]
    wanted = planned["cibles"] * planned["temoins_par_cible"]
    if sizes[draw.CONTROL] < wanted:
        found.append(
            f"{sizes[draw.CONTROL]} témoins au lieu de {wanted} : la règle de ressemblance et de "
            "distance n'en a pas trouvé davantage ; aucun n'a été forcé."
        )
    certain = study.chances.index[study.chances == 1]
    if len(certain):
        names = ", ".join(get(code).name for code in certain)
        found.append(
            f"Cible certaine, seule de son secteur dans les triplets : {names}. Le sort ne disait "
            "rien d'elle : elle n'entre pas dans la comparaison des tirages."
        )
    for name, reason in study.plan.content["indicateurs"]["ecartes"].items():
        known = indicators().get(name)
        label = known.libelle if known else name.capitalize()
        found.append(f"{label} : {reason}.")
    found.append(
        "Les classes utilisent des chiffres de 2020 et 2021, postérieurs à la date fictive. Le "
        "tirage reste exact dans ces classes ; une étude réelle prendrait des chiffres antérieurs."
    )
    return tuple(found)
