"""The pages of a sector and of the city, by the rules of a portrait: ranges, never an average."""

from collections.abc import Callable, Mapping, Sequence

from qpvlib.catalogue import THEMES, Indicator, indicator
from qpvlib.numerals import counted, number
from qpvlib.observations import Observation, Observations
from qpvlib.presentation import names
from qpvlib.presentation.charts import dots
from qpvlib.presentation.formats import MEDIAN, POOLED, data_tag, interval
from qpvlib.presentation.groups import summary
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.portrait.five import line
from qpvlib.presentation.portrait.head import buttons
from qpvlib.presentation.portrait.themes import folded
from qpvlib.presentation.sentences import arrondissements
from qpvlib.presentation.tables import Table
from qpvlib.reading.key_figures import KeyFigure, counts, key_figure, outline
from qpvlib.reading.portrait import Panorama, panorama
from qpvlib.territories import CITY, Territory, get, qpv, sector_members

_PEOPLE = "population_qpv"
MEMBERS = (_PEOPLE, "taux_pauvrete_60", "taux_emploi", "indice_jeunesse")
"""Columns of the table of the quartiers of a sector."""
CHARTS = 3
"""Drawings of a theme at most: the first rows of the outline."""
Link = Callable[[str], str]


def head(observations: Observations, sector: Territory | None = None) -> Html:
    """Return who lives in the quartiers of a sector, or of the city, and the buttons."""
    members = sector_members(sector.code) if sector else qpv()
    people = panorama(indicator(_PEOPLE), observations, sector)
    facts = [prose("{}", counted(len(members), "quartier(s) prioritaire(s)"))]
    if people and people.pooled:
        told = data_tag(people.pooled, people.indicator, POOLED)
        facts.append(prose("{} habitants en {}", told, people.pooled.year))
    city = _city(people) if people else None
    if sector is None and people and people.pooled and city:
        share = number(100 * people.pooled.amount / city.amount)
        facts.append(
            prose("environ {} % des {} de la ville en {}", share,
                  data_tag(city, people.indicator), city.year)
        )  # fmt: skip
    place, up = (sector, "../") if sector else (get(CITY), "")
    text = prose("<p>{}.</p>", Html(", ").join(facts))
    return text + buttons(place.slug, up, ("PDF", "Tableau") if sector else ("Tableau",))


def five(observations: Observations, sector: Territory | None, link: Link) -> Html:
    """Return the five figures of every portrait, from the lowest quartier to the highest."""
    items = []
    for name in outline().five:
        row = panorama(indicator(name), observations, sector)
        told = _figure(row, link) if row else _missing(indicator(name), link)
        items.append(Html("<li>{}</li>").format(told))
    return Html('<ol class="qpv-cinq">{}</ol>').format(Html("").join(items))


def sections(
    themes: Mapping[str, Sequence[Panorama]],
    cards: str,
    orientations: str | None = None,
) -> Html:
    """Return the folded themes: one table, then a drawing by row or the page of the orientation.

    Parameters
    ----------
    themes
        Orientation -> its indicators (:func:`qpvlib.reading.portrait.panoramas`).
    cards
        Folder of the indicators' cards, from the page.
    orientations
        Folder of their pages, where the 41 quartiers are drawn; without it they are drawn here.
    """
    blocks = []
    for theme in outline().themes:
        rows = [row for name in theme.orientations for row in themes[name]]
        rows = [row for row in rows if row.indicator.id not in outline().left_out]
        pieces = [_html(summary(rows, cards))]
        if orientations:
            pieces += [_link(name, orientations) for name in theme.orientations]
        else:
            drawn = [r for r in rows if r.indicator.id in theme.rows and not counts(r.indicator)]
            pieces += [_dots(row) for row in drawn[:CHARTS]]
        blocks.append(folded(theme.name, len(rows), Html("").join(pieces)))
    return Html('<div class="qpv-themes">{}</div>').format(Html("").join(blocks))


def key_figures(sector: Territory, observations: Observations) -> tuple[KeyFigure, ...]:
    """Return the figures of :func:`members`, for the file of the page."""
    return tuple(
        key_figure(name, member.code, observations)
        for member in sorted(sector_members(sector.code), key=names.sorting)
        for name in MEMBERS
    )


