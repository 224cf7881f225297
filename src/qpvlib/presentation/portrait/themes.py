"""The folded themes: one drawing, what changed, and one table of all the other figures."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from qpvlib.catalogue import indicator
from qpvlib.numerals import counted
from qpvlib.observations import Observations
from qpvlib.presentation import charts, names, practitioners
from qpvlib.presentation.formats import MEDIAN, STATES, data_tag, with_margin
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.placement import marseille
from qpvlib.presentation.portrait.five import FORMER
from qpvlib.presentation.sentences import PASSAGES, label, listing
from qpvlib.presentation.tables import Table, reference
from qpvlib.reading import trends
from qpvlib.reading.indicator import Reading
from qpvlib.reading.key_figures import Theme, outline
from qpvlib.territories import CITY
from qpvlib.typography import typeset

CHARTS = 4
"""Small multiples of a theme at most: the changes that are the largest part of the first figure."""


def sections(
    readings: Sequence[Reading],
    observations: Observations,
    practices: Sequence[practitioners.Practice],
    link: Callable[[str], str],
) -> Html:
    """Return the folded themes of a quartier, then the block of the quartier it comes from.

    Parameters
    ----------
    readings
        All those of the page.
    practices
        Its practitioners by specialty, when a file gives them.
    link
        Id of an indicator -> address of its card.
    """
    own = [r for r in readings if r.same_perimeter and r.indicator.id not in outline().left_out]
    blocks = []
    for theme in outline().themes:
        mine = [r for r in own if r.indicator.orientation in theme.orientations]
        told = [p for p in practices if p.count.indicator.orientation in theme.orientations]
        blocks.append(_theme(theme, mine, observations, told, link))
    blocks.append(former(readings, observations, link))
    return Html('<div class="qpv-themes">{}</div>').format(Html("").join(blocks))


def former(
    readings: Sequence[Reading], observations: Observations, link: Callable[[str], str]
) -> Html:
    """Return the block about the quartier of 2015, where the figures are those of its perimeter."""
    mine = [
        r
        for r in readings
        if not r.same_perimeter
        and r.observation.is_value
        and r.indicator.id not in outline().left_out
    ]
    if not mine:
        return Html("")
    place, passage = mine[0].perimeter, mine[0].passage
    people = observations.get("population_qpv", place.code)
    size = (
        prose(" ({} habitants)", data_tag(people, indicator("population_qpv")))
        if people.is_value
        else ""
    )
    body = prose(
        "<p>Ces chiffres décrivent {}, quartier de 2015 ({}){} : ils ne disent pas ce qu'est "
        "le quartier d'aujourd'hui, et ne lui sont pas comparés.</p>",
        names.the(place),
        PASSAGES[passage.kind] if passage else "",
        prose(", population de {}", people.year) if people.is_value else "",
    )
    title = prose("L'ancien quartier{}", size)
    return folded(title, len(mine), body + table(title.striptags(), mine, link).html(), FORMER)


def table(caption: str, readings: Sequence[Reading], link: Callable[[str], str]) -> Table:
    """Return figures beside the median quartier and the city, one row each."""
    return Table(
        caption,
        ("Indicateur", "Ici", "Quartier médian", "Marseille", "Année", "Fiabilité"),
        tuple(_row(reading, link) for reading in readings),
    )


def _theme(
    theme: Theme,
    mine: Sequence[Reading],
    observations: Observations,
    practices: Sequence[practitioners.Practice],
    link: Callable[[str], str],
) -> Html:
    if not mine:
        return folded(theme.name, 0, prose("<p>Aucun chiffre pour ce quartier.</p>"))
    by_id = {r.indicator.id: r for r in mine}
    rows = [by_id[n] for n in theme.rows if n in by_id and marseille(by_id[n])]
    rest = [r for r in mine if r not in rows]
    pieces: list[Html] = []
    if rows:
        pieces.append(charts.strip(rows).html())
    pieces.append(_changes(mine, observations))
    if practices:
        pieces.append(practitioners.table(practices).html())
    if rest:
        title = (
            "Voir l'autre chiffre" if len(rest) == 1 else f"Voir les {len(rest)} autres chiffres"
        )
        caption = typeset(f"{theme.name} : chiffres qui ne sont pas dans le dessin")
        pieces.append(
            prose('<details class="qpv-repli"><summary>{}</summary>{}</details>',
                  typeset(title), table(caption, rest, link).html())
        )  # fmt: skip
    return folded(theme.name, len(mine), Html("").join(pieces))


def _changes(mine: Sequence[Reading], observations: Observations) -> Html:
    """Draw the changes that can be told from noise; say in a sentence that the others cannot."""
    kept = [r for r in mine if r.indicator.id not in outline().never_told]
    runs = [(r, run) for r in kept if (run := trends.steady(r.trend)).drawable]
    changed = [(r, run) for r, run in runs if trends.changed(run)]
    changed.sort(key=lambda pair: (-trends.relative(pair[1]), pair[0].indicator.id))
    still = [
        f"{label(r)} ({run.published[0].year}-{run.published[-1].year})"
        for r, run in runs
        if not trends.changed(run)
    ]
    drawn = [replace(r, trend=run) for r, run in changed[:CHARTS]]
    pieces = [charts.trend(drawn, observations).html()] if drawn else []
    if still:
        pieces.append(prose("<p>Pas d'évolution nette : {}.</p>", typeset(listing(still))))
    return Html("").join(pieces)


def folded(title: str, count: int, body: Html, name: str | None = None) -> Html:
    """Return a theme behind its title and the number of its figures; ``name`` is its anchor."""
    told = prose(" <small>{}</small>", counted(count, "chiffre(s)")) if count else Html("")
    anchor = Html(' id="{}"').format(name) if name else Html("")
    return Html('<details class="qpv-theme"{}><summary><h3>{}</h3>{}</summary>{}</details>').format(
        anchor, title, told, body
    )


def _row(reading: Reading, link: Callable[[str], str]) -> tuple[Html | str, ...]:
    entry, figure = reading.indicator, reading.observation
    beside = marseille(reading)
    city = next((c.observation for c in reading.comparisons if c.reference.code == CITY), None)
    solid = "à lire avec prudence" if figure.grade == "prudence" else figure.grade
    if reading.estimated:
        solid = "estimation à partir des IRIS"
    if reading.masked:
        later = prose("{} : {}", reading.masked.year, STATES[reading.masked.state])
        solid = f"{solid} ; {later}" if solid else later
    return (
        Html('<a href="{}">{}</a>').format(link(entry.id), entry.libelle),
        with_margin(figure, entry),
        data_tag(beside[0].group.median(beside[0].reference), entry, MEDIAN) if beside else "",
        reference(city, figure, entry) if city is not None and not entry.additif else "",
        str(figure.vintage or ""),
        solid,
    )
