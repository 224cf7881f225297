"""The card of an indicator: what it is, which figures exist, what the quartiers look like."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from qpvlib.catalogue import THEMES, Indicator, by_theme, indicators
from qpvlib.categories import category
from qpvlib.deposits.deposit import formats
from qpvlib.indicators.composites import composites
from qpvlib.numerals import number
from qpvlib.observations import ALL, STATES, VALUE, Observation, Observations
from qpvlib.presentation.charts import distribution
from qpvlib.presentation.formats import data_tag, years
from qpvlib.presentation.markup import Html, fold, prose
from qpvlib.presentation.side_by_side import side_by_side
from qpvlib.presentation.tables import Table, files_list
from qpvlib.reading.gaps import gaps
from qpvlib.reading.portrait import Panorama
from qpvlib.sources.families import families
from qpvlib.sources.registry import sources
from qpvlib.territories import get
from qpvlib.typography import typeset

GEOGRAPHIES = {
    "qpv2024": "QPV, périmètres 2024",
    "qpv2015": "QPV, périmètres 2015",
    "iris": "IRIS de Marseille",
    "arrondissement": "arrondissements",
    "commune": "Marseille",
    "epci": "métropole",
    "departement": "département",
    "region": "région",
    "france": "France métropolitaine",
    "secteur": "secteurs",
    "ensemble": "ensembles de QPV",
}
SUMMED = ("commune", "arrondissement")
DIRECTIONS = {
    "favorable": "favorable : une valeur plus haute est un atout",
    "defavorable": "défavorable : une valeur plus haute est une difficulté",
    "neutre": "neutre : ni atout ni difficulté",
}
KINDS = {
    "exhaustif": "fichier exhaustif",
    "enquete": "enquête, avec une marge d'erreur",
    "decompte": "décompte de lieux ou d'événements",
    "modele": "modèle ou indice composite",
}
STATUSES = {
    "publie": "publié par le producteur",
    "calcule": "calculé par qpvlib à partir de fichiers publics",
    "source_locale": "source locale requise",
}
IN_CONVENTION = {
    "oui": "employé avec une valeur",
    "cité sans chiffre": "cité sans valeur",
    "composante": "composante d'un indice de la convention",
    "non": "non employé",
}

COUNTS = ("Publiés", "Secret", "Non disponibles", "Sans objet")


def inventory() -> Html:
    """Say how many indicators there are, and which of them the convention uses."""
    entries = indicators().values()
    uses = Counter(entry.dans_convention for entry in entries)
    ours = [entry for entry in entries if entry.dans_convention == "non"]
    places = sum(entry.nature == "decompte" for entry in ours)
    return prose(
        "Le catalogue compte {} indicateurs, rangés selon les quatre orientations de la "
        "convention, après un premier chapitre sur les habitants. La convention en emploie {} "
        "avec une valeur, en cite {} sans valeur et se sert de {} autres comme composantes. Les "
        "{} restants ne viennent pas d'elle : {} comptent des lieux (écoles, crèches, "
        "équipements, arrêts) dans le quartier et autour, {} sont des indices de ce livre, les "
        "autres des indicateurs courants.",
        len(entries),
        uses["oui"],
        uses["cité sans chiffre"],
        uses["composante"],
        len(ours),
        places,
        len(composites()),
    )


def plain(entry: Indicator) -> Html:
    """Return what the indicator says, without a technical word."""
    return prose('<p class="qpv-clair"><strong>En clair.</strong> {}</p>', entry.en_clair)


def definition(entry: Indicator) -> Html:
    """Return the definition and, folded, the parts of the formula, the unit, the source…"""
    effect = entry.effet_plan and f"{number(entry.effet_plan, 1)}. {entry.effet_plan_preuve}"
    parts = (
        ("Numérateur", entry.numerateur),
        ("Dénominateur", entry.denominateur),
        ("Champ", entry.univers),
        ("Unité", entry.unite),
        ("Sens", DIRECTIONS[entry.sens]),
        ("Nature", KINDS[entry.nature]),
        ("Effet de plan", effect),
        ("Somme", "s'additionne" if entry.additif else "ne s'additionne pas entre quartiers"),
        ("Thème", THEMES[entry.orientation]),
        ("Convention", IN_CONVENTION[entry.dans_convention]),
        ("Source", entry.source),
        ("Identifiant", Html("<code>{}</code>").format(entry.id)),
    )
    rows = Html("").join(
        Html("<div><dt>{}</dt><dd>{}</dd></div>\n").format(name, text)
        for name, text in parts
        if text
    )
    technical = Html('<dl class="qpv-fiche">{}</dl>').format(rows)
    return prose("<p>{}</p>", entry.definition) + fold("Fiche technique", technical)


def limits(entry: Indicator) -> Html:
    """Return what to beware of."""
    return prose('<p class="qpv-alerte">{}</p>', entry.limites)


def status(entry: Indicator, observations: Observations) -> Html:
    """Return whether the book has figures, and otherwise how to provide the file."""
    word = STATUSES[entry.statut].capitalize()
    frame = observations.frame
    mine = frame[(frame.indicateur == entry.id) & frame.geographie.isin(SUMMED)]
    summed = sorted({_summed(name) for name in mine.source} - {""})
    if (frame.indicateur == entry.id).any():
        told = [word, *(f"ville et arrondissements : {note}, calcul de qpvlib" for note in summed)]
        return prose("<p>{}.</p>", typeset(" ; ".join(told)))
    kind = "" if entry.statut == "source_locale" else f"{word}. "
    return prose(
        "<p>{}<strong>Source locale requise : cette édition n'a aucun chiffre de cet "
        "indicateur</strong>, le fichier source n'y est pas.</p><p>Pour l'ajouter : {}, puis "
        "lancez <code>qpv verifier</code> et <code>make livre</code>.</p>{}",
        kind,
        provision(entry),
        Html("").join(prose("<p>Où le trouver : {}</p>", where) for where in addresses(entry)),
    )


def availability(entry: Indicator, observations: Observations) -> Html:
    """Return which figures exist, if any: how many in each state, by perimeter and by year."""
    frame = observations.frame
    mine = frame[frame.indicateur == entry.id]
    whole, parts = mine[mine.modalite == ALL], mine[mine.modalite != ALL]
    return Html("\n").join(
        table.folded() for table in (_by_year(whole), _by_category(parts)) if table.rows
    )


def files(entry: Indicator, observations: Observations) -> Html:
    """Return the official files that give figures of the indicator."""
    frame = observations.frame
    return files_list(frame[frame.indicateur == entry.id].source)


def quartiers(panorama: Panorama | None, link: Callable[[str], str]) -> Html:
    """Return the quartiers side by side, their map and their spread, or say why there is none."""
    if panorama is None:
        return prose(
            "<p>Ni carte ni graphique : aucune année n'est publiée pour au moins la moitié des "
            "quartiers.</p>"
        )
    found = gaps(panorama)
    return distribution(found).html() + side_by_side(found, link)


def elsewhere(entry: Indicator, rows: Sequence[Observation]) -> Html:
    """Return the figures of the city, its arrondissements and France, or say there are none."""
    if not rows:
        return prose(
            "<p>Cette édition n'a aucun chiffre de la ville, de ses arrondissements, de la "
            "métropole ou de la France.</p>"
        )
    parts = any(row.category != ALL for row in rows)
    shown = years(row.year for row in rows)
    single = len({row.vintage for row in rows}) == 1
    table = Table(
        f"Dernier chiffre connu hors des quartiers, {shown}",
        # The figure comes second: on a phone, what follows may have to be scrolled to.
        (
            *(["Catégorie", "Chiffre", "Territoire"] if parts else ["Territoire", "Chiffre"]),
            *([] if single else ["Année"]),
        ),
        tuple(
            (
                category(row.category).label if parts else _place(row),
                data_tag(row, entry),
                *([_place(row)] if parts else []),
                *([] if single else [str(row.vintage)]),
            )
            for row in rows
        ),
    )
    return table.folded()


def _place(row: Observation) -> Html:
    note = _summed(row.source) if row.geography == "commune" else ""
    return prose("{} <small>({})</small>" if note else "{}", get(row.territory).short_name, note)


def _summed(source: str) -> str:
    """Say from which IRIS qpvlib summed the city's figures of a source; empty if it did not."""
    known = sources().get(source)
    family = families().get(known.famille) if known else None
    return family.sums.get("couverture", "somme d'IRIS") if family and family.sums else ""


