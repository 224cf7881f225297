"""The page that compares: the 41 quartiers and twelve figures in one table.

The table is the whole page without a script. With one, ``book/_static/comparer.js`` reads it and
sets two to four quartiers side by side: nothing is written twice, no server is asked.
"""

from collections.abc import Callable

from qpvlib.observations import UNAVAILABLE, Observation, Observations
from qpvlib.presentation import names
from qpvlib.presentation.formats import MEDIAN, STATES, data_tag, interval
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.reading.indicator import group
from qpvlib.reading.key_figures import KeyFigure, compared, counts
from qpvlib.territories import qpv

Link = Callable[[str], str]
COUNTED = "décompte, non comparé"


def columns(observations: Observations) -> dict[str, tuple[KeyFigure, ...]]:
    """Return the twelve figures of each quartier, quartiers in alphabetical order."""
    ordered = sorted(qpv(), key=names.sorting)
    return {member.code: compared(member.code, observations) for member in ordered}


def table(found: dict[str, tuple[KeyFigure, ...]], observations: Observations, link: Link) -> Html:
    """Return the table and, for a reader with a script, the place of the choice.

    Parameters
    ----------
    found
        See :func:`columns`.
    link
        Code of a quartier -> address of its portrait, relative to the page.
    """
    first = next(iter(found.values()))
    years = {f.indicator.id: _year(f, observations) for f in first}
    heads = (
        "Quartier",
        *(prose("{} ({})", f.indicator.libelle, years[f.indicator.id]) for f in first),
    )
    lines: list[tuple[str, ...]] = [
        (
            Html('<a href="{}">{}</a>').format(link(member.code), member.name),
            *(_cell(f.observation, f, years) for f in found[member.code]),
        )
        for member in sorted(qpv(), key=names.sorting)
    ]
    middle = [_beside(found, rank, "median") for rank in range(len(first))]
    city = [_beside(found, rank, "city") for rank in range(len(first))]
    lines += [
        (
            "Quartier médian",
            *(_cell(o, f, years, MEDIAN) for f, o in zip(first, middle, strict=True)),
        ),
        ("Marseille", *(_cell(o, f, years) for f, o in zip(first, city, strict=True))),
    ]
    whole = Table("Les 41 quartiers et leurs douze chiffres", heads, tuple(lines))
    return prose(
        '<div id="qpv-comparer" hidden></div>'
        '<details class="qpv-repli" id="qpv-comparer-tout" open>'
        "<summary>Les 41 quartiers, douze chiffres</summary>{}</details>"
        '<script src="_static/comparer.js" defer></script>',
        whole.html(),
    )


def _year(figure: KeyFigure, observations: Observations) -> int | str:
    """The year of most quartiers."""
    spread = group(figure.indicator, observations)
    return spread.observations[0].year if spread else ""


def _beside(found: dict[str, tuple[KeyFigure, ...]], rank: int, name: str) -> Observation | None:
    """The reference that quartiers share, of the first that has one."""
    return next((o for row in found.values() if (o := getattr(row[rank], name))), None)


def _cell(
    shown: Observation | None, figure: KeyFigure, years: dict, statistic: str | None = None
) -> Html:
    entry = figure.indicator
    if shown is None:
        text = COUNTED if counts(entry) else STATES[UNAVAILABLE]
        return prose('<span class="qpv-etat">{}</span>', text)
    text = data_tag(shown, entry, statistic)
    if within := interval(shown, entry, statistic):
        text += Html(" {}").format(within)
    if shown.is_value and shown.year != years[entry.id]:
        text += prose(" <small>({})</small>", shown.year)
    return text
