"""Words that several pages share: passages, labels inside a sentence, lists."""

from collections.abc import Iterable

from qpvlib.presentation.basemap import ordinal
from qpvlib.reading.indicator import Reading
from qpvlib.territories import CITY, Qpv

PASSAGES = {
    "identique": "même périmètre",
    "a_verifier": "même périmètre selon le code, à vérifier",
    "modifie": "périmètre modifié",
    "scission": "divisé en plusieurs quartiers en 2024",
    "transfert": "une partie seulement",
}


def label(reading: Reading) -> str:
    """Return the indicator's label as it reads inside a sentence."""
    text = reading.indicator.libelle
    return text[0].lower() + text[1:] if text[1:2].islower() else text


def arrondissements(territory: Qpv) -> str:
    """Return where a quartier is: ``15e arrondissement``, ``1er et 2e arrondissements``."""
    names = [ordinal(code) for code in sorted(territory.arrondissements)]
    others = [code for code in territory.communes if code != CITY]
    plural = "s" if len(names) > 1 else ""
    return f"{listing(names)} arrondissement{plural}" + (
        ", et une commune voisine" if others else ""
    )


def listing(items: Iterable[str]) -> str:
    """Return ``a, b et c``."""
    *first, last = items
    return f"{', '.join(first)} et {last}" if first else last
