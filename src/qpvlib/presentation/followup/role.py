"""One quartier in the follow-up, for its portrait: its role, and the quartiers that resemble it."""

from functools import cache

import pandas as pd

from qpvlib.followup import draw, plan
from qpvlib.observations import Observations
from qpvlib.presentation.markup import Html, prose
from qpvlib.territories import Qpv, quartier

ALIKE = 3
"""Quartiers that are named as resembling one."""


@cache
def _cohort() -> pd.DataFrame | None:
    return draw.load()


@cache
def _standardised(store: Observations) -> pd.DataFrame:
    """The active variables of the typology, in standard deviations, blanks kept."""
    table = draw.active(plan.load(), store)
    return (table - table.mean()) / table.std()


def alike(code: str, store: Observations) -> tuple[Qpv, ...]:
    """Return the quartiers of the same class of the recorded typology, the closest first.

    The distance is the mean square of the gaps in standard deviations, over the active variables
    that both publish; :data:`ALIKE` at most, none without a draw.
    """
    cohort = _cohort()
    if cohort is None:
        return ()
    table = _standardised(store)
    same = cohort.index[cohort["classe"] == cohort.loc[code, "classe"]].difference([code])
    distance = ((table.loc[same] - table.loc[code]) ** 2).mean(axis=1).dropna()
    return tuple(quartier(name) for name in distance.sort_values(kind="stable").index[:ALIKE])


def role(code: str, link: str) -> Html:
    """Return the role of a quartier in the demonstration draw.

    Parameters
    ----------
    code
        QPV of 2024.
    link
        Address of the page of the follow-up.
    """
    cohort = _cohort()
    if cohort is None:
        return prose("<p>Rôle dans le suivi : aucun tirage n'est enregistré.</p>")
    return prose(
        "<p>Dans le <a href=\"{}\">tirage d'essai</a> du suivi scientifique, qui n'attribue aucun "
        "droit, ce quartier est {}.</p>",
        link,
        cohort.loc[code, "role"],
    )
