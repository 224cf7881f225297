"""Pages of an orientation: all its indicators, all the quartiers, beside the city."""

from collections.abc import Callable, Sequence

from qpvlib.catalogue import by_theme
from qpvlib.numerals import counted, number
from qpvlib.observations import Observations
from qpvlib.presentation import groups
from qpvlib.presentation.markup import Html, fold, prose
from qpvlib.presentation.side_by_side import choice
from qpvlib.reading import portrait
from qpvlib.reading.compare import ABOVE, BELOW
from qpvlib.reading.gaps import Gaps, gaps
from qpvlib.reading.portrait import Detail, Panorama

# The indicator an orientation opens with.
HEADLINES = {
    "mobilite_services": "arrets_tc_300m",
    "precarite": "taux_pauvrete_60",
    "espace_public": "parcs_jardins_500m",
    "jeunesse": "part_0_24",
}


def beside(theme: str, rows: Sequence[Panorama]) -> tuple[Gaps, ...]:
    """Set the quartiers beside their reference, for each indicator; the headline first."""
    ordered = sorted(rows, key=lambda row: row.indicator.id != HEADLINES[theme])
    return tuple(gaps(row) for row in ordered)


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


def rows(found: Sequence[Gaps], link: Callable[[str], str], card: Callable[[str], str]) -> Html:
    """Return the quartiers by distance to their reference, one indicator at a time."""
    if not found:
        return prose("<p>Aucun graphique : aucun chiffre n'est publié par quartier.</p>")
    return choice(found, link, card)


def summary(rows: Sequence[Panorama], indicators: str) -> Html:
    """Return the theme's indicators in one folded table: see :func:`groups.summary`."""
    return fold(counted(len(rows), "indicateur(s)"), groups.summary(rows, indicators))


def wholes(theme: str, rows: Sequence[Panorama], observations: Observations) -> tuple[Detail, ...]:
    """Return the figures of the city and of its quartiers together, where no chart shows them."""
    shown = {row.indicator.id for row in rows}
    return tuple(
        detail
        for entry in by_theme(theme)
        if entry.id not in shown
        for detail in portrait.wholes(entry, observations)
    )


def lacking(theme: str, rows: Sequence[Panorama], page: str) -> Html:
    """Return how many indicators too few quartiers publish, and where they are named."""
    missing = len(by_theme(theme)) - len(rows)
    if not missing:
        return Html("")
    return prose(
        '<p>{} sans chiffre pour la moitié des quartiers : la page <a href="{}">Ce qui manque</a> '
        "dit ce qui est publié, et quel fichier donnerait le reste.</p>",
        counted(missing, "indicateur(s)"),
        page,
    )
