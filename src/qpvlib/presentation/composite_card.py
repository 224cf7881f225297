"""What a composite index is made of, on its card and on that of the index it takes up."""

from collections.abc import Callable, Iterator

import pandas as pd

from qpvlib import catalogue
from qpvlib.catalogue import Indicator
from qpvlib.control.order import orders
from qpvlib.indicators.composites import Composite, composites
from qpvlib.indicators.digital import ranks, shares
from qpvlib.numerals import number
from qpvlib.observations import ALL, VALUE, Observations
from qpvlib.presentation.formats import years
from qpvlib.presentation.indicator_card import GEOGRAPHIES
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.territories import get

PERIMETERS = ("qpv2024", "qpv2015", "iris", "arrondissement", "commune", "france")
EFFECTS = {True: "l'augmente", False: "le diminue"}


def composition(entry: Indicator, store: Observations, link: Callable[[str], str]) -> Html:
    """Return what an index is made of, what of it is here, and how its order holds.

    Parameters
    ----------
    entry
        An index of ``data/indices.yml``, or the model of one; the answer is empty for any other.
    store
        The observations.
    link
        Id of an indicator -> address of its card.
    """
    for composite in composites().values():
        if entry.id == composite.name:
            pieces: tuple[Html, ...] = (
                _parts(composite, link),
                _present(composite, store),
                _robustness(composite, store),
            )
        elif entry.id == composite.model:
            pieces = (_taken_up(composite, link), _present(composite, store))
        else:
            continue
        return Html("\n").join((*pieces, _order(composite, store)))
    return Html("")


def _taken_up(composite: Composite, link: Callable[[str], str]) -> Html:
    return prose(
        "<p>La formule du Compas n'est pas publiée. Ce livre reprend sous un autre nom la "
        'composition que donne la convention : <a href="{}">{}</a>.</p>',
        link(composite.name),
        catalogue.indicator(composite.name).libelle,
    )


def _parts(composite: Composite, link: Callable[[str], str]) -> Html:
    rows = (
        (
            Html('<a href="{}">{}</a>').format(
                link(part.name), catalogue.indicator(part.name).libelle
            ),
            f"{number(100 * part.weight)}\u00a0%",
            EFFECTS[part.rises],
            part.file,
        )
        for part in composite.components
    )
    heads = ("Composante", "Poids", "Effet sur l'indice", "Fichier qui la donne")
    return Table("Composantes de l'indice", heads, tuple(rows)).html()


def _present(composite: Composite, store: Observations) -> Html:
    """Return, by perimeter, the components that have figures, those that lack, and the index."""
    table = Table(
        "Composantes présentes dans cette édition",
        ("Périmètre", "Présentes", "Absentes", "Indice"),
        tuple(_perimeters(composite, store)),
    )
    remedy = prose(
        "<p>L'indice se calcule de lui-même quand toutes les composantes d'un périmètre ont des "
        "chiffres à {} ans d'écart au plus : déposez le fichier qui manque par <code>qpv importer "
        "FICHIER</code>, puis lancez <code>make livre</code>. Aucune composante n'est remplacée "
        "par une autre. Une composante secrète rend l'indice secret.</p>",
        composite.reach,
    )
    return table.html() + remedy


def _perimeters(composite: Composite, store: Observations) -> Iterator[tuple[str, ...]]:
    frame = store.frame
    mine = frame[frame.indicateur.isin(composite.names) & (frame.modalite == ALL)]
    index = frame[(frame.indicateur == composite.name) & (frame.etat == VALUE)]
    for geography in PERIMETERS:
        rows = mine[mine.geographie == geography]
        told = {
            name: found for name, found in rows.groupby("indicateur") if (found.etat == VALUE).any()
        }
        here = [_held(name, told[name]) for name in composite.names if name in told]
        absent = [
            catalogue.indicator(name).libelle_court for name in composite.names if name not in told
        ]
        made = years(index[index.geographie == geography].millesime)
        apart = "non calculé" if absent else "non calculé : années trop éloignées"
        yield (
            GEOGRAPHIES[geography],
            " ; ".join(here) or "aucune",
            " ; ".join(absent) or "aucune",
            made or apart,
        )


def _held(name: str, rows: pd.DataFrame) -> str:
    values = rows[rows.etat == VALUE]
    year = values.millesime.max()
    latest = rows[rows.millesime == year]
    published = int((latest.etat == VALUE).sum())
    return f"{catalogue.indicator(name).libelle_court} ({year} : {published} sur {len(latest)})"


def _order(composite: Composite, store: Observations) -> Html:
    rows = (
        (
            f"{order.higher.printed_name} ({number(order.higher.value)}), puis "
            f"{order.lower.printed_name} ({number(order.lower.value)})",
            order.verdict,
        )
        for order in orders(composite, store)
    )
    table = Table(
        "L'ordre que la convention imprime, et celui de notre indice",
        ("La convention, du plus haut au plus bas", "Notre indice"),
        tuple(rows),
    )
    return table.html() + prose(
        "<p>Seul l'ordre est comparé, jamais la valeur. L'ensemble des quartiers est représenté "
        "par le quartier médian.</p>"
    )


def _robustness(composite: Composite, store: Observations) -> Html:
    """Return the ranks of the quartiers under other weights; empty without an index."""
    rows = shares(store.frame, composite)
    rows = rows[rows.geographie.isin(["qpv2024", "qpv2015"])]
    if rows.empty:
        return Html("")
    geography = rows.geographie.max()
    rows = rows[rows.geographie == geography]
    rows = rows[rows.annee == rows.annee.max()]
    complete = rows.pivot(index="territoire", columns="indicateur", values="valeur").dropna()
    if complete.empty:
        return Html("")
    found = ranks(complete, composite).sort_index(key=lambda codes: [get(c).name for c in codes])
    table = Table(
        f"Rangs possibles avec d'autres poids, {GEOGRAPHIES[geography]}, {rows.annee.max()}",
        ("Quartier", "Rang le plus haut", "Rang le plus bas"),
        tuple(
            (get(row.Index).name, number(row.premier), number(row.dernier))
            for row in found.itertuples()
        ),
    )
    return table.folded() + prose(
        "<p>Le rang 1 est l'indice le plus haut. Chaque composante est retirée puis comptée "
        "double, tour à tour ; enfin toutes sont rapportées à leur dispersion entre quartiers. "
        "La marge d'erreur de l'indice s'y ajoute : ce n'est pas un classement.</p>"
    )
