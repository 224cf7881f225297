"""« Les écoles dans et autour du quartier »: what stands there, beside the city, and no ranking."""

from collections.abc import Iterable, Sequence

from qpvlib import schools
from qpvlib.catalogue import indicator
from qpvlib.indicators.nearby import BLUR
from qpvlib.numerals import number
from qpvlib.observations import Observation
from qpvlib.presentation.formats import data_tag, signed
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.sentences import listing
from qpvlib.presentation.tables import Table
from qpvlib.reading.schools import ADDED, IPS, NEAR, OLD_IPS, PASS, ROLL, Column, School, Schools
from qpvlib.schools import COLLEGE, PRIVATE, PUBLIC, SCHOOL, SECTORS
from qpvlib.territories import get
from qpvlib.typography import WIDE, typeset

_STEP = 50
"""Metres to which a distance is rounded: the points are known to about :data:`BLUR`."""
_OPEN = 8
"""Écoles above which their table is folded: a screen of a phone."""
_WORDS = {
    (SCHOOL, PUBLIC): ("publique", "Marseille, écoles publiques"),
    (SCHOOL, PRIVATE): ("privée sous contrat", "Marseille, écoles privées"),
    (COLLEGE, PUBLIC): ("public", "Marseille, collèges publics"),
    (COLLEGE, PRIVATE): ("privé sous contrat", "Marseille, collèges privés"),
}
_READ = (
    "<p>Le secteur scolaire de chaque école n'est pas connu ici : un enfant du quartier peut aller "
    "dans une autre école, plus loin. L'indice de position sociale (IPS) résume les métiers des "
    "parents : il décrit les familles, pas l'école ni les élèves ; plus il est élevé, plus leur "
    "milieu est favorable à la réussite scolaire.{}</p>"
)
_SCALE = (
    " Le ministère l'a révisé en 2022 : <strong>une année ne se compare pas à l'autre</strong>, "
    "chacune se lit face à la moyenne de Marseille."
)
_PLACE = (
    '<p class="qpv-source">Écoles de Marseille seulement, placées d\'après la liste de la Ville de '
    "2018, à vol d'oiseau et à {} mètres près : une école a pu déménager depuis. Moyennes de "
    "Marseille : chaque établissement compte pour ses élèves ; pour un jusqu'en 2021, faute "
    "d'effectifs publiés.{}</p>"
)
_COLLEGES = (
    "<p>Collèges {} : {} dans le public, {} dans le privé sous contrat. Leur adresse n'est "
    "dans aucune liste reçue : le plus proche et celui du secteur ne sont pas connus.</p>"
    "<p>La <strong>valeur ajoutée</strong> est ce que le collège apporte en plus de ce qu'on "
    "attendait vu ses élèves : +5 veut dire que, sur 100 candidats au brevet, 5 de plus que prévu "
    "l'ont eu. Elle est positive à chaque session dans {} de ces collèges, négative à chaque "
    "session dans {}. Le ministère la publie sans intervalle, sur une centaine de candidats par "
    "collège : une session seule dit peu.</p>"
)


def section(found: Schools) -> Html:
    """Return the whole section: sentences, the écoles, then the collèges of the arrondissement."""
    codes = sorted(found.territory.arrondissements)
    names = [get(code).short_name.partition(" ")[0] for code in codes]
    where = f"{'du' if len(names) == 1 else 'des'} {listing(names)} arrondissement"
    where += "s" if len(names) > 1 else ""
    means = found.means[SCHOOL, PUBLIC]
    revised = {OLD_IPS, IPS} <= {measure for measure, _ in means}
    pieces = [_summary(found), prose(_READ, prose(_SCALE) if revised else "")]
    if found.near:
        title = f"Écoles publiques dans le quartier et à {number(NEAR)} mètres au plus"
        table = _table(title, SCHOOL, found.near, found, (PUBLIC,))
        pieces.append(table.folded() if len(found.near) > _OPEN else table.html())
    pieces.append(prose(_PLACE, number(BLUR), _bases(means)))
    if found.unplaced:
        title = f"Autres écoles {where}, dont la place n'est pas connue ici"
        pieces.append(_table(title, SCHOOL, found.unplaced, found, SECTORS).folded())
    if found.colleges:
        public = sum(college.sector == PUBLIC for college in found.colleges)
        counts = public, len(found.colleges) - public, *_steady(found.colleges)
        pieces.append(prose(_COLLEGES, where, *(count or "aucun" for count in counts)))
        title = f"Collèges {where}"
        pieces.append(_table(title, COLLEGE, found.colleges, found, SECTORS).folded())
    return Html('<div class="qpv-ecoles">{}</div>').format(Html("").join(pieces))


