"""Pages of an orientation: all its indicators, all the quartiers, beside the city."""

from collections.abc import Callable, Sequence

from qpvlib.catalogue import Indicator, by_theme
from qpvlib.numerals import number
from qpvlib.observations import Observations
from qpvlib.presentation import charts, maps
from qpvlib.presentation.indicator_card import official_files
from qpvlib.presentation.markup import Html, prose
from qpvlib.reading import portrait
from qpvlib.reading.compare import ABOVE, BELOW
from qpvlib.reading.gaps import Gaps, gaps
from qpvlib.reading.portrait import Detail, Panorama

# The indicator painted on the map of an orientation.
MAPPED = {
    "mobilite_services": "arrets_tc_300m",
    "precarite": "taux_pauvrete_60",
    "espace_public": "parcs_jardins_500m",
    "jeunesse": "part_0_24",
}


def beside(rows: Sequence[Panorama]) -> tuple[Gaps, ...]:
    """Set the quartiers beside their reference, for each indicator."""
    return tuple(gaps(row) for row in rows)


def introduction(theme: str, found: Sequence[Gaps]) -> Html:
    """Return how many indicators have figures, and how many gaps are beyond doubt."""
    measured = sum(gap.figure is not None for one in found for gap in one.rows)
    text = prose(
        "Cette orientation compte {} indicateurs ; {} ont un chiffre pour au moins la moitié des "
        "quartiers.",
        len(by_theme(theme)),
        len(found),
    )
    if measured:
        text += prose(
            " Sur {} écarts mesurés, {} sont nets ; les autres sont faibles ou ne se distinguent "
            "pas du hasard.",
            number(measured),
            number(sum(one.count(ABOVE, BELOW) for one in found)),
        )
    return Html("<p>{}</p>").format(text)


def multiples(found: Sequence[Gaps]) -> Html:
    """Return one small chart per indicator, each with its table."""
    if not found:
        return prose("<p>Aucun graphique : aucun chiffre n'est publié par quartier.</p>")
    return Html('<div class="qpv-grille">{}</div>').format(
        Html("\n").join(charts.gaps(one).html() for one in found)
    )


def atlas(theme: str, rows: Sequence[Panorama], link: Callable[[str], str]) -> Html:
    """Return the map of the orientation's headline; failing that, of its first indicator."""
    if not rows:
        return prose("<p>Aucune carte : aucun chiffre n'est publié par quartier.</p>")
    row = next((row for row in rows if row.indicator.id == MAPPED[theme]), rows[0])
    return maps.atlas(row.spread, row.indicator, link).html()


def wholes(theme: str, rows: Sequence[Panorama], observations: Observations) -> tuple[Detail, ...]:
    """Return the figures of the city and of its quartiers together, where no chart shows them."""
    shown = {row.indicator.id for row in rows}
    return tuple(
        detail
        for entry in by_theme(theme)
        if entry.id not in shown
        for detail in portrait.wholes(entry, observations)
    )


def lacking(
    theme: str,
    rows: Sequence[Panorama],
    observations: Observations,
    link: Callable[[str], str],
) -> Html:
    """Return the indicators that too few quartiers publish, each leading to its card.

    Where there is no figure at all, the official files that would give it are named.
    """
    shown = {row.indicator.id for row in rows}
    known = set(observations.frame["indicateur"])
    items = Html("").join(
        prose('<li><a href="{}">{}</a>{}</li>', link(entry.id), entry.libelle, _source(entry))
        if entry.id not in known
        else prose('<li><a href="{}">{}</a></li>', link(entry.id), entry.libelle)
        for entry in by_theme(theme)
        if entry.id not in shown
    )
    return Html("<ul>{}</ul>").format(items) if items else prose("<p>Aucun.</p>")


def _source(entry: Indicator) -> str:
    files = " ; ".join(official_files(entry))
    return f" : source locale requise ({files})" if files else " : source locale requise"
