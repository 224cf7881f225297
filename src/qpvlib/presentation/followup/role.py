"""The place of one quartier in the follow-up, for its portrait: role and class, in one line."""

from functools import cache

import pandas as pd

from qpvlib.catalogue import indicator
from qpvlib.cohort.typology import v_tests
from qpvlib.followup import draw, plan
from qpvlib.observations import Observations
from qpvlib.presentation.markup import Html, prose
from qpvlib.typography import typeset

# Beyond it a class mean is far from the overall one, as in the table of the follow-up page.
_TELLING = 2


@cache
def _cohort() -> pd.DataFrame | None:
    return draw.load()


@cache
def class_words(store: Observations) -> dict[str, str]:
    """Return what sets each class of the recorded cohort apart, in plain words.

    Returns
    -------
    dict
        Class, as recorded, to words; the variables are those of the typology, published values
        only, and « plus » or « moins » compares with the mean of the 41 quartiers.
    """
    cohort = _cohort()
    if cohort is None:
        return {}
    labels = cohort["classe"]
    found = v_tests(draw.active(plan.load(), store), labels)
    words = {}
    for name, rows in found[found["v"].abs() >= _TELLING].groupby("classe"):
        sides = [
            (side, ", ".join(_plain(variable) for variable in rows["variable"][kept]))
            for side, kept in (("plus haut", rows["v"] > 0), ("plus bas", rows["v"] < 0))
        ]
        words[name] = " ; ".join(f"{side} que la moyenne : {names}" for side, names in sides
                                 if names)  # fmt: skip
    return words


def _plain(variable: str) -> str:
    return indicator(variable).libelle_court.lower()


def role(code: str, store: Observations, link: str) -> Html:
    """Return the role of a quartier in the demonstration draw, and its class.

    Parameters
    ----------
    code
        QPV of 2024.
    store
        The observations.
    link
        Address of the page of the follow-up.
    """
    cohort = _cohort()
    if cohort is None:
        return prose("<p>Rôle dans le suivi : aucun tirage n'est enregistré.</p>")
    row = cohort.loc[code]
    words = class_words(store).get(row["classe"], "proche de la moyenne")
    return prose(
        '<p><strong>Rôle dans le suivi</strong> : {}, dans un <a href="{}">tirage</a> '
        "qui n'attribue aucun droit. Ce quartier est dans la classe {} de la typologie "
        "({}).</p>",
        row["role"], link, row["classe"], typeset(words),
    )  # fmt: skip