def directory(observations: Observations, link: Callable[[str], str]) -> Html:
    """Return the indicators of every theme: what each says, and whether it has figures."""
    years_of = {
        name: years(rows.millesime)
        for name, rows in observations.frame[observations.frame.etat == VALUE].groupby("indicateur")
    }
    themes = (
        Table(
            THEMES[theme],
            ("Indicateur", "Mention", "Années publiées"),
            tuple(_listed(entry, years_of, link) for entry in by_theme(theme)),
        ).folded()
        for theme in THEMES
    )
    return Html('<div class="qpv-filtrable">{}</div>').format(Html("\n").join(themes))


def _by_year(whole: pd.DataFrame) -> Table:
    order = whole.geographie.map(list(GEOGRAPHIES).index)
    rows = (
        (list(GEOGRAPHIES.values())[rank], str(year), *_counts(found))
        for (rank, year), found in whole.groupby([order, "millesime"])
    )
    caption = "Nombre de territoires par périmètre et par année"
    return Table(caption, ("Périmètre", "Année", *COUNTS), tuple(rows))


def _by_category(parts: pd.DataFrame) -> Table:
    rows = (
        (
            category(name).label,
            GEOGRAPHIES[geography],
            years(found.millesime),
            *_counts(found),
        )
        for (name, geography), found in parts.groupby(["modalite", "geographie"])
    )
    caption = "Autres mesures et catégories, toutes années réunies"
    return Table(caption, ("Catégorie", "Périmètre", "Années", *COUNTS), tuple(rows))


