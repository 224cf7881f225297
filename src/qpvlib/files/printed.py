"""The two printed pages of a portrait and of a sector: their content, before any typesetting."""

import csv
import io
from collections.abc import Iterable, Sequence

from qpvlib import clock, territories
from qpvlib.catalogue import Indicator, indicator
from qpvlib.files import vectors
from qpvlib.files.easy import near_schools
from qpvlib.numerals import counted, number
from qpvlib.observations import Observation, Observations
from qpvlib.presentation import formats
from qpvlib.presentation.basemap import FOCUS, city_frame, city_map, inset, mark, outlines
from qpvlib.presentation.formats import MEDIAN, PUBLISHED
from qpvlib.presentation.origins import producers
from qpvlib.presentation.portrait.findings import sentence
from qpvlib.presentation.portrait.five import verdict
from qpvlib.reading import findings, key_figures
from qpvlib.reading.indicator import group, nearest
from qpvlib.reading.key_figures import KeyFigure, outline
from qpvlib.reading.portrait import portrait as read_portrait
from qpvlib.territories import CITY, Territory, get, quartier
from qpvlib.typography import typeset

BOOK = "Observatoire des quartiers prioritaires de Marseille"
_PEOPLE, _OTHER = "population_qpv", "#c9c4b8"
_SCHOOLS = 12
_COLUMNS = (
    "territoire", "indicateur", "modalite", "millesime", "statistique", "valeur", "borne_basse",
    "borne_haute", "etat", "source",
)  # fmt: skip
_LEGEND = (
    "Rond : {}. Trait noir : quartier médian de Marseille (la moitié des quartiers sont en "
    "dessous). Losange : Marseille. Barre orange : intervalle. Entre parenthèses, l'année."
)


def portrait(code: str, observations: Observations) -> dict:
    """Return the two pages of a QPV of 2024."""
    place = quartier(code)
    page = read_portrait(code, observations)
    told = findings.findings(page.readings, observations)
    five = key_figures.five(code, observations)
    names = dict.fromkeys(
        name
        for name in (*outline().compared, *(row for t in outline().themes for row in t.rows))
        if name not in outline().five
    )
    others = [key_figures.key_figure(name, code, observations) for name in names]
    used = [one.observation for one in (*five, *others)]
    return _page(
        place,
        _identity(place, observations),
        (typeset(_LEGEND.format("ce quartier")), [_line(one, observations) for one in five]),
        [{"titre": "Ce qui ressort", "points": [sentence(one).words() for one in told.told]
          or ["Aucun chiffre récent ne s'écarte nettement du quartier médian."]}],
        {
            "titre": "Les autres chiffres",
            "titres": ["Indicateur", "Ici", "Année", "Quartier médian", "Marseille"],
            "largeurs": [5, 3, 0, 2, 2],
            "lignes": [_row(one) for one in others],
        },
        [
            {"titre": "Écoles publiques dans le quartier ou à moins de 300 mètres",
             "textes": [_schools(code, observations)]},
            {"titre": "Ce qu'on ne sait pas", "textes": [_unknown(page.absent, page.wider)]},
            {"titre": "Sources", "textes": [producers(used).words()]},
        ],
        [figure for one in (*five, *others) for figure in _told(one)],
    )  # fmt: skip


