"""What other libraries compute: their warnings become French sentences, or a refusal."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from qpvlib.errors import EstimationError

# What a warning says, and what the reader is told; blank when our own code says it already.
_KNOWN = {
    "Unbalanced panel detected": "",
    "could not be estimated": (
        "Certains effets par cohorte et période n'ont pas pu être estimés, faute de période ou "
        "d'unité de comparaison\u00a0: les moyennes les laissent de côté."
    ),
    "Rank-deficient": "Des covariables sont redondantes\u00a0: celles en trop ont été retirées.",
    "Low Events Per Variable": (
        "Trop peu d'unités traitées par covariable\u00a0: l'ajustement est fragile."
    ),
    "Pre-treatment fit is poor": (
        "L'ajustement avant le début est mauvais\u00a0: la comparaison est fragile."
    ),
    "placebo replications succeeded": (
        "Une partie des placebos n'a pas abouti\u00a0: l'erreur-type est approximative."
    ),
    "clusters detected": "Moins de cinq grappes\u00a0: le bootstrap sauvage est peu fiable.",
    # Of other coefficients than the one asked; blank degrees of freedom of that one would show.
    "Satterthwaite DOF for": "",
    "Rank condition violated": (
        "Certains effets n'ont pas de contrefactuel et ne sont pas estimés (imputation)."
    ),
    "did not converge": "Le calcul des poids n'a pas entièrement convergé.",
}


def borrowed(compute: Callable[[], Any]) -> tuple[Any, tuple[str, ...]]:
    """Run another library's computation; return its result and its warnings as French notes.

    Raises
    ------
    EstimationError
        When the library refuses the data, or warns of something that is not known here: a
        number computed otherwise than asked is not given.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = compute()
        except (ValueError, NotImplementedError, np.linalg.LinAlgError) as error:
            raise EstimationError(
                f"L'estimation a échoué\u00a0: la bibliothèque répond «\u00a0{error}\u00a0». "
                "Vérifiez les cohortes, les covariables et le nombre de témoins."
            ) from error
    notes: dict[str, None] = {}
    for text in (str(one.message) for one in caught):
        told = next((french for known, french in _KNOWN.items() if known in text), None)
        if told is None:
            raise EstimationError(
                f"L'estimation n'est pas sûre\u00a0: la bibliothèque avertit «\u00a0{text}\u00a0». "
                "Vérifiez les cohortes, les covariables et le nombre de témoins."
            )
        notes[told] = None
    return result, tuple(filter(None, notes))
