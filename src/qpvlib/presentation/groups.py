"""Pages of a group of quartiers: a sector, the city, the home page."""

from collections.abc import Mapping, Sequence

from qpvlib.observations import Observation
from qpvlib.presentation.formats import MEDIAN, POOLED, data_tag, with_margin
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.sentences import listing
from qpvlib.presentation.tables import Table
from qpvlib.reading.indicator import straddling
from qpvlib.reading.portrait import Panorama, definitions
from qpvlib.territories import Territory, get


def apart(sector: Territory) -> Html:
    """Return which quartiers of 2015 the page leaves out, as they lie over several sectors."""
    left = straddling(sector.code)
    if not left:
        return Html("")
    return prose(
        "<p>À cheval sur plusieurs secteurs en 2015, et donc dans les chiffres d'aucun : {}. Un "
        "chiffre du périmètre 2015 ne compte que les quartiers entièrement dans le secteur.</p>",
        listing(f"{one.name} ({one.code})" for one in left),
    )


def summary(rows: Sequence[Panorama], indicators: str) -> Html | Table:
    """Return a theme's indicators: range of the quartiers, median, total, references.

    A reference that has a figure for none of the indicators has no column; a sentence says so.

    Parameters
    ----------
    rows
        The indicators of the theme that have figures.
    indicators
        Folder of the indicators' cards, relative to the page; their list is beside that folder.
    """
    if not rows:
        return prose(
            "<p>Aucun chiffre n'est publié pour au moins la moitié des quartiers. La page "
            '« <a href="{}">Indicateurs</a> » dit, pour chacun, quelle source manque.</p>',
            f"{indicators}.html",
        )
    known = [i for i in range(len(REFERENCES)) if any(r.references[i].is_value for r in rows)]
    pooled = any(row.pooled for row in rows)
    heads = (
        "Indicateur",
        "Quartier médian",
        *(["Ensemble"] if pooled else []),
        "Année",
        *(REFERENCES[i] for i in known),
        "Du plus bas au plus haut",
    )
    link = definitions(indicators)
    table = Table(
        "Les quartiers et leurs références",
        heads,
        tuple(_summary(row, link(row.indicator.id), pooled, known) for row in rows),
    )
    unknown = [name for i, name in enumerate(REFERENCES) if i not in known]
    if not unknown:
        return table
    return table.html() + prose(
        '<p class="qpv-source">Aucun de ces chiffres n\'est disponible pour : {}.</p>',
        ", ".join(unknown),
    )


# In the order of :data:`qpvlib.reading.indicator.REFERENCES`.
REFERENCES = (
    "Marseille hors QPV",
    "Marseille",
    "Métropole",
    "QPV de France",
    "France métropolitaine",
)


def flat(themes: Mapping[str, Sequence[Panorama]]) -> tuple[Panorama, ...]:
    """Return the panoramas of all themes."""
    return tuple(row for rows in themes.values() for row in rows)


def _summary(
    row: Panorama, card: str, pooled: bool, known: Sequence[int]
) -> tuple[Html | str, ...]:
    spread, entry = row.spread, row.indicator
    published, total = len(spread.published), len(spread.observations)
    first = spread.observations[0]
    count = "" if published == total else prose(" <small>({} sur {})</small>", published, total)
    low, high = (with_margin(o, entry) for o in (spread.lowest, spread.highest))
    extent = prose("de {} à {}", low, high)
    middle = data_tag(row.median, entry, MEDIAN) if row.median else "trop peu de quartiers"
    if published == 1:
        extent = prose(
            "{} <small>({} seulement)</small>", low, get(spread.published[0].territory).name
        )
        middle = ""
    together = data_tag(row.pooled, entry, POOLED) if row.pooled else ""
    return (
        Html('<a href="{}">{}</a>').format(card, entry.libelle),
        middle,
        *([together] if pooled else []),
        prose("{} <small>(QPV {})</small>", first.year, first.geography.removeprefix("qpv")),
        *(_reference(row.references[i], first, row) for i in known),
        extent + count,
    )


def _reference(other: Observation, like: Observation, row: Panorama) -> Html:
    tag = with_margin(other, row.indicator)
    if other.is_value and other.vintage != like.vintage:
        tag += prose(" <small>({})</small>", other.year)
    return tag