def members(sector: Territory, found: Sequence[KeyFigure], link: Link) -> Table:
    """Return the quartiers of a sector by name, with their own main figures, each with its year.

    Parameters
    ----------
    found
        See :func:`key_figures`.
    link
        Code of a quartier -> address of its page.
    """
    by_code: dict[str, list[KeyFigure]] = {}
    for one in found:
        by_code.setdefault(one.reading.territory.code, []).append(one)
    rows = tuple(
        (
            Html('<a href="{}">{}</a>').format(link(code), get(code).name),
            *(_dated(one.observation, one) for one in row),
            arrondissements(row[0].reading.territory),
        )
        for code, row in by_code.items()
    )
    heads = ("Quartier", *(indicator(name).libelle_court for name in MEMBERS), "Arrondissement")
    return Table(f"Les {len(rows)} quartiers du secteur {sector.name}", heads, rows)


def _dated(figure: Observation, one: KeyFigure) -> Html:
    tag = data_tag(figure, one.indicator)
    return tag + prose(" <small>({})</small>", figure.year) if figure.is_value else tag


def _figure(row: Panorama, link: Link) -> Html:
    """One figure: the range of the quartiers, its ends named, the median and the city."""
    entry, spread = row.indicator, row.spread
    low, high = spread.lowest, spread.highest
    partial = (
        ""
        if spread.complete
        else prose(
            ", {} sur {} dans les limites de {}",
            *(len(spread.published), len(spread.observations)),
            spread.observations[0].geography[-4:],
        )
    )
    city = beside(row)
    marks = [prose("en {}{}", low.year, partial)]
    marks += [
        prose('<span class="qpv-repere--{}">{}</span> {} ({})', kind, name,
              data_tag(figure, entry, statistic), figure.year)
        for figure, kind, name, statistic in (
            (row.median, "median", "quartier médian", MEDIAN), (city, "ville", "Marseille", None),
        )
        if figure is not None
    ]  # fmt: skip
    return _named(entry, link) + prose(
        '<p class="qpv-valeur">de {} à {}</p>'
        "<p>Le plus bas : {} ; le plus haut : {}.</p>{}"
        '<p class="qpv-reperes">{}</p></figure>',
        data_tag(low, entry), data_tag(high, entry), _place(low, row), _place(high, row),
        line(entry, None, row.median, city, (low, high)),
        Html(" · ").join(marks),
    )  # fmt: skip


def _missing(entry: Indicator, link: Link) -> Html:
    why = "aucune année où la moitié des quartiers ont ce chiffre"
    return _named(entry, link) + prose(
        '<p class="qpv-valeur">non disponible</p><p class="qpv-reperes">{}</p></figure>', why
    )


def _named(entry: Indicator, link: Link) -> Html:
    """The head of a figure: its name, and what it says in plain words."""
    return prose(
        '<figure class="qpv-chiffre-cle"><figcaption><a href="{}">{}</a></figcaption>'
        '<p class="qpv-clair">{}</p>',
        link(entry.id), entry.libelle_court, entry.en_clair,
    )  # fmt: skip


def _city(row: Panorama) -> Observation | None:
    return next((o for o in row.references if o.territory == CITY and o.is_value), None)


def beside(row: Panorama) -> Observation | None:
    """Return the figure of the city to set beside that of the quartiers; none beside a count."""
    return None if row.indicator.additif else _city(row)


def _place(figure: Observation, row: Panorama) -> Html:
    """The quartier of an extreme, with the margin of its figure."""
    place, within = get(figure.territory), interval(figure, row.indicator)
    facts = [fact for fact in (within, "périmètre 2015" * (place.geography == "qpv2015")) if fact]
    return (
        prose("{} ({})", place.name, Html(", ").join(facts)) if facts else prose("{}", place.name)
    )


def _dots(row: Panorama) -> Html:
    lines = [o for o in row.references if o.is_value and o.territory in (CITY, "FM")]
    return dots(row.spread, row.indicator, lines).html()


def _link(name: str, folder: str) -> Html:
    if name == "presentation":
        return Html("")
    return prose(
        '<p><a href="{}/{}.html">{} : les 41 quartiers un par un, et leur carte</a></p>',
        folder, name.replace("_", "-"), THEMES[name],
    )  # fmt: skip


def _html(piece: Html | Table) -> Html:
    return piece if isinstance(piece, Html) else piece.html()
