"""« En 5 chiffres »: a number, a line with its margin and three named marks, one verdict."""

from collections.abc import Callable, Sequence

from qpvlib.catalogue import Indicator
from qpvlib.observations import Observation
from qpvlib.presentation.formats import MEDIAN, bar_key, bounds, data_tag, value, with_margin
from qpvlib.presentation.markup import Html, attributes, prose
from qpvlib.reading.compare import ABOVE, BELOW, INDISTINCT, SIMILAR
from qpvlib.reading.key_figures import KeyFigure
from qpvlib.typography import typeset

VERDICTS = {
    ABOVE: "au-dessus du quartier médian",
    BELOW: "en dessous du quartier médian",
    SIMILAR: "comparable au quartier médian",
    INDISTINCT: "pas d'écart net avec le quartier médian",
}
FORMER = "former"
"""Anchor of the block about the quartier of 2015."""
# Units of the drawing: length of the line, its two ends, its height, the margin around.
_WIDTH, _HEIGHT, _EDGE = 320, 24, 10


def section(found: Sequence[KeyFigure], link: Callable[[str], str]) -> Html:
    """Return the five figures of a quartier.

    Parameters
    ----------
    found
        See :func:`qpvlib.reading.key_figures.five`.
    link
        Id of an indicator -> address of its card.
    """
    items = Html("").join(Html("<li>{}</li>").format(_figure(one, link)) for one in found)
    note = prose(
        '<p class="qpv-source">Le quartier médian est celui du milieu : la moitié des quartiers '
        "prioritaires de Marseille ont un chiffre plus haut, la moitié un chiffre plus bas. "
        "« ± » est la marge d'erreur, dessinée par un trait.</p>"
    )
    return Html('<ol class="qpv-cinq">{}</ol>{}').format(items, note)


def verdict(one: KeyFigure) -> str:
    """Return the place of a figure in a few words; empty when nothing can be said."""
    if one.rank is not None:
        place = "1er" if one.rank == 1 else f"{one.rank}e"
        return typeset(f"{place} des {one.among} quartiers, du plus grand au plus petit")
    return typeset(VERDICTS.get(one.verdict, ""))


def _figure(one: KeyFigure, link: Callable[[str], str]) -> Html:
    entry, figure = one.indicator, one.observation
    told = verdict(one)
    return Html(
        '<figure class="qpv-chiffre-cle"><figcaption><a href="{}">{}</a></figcaption>'
        '<p class="qpv-clair">{}</p><p class="qpv-valeur">{}</p>{}{}'
        '<p class="qpv-reperes">{}</p></figure>'
    ).format(
        link(entry.id),
        entry.libelle_court,
        entry.en_clair,
        with_margin(figure, entry),
        prose('<p class="qpv-verdict-cle">{}</p>', told) if told else "",
        line(entry, figure, one.median, one.city),
        _marks(one),
    )


def _marks(one: KeyFigure) -> Html:
    """What each mark of the line is, with its figure and its year."""
    entry, here = one.indicator, one.observation
    told = [
        prose('<span class="qpv-repere--ici">ici</span> en {}', here.year)
        if here.is_value
        else prose("pas de chiffre publié pour ce périmètre")
    ]
    if one.former:
        told.append(prose('<a href="#{}">chiffre de l\'ancien quartier</a>', FORMER))
    for other, kind, name in (
        (one.median, "median", "quartier médian"),
        (one.city, "ville", "Marseille"),
    ):
        if other is not None:
            tag = data_tag(other, entry, MEDIAN if kind == "median" else None)
            told.append(
                prose('<span class="qpv-repere--{}">{}</span> {} ({})', kind, name, tag, other.year)
            )
    return Html(" · ").join(told)


def line(
    entry: Indicator,
    here: Observation | None,
    median: Observation | None,
    city: Observation | None,
    span: tuple[Observation, ...] = (),
) -> Html:
    """Return the line of one figure, from zero: its margin and three marks, or a range.

    Parameters
    ----------
    entry
        What is drawn.
    here, median, city
        The figures; those that are not published are not drawn.
    span
        The lowest and the highest figures of a group of quartiers, where there is no ``here``.
    """
    named = (("ici", here), ("quartier médian", median), ("Marseille", city))
    told = [(name, one) for name, one in named if one is not None and one.is_value]
    if not told:
        return Html("")
    bars = {one: ends for one in (here, *span) if one and (ends := bounds(one, entry))}
    reach = [end for ends in bars.values() for end in ends]
    high = max([*(one.amount for _, one in told), *(one.amount for one in span), *reach]) or 1.0

    def x(number: float) -> str:
        return f"{_EDGE + (_WIDTH - 2 * _EDGE) * number / high:.2f}"

    middle = _HEIGHT // 2
    marks = [_path(f"M{_EDGE} {middle}H{_WIDTH - _EDGE}", "axe", data_echelle=f"0.0|{high!r}|")]
    if span:
        low, most = (one.amount for one in span)
        marks.append(_path(f"M{x(low)} {middle}H{x(most)}", "etendue"))
    for one, ends in bars.items():
        drawn = f"M{x(ends[0])} {middle}H{x(ends[1])}"
        marks.append(_path(drawn, "marge", data_barre=bar_key(one)))
    for name, one in told:
        at = x(one.amount)
        if name == "Marseille":
            marks.append(_path(f"M{at} {middle}m0-7l7 7-7 7-7-7z", "ville"))
        elif name == "ici":
            marks.append(_path(f"M{at} {middle}m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0", "ici"))
        else:
            marks.append(_path(f"M{at} 3V{_HEIGHT - 3}", "median"))
    alt = prose(
        "{} : {}.",
        entry.libelle_court,
        ", ".join(f"{name} {value(one, entry)}" for name, one in told),
    )
    return Html(
        '<svg class="qpv-ligne" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(_WIDTH, _HEIGHT, alt, Html("").join(marks))


def _path(d: str, kind: str, **facts: str) -> Html:
    return Html('<path class="qpv-trait--{}" d="{}"{}/>').format(kind, d, attributes(**facts))