def sector(code: str, observations: Observations) -> dict:
    """Return the two pages of a sector: its quartiers, figure by figure."""
    place, members = get(code), territories.sector_members(code)
    entries = [indicator(name) for name in (_PEOPLE, *outline().five)]
    figures = {
        (one.code, entry.id): key_figures.key_figure(entry.id, one.code, observations).observation
        for one in members
        for entry in entries
    }
    return _page(
        place,
        [
            counted(len(members), "quartier(s) prioritaire(s) de 2024."),
            ", ".join(one.name for one in members) + ".",
        ],
        (
            typeset(_LEGEND.format("un quartier du secteur")),
            [
                _sector_line(entry, [figures[one.code, entry.id] for one in members], observations)
                for entry in entries[1:]
            ],
        ),
        [],
        {
            "titre": "Quartier par quartier",
            "titres": ["Quartier", *(typeset(entry.libelle_court) for entry in entries)],
            "largeurs": [4, *(2 for _ in entries)],
            "lignes": [
                [one.name, *(_whole(figures[one.code, entry.id], entry) for entry in entries)]
                for one in members
            ],
        },
        [{"titre": "Sources", "textes": [producers(figures.values()).words()]}],
        [
            *((PUBLISHED, one) for one in figures.values()),
            *(figure for entry in entries[1:] for figure in _beside_sector(entry, observations)),
        ],
    )


def _page(
    place: Territory,
    identity: list[str],
    figures: tuple[str, list[dict]],
    found: list[dict],
    table: dict,
    rest: list[dict],
    told: Iterable[tuple[str, Observation]],
) -> dict:
    title = place.name if place.geography != "secteur" else f"Secteur {place.name}"
    return {
        "titre": title,
        "livre": BOOK,
        "edition": typeset(f"Édition du {clock.edition():%d/%m/%Y}. Chiffres officiels ouverts."),
        "identite": identity,
        "carte": _map(place, title),
        "chiffres": {"titre": "En 5 chiffres", "legende": figures[0], "lignes": figures[1]},
        "constats": found,
        "tableau": table,
        "suite": rest,
        "donnees": _attached(told),
    }