def _listed(
    entry: Indicator, years_of: Mapping[str, str], link: Callable[[str], str]
) -> tuple[Html | str, ...]:
    return (
        Html('<a href="{}">{}</a> <small>{}</small>').format(
            link(entry.id), entry.libelle, entry.en_clair
        ),
        STATUSES[entry.statut].split(" par ")[0],
        years_of.get(entry.id, "pas encore de chiffre"),
    )


def _counts(rows: pd.DataFrame) -> tuple[str, ...]:
    return tuple(number(int((rows.etat == state).sum())) for state in STATES)


def addresses(entry: Indicator) -> list[str]:
    """Return where the files that give the indicator are found, and what to put beside them."""
    return [
        typeset(form.access)
        for form in formats().values()
        if form.access and entry.id in form.indicators
    ]


def official_files(entry: Indicator) -> list[str]:
    """Return what the official files that give the indicator are called."""
    known = [
        family.label
        for family in families().values()
        if any(f.indicator == entry.id for block in family.blocks for f in block.figures)
    ]
    return known + [form.label for form in formats().values() if entry.id in form.indicators]


def provision(entry: Indicator) -> Html:
    """Say how to provide an indicator: the official formats that hold it, if any is described."""
    if entry.id in composites():
        return prose("déposez les fichiers des composantes absentes, nommées plus bas")
    if known := official_files(entry):
        return prose(
            "déposez le fichier du producteur par <code>qpv importer FICHIER</code> (formats "
            "reconnus : {})",
            " ; ".join(known),
        )
    return prose(
        "décrivez d'abord les colonnes du fichier dans <code>data/familles.yml</code>, déposez-le "
        "par <code>qpv importer FICHIER</code>"
    )
