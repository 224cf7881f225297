"""« Ce qui manque »: for each indicator without a figure, the official file and who has it."""

from collections.abc import Callable

from qpvlib.catalogue import Indicator, indicators
from qpvlib.indicators.composites import composites
from qpvlib.observations import VALUE, Observations
from qpvlib.presentation.indicator_card import addresses, official_files
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table

QUARTIERS = ("qpv2015", "qpv2024")


def nowhere(observations: Observations, link: Callable[[str], str]) -> Table:
    """Return the indicators that no file of this edition gives, at any level."""
    known = _known(observations)
    rows = [_row(entry, link) for name, entry in indicators().items() if name not in known]
    return Table(
        f"Indicateurs sans aucun chiffre : {len(rows)}",
        ("Indicateur", "Fichier officiel", "Producteur", "Où le demander"),
        tuple(rows),
    )


def not_by_quartier(observations: Observations, link: Callable[[str], str]) -> Table:
    """Return the indicators that have figures of larger territories only."""
    known = _known(observations)
    rows = [
        _row(entry, link)
        for name, entry in indicators().items()
        if name in known and not known[name] & set(QUARTIERS)
    ]
    return Table(
        f"Indicateurs connus pour la ville ou ses arrondissements, pas par quartier : {len(rows)}",
        ("Indicateur", "Fichier officiel", "Producteur", "Où le demander"),
        tuple(rows),
    )


def _known(observations: Observations) -> dict[str, set[str]]:
    published = observations.frame[observations.frame["etat"] == VALUE]
    return published.groupby("indicateur")["geographie"].agg(set).to_dict()


def _row(entry: Indicator, link: Callable[[str], str]) -> tuple[Html | str, ...]:
    files = official_files(entry)
    if entry.id in composites():
        files = ["celui de chacune de ses composantes"]
    return (
        Html('<a href="{}">{}</a>').format(link(entry.id), entry.libelle),
        " ; ".join(files) or prose("aucun format encore décrit"),
        entry.source,
        " ; ".join(dict.fromkeys(addresses(entry))) or prose("au producteur"),
    )