def _attached(told: Iterable[tuple[str, Observation]]) -> str:
    """The printed figures as a table inside the PDF, so that a control reads them back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for statistic, o in told:
        numbers = ("" if n is None else formats.raw(n) for n in (o.value, o.low, o.high))
        key = (o.territory, o.indicator, o.category, o.vintage or "", statistic)
        writer.writerow([*key, *numbers, o.state, o.source])
    return out.getvalue()


def _told(one: KeyFigure) -> Iterable[tuple[str, Observation]]:
    yield PUBLISHED, one.observation
    if one.median:
        yield MEDIAN, one.median
    if one.city:
        yield PUBLISHED, one.city


def _map(place: Territory, title: str) -> dict[str, str]:
    shapes, frame = outlines(), city_frame()
    inside = place.geography == "secteur"
    chosen = {q.code for q in territories.qpv() if place.code in (q.code, q.sector)}
    marks = [
        mark(frame, shapes[code], FOCUS if code in chosen else _OTHER)
        for code in sorted(shapes, key=lambda code: code in chosen)
    ]
    marks += [] if inside else [inset(shapes[place.code])]
    alt = typeset(f"{title} : carte de Marseille, en orange.")
    return {"svg": vectors.whole(city_map(marks, alt, "img")), "alt": alt}


def _identity(place: territories.Qpv, observations: Observations) -> list[str]:
    people = indicator(_PEOPLE)
    figure = observations.get(_PEOPLE, place.code)
    districts = " et ".join(get(code).short_name for code in sorted(place.arrondissements))
    lines = [f"Secteur {get(place.sector).name}. {districts}."]
    if figure.is_value:
        margin = _margin(figure, people)
        lines.append(f"{counted(figure.amount, 'habitant(s)')} en {figure.year}{margin}.")
    lines.append(f"{number(territories.area_ha(place.code))} hectares. Code {place.code}.")
    return [typeset(line) for line in lines]


def _line(one: KeyFigure, observations: Observations) -> dict:
    entry, figure = one.indicator, one.observation
    parts = [verdict(one)]
    if one.former:
        larger = get(one.former.territory).name
        parts.append(f"un chiffre existe pour l'ancien quartier {larger}, qui n'est pas celui-ci")
    return _drawn(entry, [figure], one.median, one.city, observations) | {
        "nom": typeset(entry.libelle),
        "valeur": formats.value(figure, entry),
        "marge": _margin(figure, entry, f", {figure.year}") if figure.is_value else "",
        "texte": _sentence([*parts, *_beside(entry, one.median, one.city)]),
    }


def _sector_line(
    entry: Indicator, figures: Sequence[Observation], observations: Observations
) -> dict:
    beside = dict(_beside_sector(entry, observations))
    median, city = beside.get(MEDIAN), beside.get(PUBLISHED)
    spread = group(entry, observations)
    year = spread.observations[0].vintage if spread else None
    same = (o for o in figures if o.is_value and o.vintage == year)
    known = sorted(same, key=lambda o: o.amount)
    ends = (
        f"de {formats.value(known[0], entry)} à {formats.value(known[-1], entry)}" if known else ""
    )
    told = [f"{get(o.territory).name} : {_dated(o, entry)}" for o in known[:1] + known[1:][-1:]]
    return _drawn(entry, known, median, city, observations) | {
        "nom": typeset(entry.libelle),
        "valeur": ends or "non disponible",
        "marge": f" {len(known)} quartiers sur {len(figures)}",
        "texte": _sentence([*told, *_beside(entry, median, city)]),
    }


def _beside_sector(
    entry: Indicator, observations: Observations
) -> Iterable[tuple[str, Observation]]:
    """The median quartier and the city, of the year that most quartiers publish."""
    spread = group(entry, observations)
    if not spread or not spread.published:
        return
    first = spread.observations[0]
    if spread.middle:
        year = first.geography.removeprefix("qpv")
        yield MEDIAN, spread.median(get(f"QPV{year}-MARSEILLE"))
    city = nearest(observations, entry, CITY, first.year)
    if city.is_value and not entry.additif:
        yield PUBLISHED, city


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


def _row(one: KeyFigure) -> list[str]:
    entry, figure = one.indicator, one.observation
    return [
        typeset(entry.libelle),
        formats.value(figure, entry) + (_margin(figure, entry) if figure.is_value else ""),
        str(figure.vintage or ""),
        _dated(one.median, entry) if one.median else "",
        _dated(one.city, entry) if one.city else "",
    ]


def _dated(figure: Observation, entry: Indicator) -> str:
    text = formats.value(figure, entry)
    return typeset(f"{text} ({figure.vintage})") if figure.is_value else text


def _whole(figure: Observation, entry: Indicator) -> str:
    year = f", {figure.vintage}" if figure.is_value else ""
    return formats.value(figure, entry) + (_margin(figure, entry, year) if figure.is_value else "")


def _margin(figure: Observation, entry: Indicator, year: str = "") -> str:
    told = formats.interval(figure, entry).words()
    inside = f"{told}{year}".removeprefix(", ")
    return f" ({inside})" if inside else ""


def _schools(code: str, observations: Observations) -> str:
    near = near_schools(quartier(code), observations)
    if not near:
        return "Aucune école publique connue."
    names = ", ".join(near[:_SCHOOLS])
    more = f" et {counted(len(near) - _SCHOOLS, 'autre(s)')}" if len(near) > _SCHOOLS else ""
    return typeset(
        f"{counted(len(near), 'école(s)')} : {names}{more}. Le secteur scolaire n'est pas connu : "
        "un enfant du quartier peut aller dans une autre école."
    )


def _unknown(absent: Sequence[Indicator], wider: Sequence[Indicator]) -> str:
    return typeset(
        f"{counted(len(absent), 'indicateur(s)')} du catalogue n'ont de chiffre dans aucun fichier "
        f"reçu, {len(wider)} n'en ont que pour un territoire plus grand. La page « Ce qui "
        "manque » du livre les nomme."
    )


def _sentence(parts: Iterable[str]) -> str:
    text = "\u202f; ".join(part for part in parts if part)
    return typeset(text[:1].upper() + text[1:] + ".") if text else ""
