"""The lines, rows and table of a printed page: one figure or one group of figures each."""

import csv
import io
from collections.abc import Iterable, Sequence

from qpvlib.catalogue import Indicator
from qpvlib.files import vectors
from qpvlib.intervals import ESTIMATES
from qpvlib.numerals import counted, number
from qpvlib.observations import Observation, Observations
from qpvlib.presentation import formats
from qpvlib.presentation.formats import MEDIAN, PUBLISHED, RATE, RATE_MEDIAN
from qpvlib.presentation.portrait.five import verdict
from qpvlib.presentation.portrait.group import beside
from qpvlib.reading.findings import Finding
from qpvlib.reading.indicator import group
from qpvlib.reading.key_figures import KeyFigure
from qpvlib.reading.portrait import Panorama
from qpvlib.territories import CITY, get
from qpvlib.typography import typeset

_COLUMNS = (
    "territoire", "indicateur", "modalite", "millesime", "statistique", "valeur", "borne_basse",
    "borne_haute", "etat", "source",
)  # fmt: skip


def line(one: KeyFigure, observations: Observations) -> dict:
    """Return one of the five figures of a portrait: its words and its drawing."""
    entry, figure = one.indicator, one.observation
    parts = [verdict(one)]
    if one.former:
        larger = get(one.former.territory).name
        parts.append(f"un chiffre existe pour l'ancien quartier {larger}, qui n'est pas celui-ci")
    return _drawn(entry, [figure], one.median, one.city, observations) | {
        "nom": typeset(entry.libelle),
        "valeur": formats.value(figure, entry),
        "marge": margin(figure, entry, str(figure.year)) if figure.is_value else "",
        "texte": _sentence([*parts, *_beside(entry, one.median, one.city)]),
    }


def sector_line(row: Panorama, observations: Observations) -> dict:
    """Return one figure over the quartiers of a sector: the range that its page gives."""
    entry, spread = row.indicator, row.spread
    ends, city = (spread.lowest, spread.highest), beside(row)
    told = [f"{get(o.territory).name} : {_dated(o, entry)}" for o in ends]
    if ends[0].geography == "qpv2015":
        told[-1] += ", dans les limites de 2015"
    return _drawn(entry, list(ends), row.median, city, observations) | {
        "nom": typeset(entry.libelle),
        "valeur": f"de {formats.value(ends[0], entry)} à {formats.value(ends[1], entry)}",
        "marge": f" {counted(len(spread.published), 'quartier(s)')} sur {len(spread.observations)}",
        "texte": _sentence([*told, *_beside(entry, row.median, city)]),
    }


def sector_told(row: Panorama) -> Iterable[tuple[str, Observation]]:
    """Yield the figures that :func:`sector_line` prints, with their statistic."""
    yield from ((PUBLISHED, o) for o in (row.spread.lowest, row.spread.highest, beside(row)) if o)
    if row.median:
        yield MEDIAN, row.median


def row(one: KeyFigure) -> list[str]:
    """Return a row of the table of a portrait."""
    entry, figure = one.indicator, one.observation
    return [
        typeset(entry.libelle),
        formats.value(figure, entry) + (margin(figure, entry) if figure.is_value else ""),
        str(figure.vintage or ""),
        _dated(one.median, entry) if one.median else "",
        _dated(one.city, entry) if one.city else "",
    ]


def whole(figure: Observation, entry: Indicator) -> str:
    """Return a figure, its interval and its year; or its state in words."""
    told = margin(figure, entry, str(figure.vintage)) if figure.is_value else ""
    return f"{formats.value(figure, entry)}\n{told.strip()}".strip()


def margin(figure: Observation, entry: Indicator, year: str = "") -> str:
    """Return the interval in brackets, and what the reader must know: year, estimate, caution."""
    facts = (
        formats.interval(figure, entry).words(),
        year,
        "estimation" if figure.source == ESTIMATES else "",
        figure.grade if figure.grade == "prudence" else "",
    )
    inside = ", ".join(fact for fact in facts if fact)
    return f" ({inside})" if inside else ""


def told(one: KeyFigure) -> Iterable[tuple[str, Observation]]:
    """Yield the figures that a key figure prints, with their statistic."""
    yield PUBLISHED, one.observation
    if one.median:
        yield MEDIAN, one.median
    if one.city:
        yield PUBLISHED, one.city


def compared(one: Finding) -> Iterable[tuple[str, Observation]]:
    """Yield the figures that a finding prints, with their statistic."""
    yield (RATE if one.per_thousand else PUBLISHED), one.figure
    median = one.comparison.group.median(one.comparison.reference)
    yield (RATE_MEDIAN if one.per_thousand else MEDIAN), median
    if not one.per_thousand:
        cities = (c.observation for c in one.reading.comparisons if c.reference.code == CITY)
        yield from ((PUBLISHED, city) for city in cities if city)


def attached(told: Iterable[tuple[str, Observation]]) -> str:
    """Return the printed figures as a table to put inside the PDF, for a control to read back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for statistic, o in told:
        numbers = ("" if n is None else formats.raw(n) for n in (o.value, o.low, o.high))
        key = (o.territory, o.indicator, o.category, o.vintage or "", statistic)
        writer.writerow([*key, *numbers, o.state, o.source])
    return out.getvalue()


def _drawn(
    entry: Indicator,
    figures: Sequence[Observation],
    median: Observation | None,
    city: Observation | None,
    observations: Observations,
) -> dict:
    spread = group(entry, observations)
    known = [o for o in figures if o.is_value]
    span = formats.bounds(known[0], entry) if len(known) == 1 else None
    values = [o.amount for o in (*known, *(spread.published if spread else ()))]
    values += [o.amount for o in (median, city) if o] + [*(span or ())]
    alt = f"{entry.libelle} : " + (
        ", ".join(formats.value(o, entry) for o in known) or "pas de chiffre"
    )
    top = max(values, default=1.0)
    svg = vectors.scale(
        [o.amount for o in known],
        span,
        median.amount if median else None,
        city.amount if city else None,
        top,
    )
    return {"dessin": {"svg": svg, "alt": typeset(f"{alt}.")}, "haut": number(top, entry.decimales)}


def _beside(
    entry: Indicator, median: Observation | None, city: Observation | None
) -> Iterable[str]:
    if median:
        yield f"quartier médian {_dated(median, entry)}"
    if city:
        yield f"Marseille {_dated(city, entry)}"


def _dated(figure: Observation, entry: Indicator) -> str:
    text = formats.value(figure, entry)
    return typeset(f"{text} ({figure.vintage})") if figure.is_value else text


def _sentence(parts: Iterable[str]) -> str:
    text = "\u202f; ".join(part for part in parts if part)
    return typeset(text[:1].upper() + text[1:] + ".") if text else ""
