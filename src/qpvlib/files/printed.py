"""The two printed pages of a portrait and of a sector: their content, before any typesetting."""

from collections.abc import Iterable, Sequence

from qpvlib import clock, territories
from qpvlib.catalogue import Indicator, indicator
from qpvlib.files import lines, vectors
from qpvlib.files.easy import near_schools
from qpvlib.numerals import counted, number
from qpvlib.observations import Observation, Observations
from qpvlib.presentation.basemap import FOCUS, city_frame, city_map, inset, mark, outlines
from qpvlib.presentation.formats import PUBLISHED
from qpvlib.presentation.origins import producers
from qpvlib.presentation.portrait.findings import sentence
from qpvlib.reading import findings, key_figures
from qpvlib.reading.key_figures import outline
from qpvlib.reading.portrait import panorama
from qpvlib.reading.portrait import portrait as read_portrait
from qpvlib.territories import Territory, get, quartier
from qpvlib.typography import typeset

BOOK = "Observatoire des quartiers prioritaires de Marseille"
_PEOPLE, _OTHER = "population_qpv", "#c9c4b8"
_SCHOOLS = 12
_NOTE = typeset(
    "Entre parenthèses, l'intervalle. « Prudence » : le chiffre repose sur peu de personnes. "
    "« Estimation » : qpvlib l'a calculé à partir des IRIS."
)
_LEGEND = (
    "Rond : {}. Trait noir : quartier médian {} (la moitié des quartiers sont en "
    "dessous). Losange : Marseille. Barre orange : intervalle. Entre parenthèses, l'année."
)
_DOT = "le plus bas et le plus haut des quartiers"
_LACKING = " Non disponible, faute d'une année où la moitié des quartiers ont le chiffre : {}."


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
        (
            typeset(_LEGEND.format("ce quartier", "de Marseille")),
            [lines.line(one, observations) for one in five],
        ),
        [{"titre": "Ce qui ressort", "points": [sentence(one).words() for one in told.told]
          or ["Aucun chiffre récent ne s'écarte nettement du quartier médian."]}],
        {
            "titre": "Les autres chiffres",
            "note": _NOTE,
            "titres": ["Indicateur", "Ici", "Année", "Quartier médian", "Marseille"],
            "largeurs": [5, 3, 0, 2, 2],
            "lignes": [lines.row(one) for one in others],
        },
        [
            {"titre": "Écoles publiques dans le quartier ou à moins de 300 mètres",
             "textes": [_schools(code, observations)]},
            {"titre": "Ce qu'on ne sait pas", "textes": [_unknown(page.absent, page.wider)]},
            {"titre": "Sources", "textes": [producers(used).words()]},
        ],
        [
            *(figure for one in (*five, *others) for figure in lines.told(one)),
            *(figure for one in told.told for figure in lines.compared(one)),
        ],
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
    found = {entry: panorama(entry, observations, place) for entry in entries[1:]}
    rows = [row for row in found.values() if row is not None]
    lacking = ", ".join(entry.libelle for entry, row in found.items() if row is None)
    return _page(
        place,
        [
            counted(len(members), "quartier(s) prioritaire(s) de 2024."),
            ", ".join(one.name for one in members) + ".",
        ],
        (
            typeset(_LEGEND.format(_DOT, "du secteur") + _LACKING.format(lacking) * bool(lacking)),
            [lines.sector_line(row, observations) for row in rows],
        ),
        [],
        {
            "titre": "Quartier par quartier",
            "note": _NOTE,
            "titres": ["Quartier", *(typeset(entry.libelle_court) for entry in entries)],
            "largeurs": [3, *(2 for _ in entries)],
            "lignes": [
                [one.name, *(lines.whole(figures[one.code, entry.id], entry) for entry in entries)]
                for one in members
            ],
        },
        [{"titre": "Sources", "textes": [producers(figures.values()).words()]}],
        [
            *((PUBLISHED, one) for one in figures.values()),
            *(figure for row in rows for figure in lines.sector_told(row)),
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
        "donnees": lines.attached(told),
    }


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
    facts = [f"Secteur {get(place.sector).name}. {districts}."]
    if figure.is_value:
        margin = lines.margin(figure, people)
        facts.append(f"{counted(figure.amount, 'habitant(s)')} en {figure.year}{margin}.")
    facts.append(f"{number(territories.area_ha(place.code))} hectares. Code {place.code}.")
    return [typeset(line) for line in facts]


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