def _summary(found: Schools) -> Html:
    inside = sum(school.distance == 0 for school in found.near)
    text = prose(
        "Écoles publiques, élémentaires ou primaires : {} dans le quartier, {} autour, à {} mètres "
        "au plus.",
        *(inside or "aucune", len(found.near) - inside or "aucune", number(NEAR)),
    )
    for column, mean in found.means[SCHOOL, PUBLIC].items():
        told = [s.figures[column] for s in found.near if s.figures[column].is_value]
        if column[0] == IPS and told:
            low, *_, high = sorted([*told, told[0]], key=lambda figure: figure.value or 0)
            text += prose(
                " Indice de position sociale en {} : {} ; moyenne des écoles publiques de "
                "Marseille : {}.",
                _school_year(column[1]),
                _tag(low)
                if low.value == high.value
                else prose("de {} à {}", _tag(low), _tag(high)),
                _tag(mean),
            )
    return Html("<p>{}</p>").format(text)


def _table(
    caption: str, kind: str, rows: Sequence[School], found: Schools, sectors: Iterable[str]
) -> Table:
    """Return one row per school, then the means of the city: a name, and two columns of figures."""
    lines = [(school.name, _place(school, kind), school.figures) for school in rows]
    lines += [(_WORDS[kind, s][1], "moyenne", found.means[kind, s]) for s in sectors]
    ips, roll, passed, added = (
        [column for column in rows[0].figures if column[0] in names]
        for names in ((OLD_IPS, IPS), (ROLL,), (PASS,), (ADDED,))
    )
    if kind == SCHOOL:
        heads = ("École", *(f"IPS {_school_year(year)}" for _, year in ips))
        body = [
            (
                _head(name, words, _said(figures, roll, "{1} élèves")),
                *(_tag(figures[c]) for c in ips),
            )
            for name, words, figures in lines
        ]
    else:
        heads = (
            "Collège, et son IPS à la rentrée",
            "Réussite au brevet",
            "Valeur ajoutée, en points",
        )
        body = [
            (
                _head(name, words, _said(figures, ips, "IPS {0} : {1}")),
                Html("<br>").join(_said(figures, passed, "{0} : {1}")),
                Html("<br>").join(_said(figures, added, "{0} : {1}") or ["pas de moyenne"]),
            )
            for name, words, figures in lines
        ]
    return Table(typeset(caption), heads, tuple(body))


def _said(figures: dict[Column, Observation], columns: Iterable[Column], form: str) -> list[Html]:
    return [
        prose(form, column[1], _tag(figures[column])) for column in columns if column in figures
    ]


def _head(name: str, words: str, details: Iterable[Html]) -> Html:
    return Html("{}<small>{}</small>").format(name, Html("<br>").join([words, *details]))


def _place(school: School, kind: str) -> str:
    """Say where a school is, no finer than its point is known; else whose it is."""
    if school.distance is None:
        return _WORDS[kind, school.sector][0]
    if school.distance <= BLUR:
        return "en bordure" if school.distance else "dans le quartier"
    return f"à {number(_STEP * max(1, round(school.distance / _STEP)))}{WIDE}m"


def _bases(means: dict[Column, Observation]) -> Html:
    """Say on how many pupils, or schools, the means of the city rest."""
    said = [
        prose("{} : {} {}", _school_year(c[1]), number(mean.denominator), unit)
        for c, mean in means.items()
        for unit in ("élèves" if c[0] == IPS else "écoles",)
        if mean.denominator
    ]
    if not said:
        return Html("")
    return prose(" Écoles publiques, {}.", prose(" ; ").join(said))


def _steady(colleges: Sequence[School]) -> tuple[int, int]:
    """Return how many collèges have a positive, or a negative, added value in every session."""
    each = [[o.value for (name, _), o in c.figures.items() if name == ADDED] for c in colleges]
    told = [
        [v for v in values if v is not None] for values in each if values and None not in values
    ]
    return sum(min(values) > 0 for values in told), sum(max(values) < 0 for values in told)


def _tag(figure: Observation) -> Html:
    if figure.geography != schools.GEOGRAPHY:
        return data_tag(figure, indicator(figure.indicator))
    entry = schools.measures()[figure.indicator]
    if figure.indicator != ADDED:
        return data_tag(figure, entry)
    return data_tag(figure, entry, written=lambda told, unit: signed(told.amount, unit))


def _school_year(year: int) -> str:
    return f"{year}-{year + 1}"
