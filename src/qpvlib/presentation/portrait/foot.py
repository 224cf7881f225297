"""The end of a portrait: what is not known, and the other quartiers to read."""

from collections.abc import Iterable, Sequence

from qpvlib.numerals import counted
from qpvlib.observations import Observations
from qpvlib.presentation.followup.role import alike
from qpvlib.presentation.formats import STATES
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.sentences import listing
from qpvlib.presentation.surroundings import section
from qpvlib.reading.around import neighbours
from qpvlib.reading.portrait import Portrait, links
from qpvlib.reading.surroundings import Neighbour
from qpvlib.territories import Qpv
from qpvlib.typography import typeset

_FORMS = {
    "secret": "{} sous le secret statistique",
    "non_disponible": "{} que la source ne donne pas pour ce quartier",
    "sans_objet": "{} sans objet ici",
}


def unknown(page: Portrait, around: Sequence[Neighbour], address: str) -> Html:
    """Return how many figures are not known and why, with a link to those that lack.

    Parameters
    ----------
    page
        The quartier.
    around
        The figures of its IRIS, where its own are not published.
    address
        The page that says which file each figure waits for.
    """
    told = []
    for state in STATES:
        count = sum(r.observation.state == state for r in page.readings)
        if count:
            told.append(_FORMS[state].format(count))
    former = sum(not r.same_perimeter and r.observation.is_value for r in page.readings)
    if former:
        told.append(counted(former, "connu(s) du seul ancien quartier"))
    if page.wider:
        told.append(
            counted(len(page.wider), "connu(s) de la ville ou de ses arrondissements seulement")
        )
    if page.absent:
        told.append(f"{len(page.absent)} dont aucun fichier n'est encore arrivé")
    total = len(page.readings) + len(page.wider) + len(page.absent)
    text = prose(
        '<p>Sur {} indicateurs : {}. La page <a href="{}">Ce qui manque</a> dit quel fichier '
        "donnerait chacun, et qui l'a.</p>",
        total,
        typeset(listing(told)) if told else typeset("tous ont un chiffre"),
        address,
    )
    return text + section(around)


def others(territory: Qpv, observations: Observations) -> Html:
    """Return the quartiers around, and those that resemble this one."""
    return Html("<ul>{}</ul>").format(
        Html("").join(
            prose("<li>{} : {}.</li>", words, Html(", ").join(_links(found)))
            for words, found in (
                ("Voisins", neighbours(territory.code)),
                ("Semblables (même classe de la typologie, chiffres les plus proches)",
                 alike(territory.code, observations)),
            )
            if found
        )
    )  # fmt: skip


def _links(found: Iterable[Qpv]) -> Iterable[Html]:
    address = links(".")
    return (Html('<a href="{}">{}</a>').format(address(q.code), q.name) for q in found)
