"""The quartiers side by side for one indicator: named rows, and the map beside them."""

from collections.abc import Callable, Sequence

from qpvlib.presentation import charts, maps
from qpvlib.presentation.basemap import common
from qpvlib.presentation.charts import beside, finding
from qpvlib.presentation.markup import Html, fold, prose
from qpvlib.presentation.origins import origins
from qpvlib.reading.gaps import Gaps

Link = Callable[[str], str]
# Indicators in full where no script lets the reader choose one.
UNFOLDED = 2


def side_by_side(found: Gaps, link: Link) -> Html:
    """Return one indicator alone: see :func:`choice`."""
    return common() + _figure(found, link)


def choice(found: Sequence[Gaps], link: Link, card: Link) -> Html:
    """Return several indicators, one at a time: ``choix.js`` makes the list to choose from.

    Without a script the first ones are in full and the others folded.

    Parameters
    ----------
    found
        The quartiers beside their reference, for each indicator.
    link, card
        Code of a quartier -> address of its portrait; id of an indicator -> that of its card.
    """
    folds = Html("\n").join(
        fold(
            prose("{}, {}", one.panorama.indicator.libelle, _year(one)),
            _figure(one, link, card),
            opened=rank < UNFOLDED,
            name=one.panorama.indicator.id.replace("_", "-"),
        )
        for rank, one in enumerate(found)
    )
    return Html('<div class="qpv-choix" data-choix="Choisir un indicateur">{}{}</div>').format(
        common(), folds
    )


def _year(found: Gaps) -> int:
    return found.panorama.spread.observations[0].year


def _figure(found: Gaps, link: Link, card: Link | None = None) -> Html:
    entry = found.panorama.indicator
    shown = [*found.panorama.spread.observations, *([found.reference] if found.reference else [])]
    key = prose(
        " Trait : intervalle de l'écart. Point plein : écart net ; point creux : écart faible ou "
        "non distinguable."
    )
    note = prose("{}. ", beside(found)) if found.reference else Html("")
    more = prose(' <a href="{}">Définition</a>', card(entry.id)) if card else Html("")
    return Html(
        '<figure class="qpv-figure"><figcaption><strong>{}, {}</strong>, quartiers de {}. {}{}{}{}'
        "</figcaption>"
        '<div class="qpv-cote"><div>{}</div>{}</div><p class="qpv-source">{}</p></figure>'
    ).format(
        entry.libelle, _year(found), shown[0].geography[-4:], note,
        finding(found), key if found.reference else "", more,
        maps.atlas(found.panorama.spread, entry, link, shared=True).drawing,
        charts.gaps(found, link), origins(shown),
    )  # fmt: skip
