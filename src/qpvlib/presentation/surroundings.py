"""« Autour du quartier »: the published figures of its IRIS, where its own are not."""

from collections.abc import Sequence

from qpvlib.numerals import number
from qpvlib.presentation.formats import STATES, data_tag
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.reading.surroundings import SMALLEST, Neighbour
from qpvlib.territories import get
from qpvlib.typography import typeset

CAPTION = typeset("Autour du quartier : les IRIS qui le contiennent")
_WARNING = (
    "<p>Le chiffre le plus récent de ce quartier n'est pas publié. Voici ceux des IRIS, petites "
    "zones du recensement, où vivent ses habitants. Un IRIS déborde du quartier : son chiffre "
    "n'est pas celui du quartier, et ne permet pas de le retrouver. Aucun chiffre du quartier "
    "n'est estimé ici. Les parts d'habitants sont approchées ; les IRIS où vivent moins de {} % "
    "d'entre eux sont laissés de côté.</p>"
)


def section(neighbours: Sequence[Neighbour]) -> Html:
    """Return the warning and the table, folded; empty when the quartier's own are published."""
    if not neighbours:
        return Html("")
    return Html('<details class="qpv-repli"><summary>{}</summary>{}{}</details>').format(
        CAPTION, prose(_WARNING, number(100 * SMALLEST)), table(neighbours).html()
    )


def table(neighbours: Sequence[Neighbour]) -> Table:
    """Return one row per IRIS and indicator, with what the IRIS and the quartier share."""
    return Table(
        CAPTION,
        (
            "Indicateur",
            "IRIS",
            "Habitants du quartier qui y vivent",
            "Habitants de l'IRIS qui sont du quartier",
            "Chiffre de l'IRIS",
            "Année",
            "Année plus récente",
        ),
        tuple(
            (
                n.indicator.libelle,
                get(n.observation.territory).short_name,
                _percent(n.share),
                _percent(n.inside),
                data_tag(n.observation, n.indicator),
                str(n.observation.vintage or ""),
                prose("{} : {}", n.masked.year, STATES[n.masked.state]) if n.masked else "",
            )
            for n in neighbours
        ),
    )


def _percent(share: float) -> str:
    return typeset(f"{number(100 * share)} %")
