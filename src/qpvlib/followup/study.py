"""What every page and command of the follow-up needs, read once and checked against the seal."""

from dataclasses import dataclass
from functools import cache, cached_property

import pandas as pd

from qpvlib.catalogue import indicators
from qpvlib.cohort import protocol
from qpvlib.cohort.assignment import Design
from qpvlib.cohort.panel import Panel
from qpvlib.cohort.protocol import Track
from qpvlib.errors import ProtocolError
from qpvlib.followup import draw, plan, series
from qpvlib.followup.plan import Outcome, Plan
from qpvlib.observations import Observations
from qpvlib.reading.portrait import store
from qpvlib.territories import get

# The only population of the 2015 perimeter that precedes every window.
WEIGHT_YEAR = 2013


@dataclass(frozen=True, eq=False)
class Study:
    """The frozen protocol, the cohort that was drawn and its series.

    Attributes
    ----------
    plan, seal
        The protocol and its seal.
    cohort
        The 41 quartiers of 2024, see :func:`qpvlib.followup.draw.drawing`.
    observations
        The store.
    series
        The series S15 of the outcomes, see :func:`qpvlib.followup.series.table`.
    """

    plan: Plan
    seal: dict
    cohort: pd.DataFrame
    observations: Observations
    series: pd.DataFrame

    @cached_property
    def track(self) -> Track:
        """What the pages may say: description only, or effects."""
        return protocol.track(self.seal, self.plan.content, plan.register(), [*self.targets.index])

    @cached_property
    def units(self) -> pd.DataFrame:
        """The QPV of 2015: ``territoire`` that carries it, role, group, weight, passage."""
        rows = self.cohort[self.cohort["unite"] != ""].reset_index().set_index("unite")
        population = [
            self.observations.get("population_qpv", code, vintage=WEIGHT_YEAR).value
            for code in rows.index
        ]
        return rows.assign(cible=rows["role"] == draw.TARGET, population=population).sort_index()

    @property
    def drawn(self) -> pd.DataFrame:
        """The units of the draw, targets and controls."""
        return self.units[self.units["role"] != draw.OUTSIDE]

    @property
    def targets(self) -> pd.DataFrame:
        """The target quartiers, indexed by QPV of 2024."""
        return self.cohort[self.cohort["role"] == draw.TARGET]

    @property
    def strata(self) -> pd.Series:
        """Group of each unit of the draw."""
        return self.drawn["groupe"]

    @cached_property
    def design(self) -> Design:
        """The lottery that was held, on the units of the series."""
        formed = draw.recorded(self.cohort)
        held = draw.design(self.plan, self.observations, formed, self.cohort)
        return draw.on_series(held, self.cohort)

    @cached_property
    def chances(self) -> pd.Series:
        """Probability of being a target over the accepted draws, by QPV of 2024 of the draw."""
        shares = self.design.enumerate().mean(axis=0)
        return pd.Series(shares, index=self.units.loc[list(self.design.units), "territoire"])

    def panel(self, outcome: Outcome, **options: object) -> Panel:
        """Return the panel of the draw for one outcome, see :func:`series.panel`."""
        return series.panel(self.series, outcome, self.drawn, start=self.plan.start, **options)


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
        the seed or the cohort is not the one recorded.
    """
    found, seal = plan.load(), plan.seal()
    if seal is None:
        raise ProtocolError("Le protocole n'est pas gelé. Lancez d'abord qpv suivi geler.")
    protocol.verify(seal, found.content)
    cohort = draw.load()
    if cohort is None or seal["graine"] is None:
        raise ProtocolError("Aucun tirage n'est enregistré. Lancez d'abord qpv suivi tirer.")
    check_seed(seal, found)
    protocol.verify(seal, found.content, cohort=draw.sealed(cohort))
    observations = observations or store()
    if panel is None:
        panel = series.table([one.indicator for one in found.outcomes], observations)
    return Study(found, seal, cohort, observations, panel)


def check_seed(seal: dict, found: Plan) -> None:
    """Refuse a seal whose seed does not come from the frozen protocol and its public randomness.

    Raises
    ------
    ProtocolError
        When the seed was changed after the freeze.
    """
    expected = protocol.seed(plan.at_draw(seal, found.content), seal["alea_public"])
    protocol.verify(seal, found.content, seed=expected)


@cache
def load() -> Study:
    """Return the follow-up of the project, read once per process; see :func:`opened`."""
    return opened()


def deviations(study: Study) -> tuple[str, ...]:
    """Return what departs from the frozen text without forbidding an estimate."""
    found = []
    if protocol.fingerprint(study.plan.dictionary()) != study.seal["indicateurs"]:
        found.append(
            "La définition d'un indicateur a changé dans le catalogue depuis le gel du protocole."
        )
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
            f"Cible certaine, seule de son secteur dans les triplets : {names}. Le test par tirage "
            "reste exact, mais l'écart moyen des tirages possibles n'est plus nul."
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
