"""Names of territories inside a French sentence: « à La Viste », « du Petit Séminaire »."""

import re

from qpvlib.territories import Territory, match_key

# Official names that lost the article which everyone says.
_UNSAID = {
    "Balustres": "les ",
    "Caillols": "les ",
    "Canet": "le ",
    "Cap": "le ",
    "Centre": "le ",
    "Château": "le ",
    "Grand": "le ",
    "Plan": "le ",
}
_OF = {"le ": "du ", "les ": "des ", "la ": "de la ", "l'": "de l'"}
_TO = {"": "à ", "le ": "au ", "les ": "aux ", "la ": "à la ", "l'": "à l'"}
_VOWEL = re.compile(r"[aeiouyœàâéèêëîïôùû]", re.IGNORECASE)


def the(territory: Territory) -> str:
    """Return the name as a subject: ``La Viste``, ``la Métropole…``, ``les QPV de France``."""
    return territory.name if _is_quartier(territory) else "".join(_parts(territory))


def of(territory: Territory) -> str:
    """Return ``de`` and the name: ``de La Viste``, ``du Petit Séminaire``, ``d'Air Bel``."""
    article, name = _parts(territory)
    if article:
        return _OF[article] + name
    return ("d'" if _VOWEL.match(name) else "de ") + name


def to(territory: Territory) -> str:
    """Return ``à`` and the name, as after « comparable »: ``aux QPV de France``."""
    article, name = _parts(territory)
    return _TO[article] + name


def at(territory: Territory) -> str:
    """Return where: ``à La Viste``, ``aux Escourtines``, ``dans la Métropole…``, ``en France``."""
    article, name = _parts(territory)
    if territory.geography == "france":
        return f"en {name}"
    if not article or _is_quartier(territory):
        return to(territory)
    return f"dans {article}{name}"


def perimeter_year(territory: Territory) -> str:
    """Return the year of the perimeter of a quartier: ``2015`` or ``2024``."""
    return territory.geography.removeprefix("qpv")


def _is_quartier(territory: Territory) -> bool:
    return territory.geography.startswith("qpv")


def _parts(territory: Territory) -> tuple[str, str]:
    """Split a name into the article that contracts, lower case, and the rest."""
    name = territory.name
    match territory.geography:
        case "qpv2015" | "qpv2024":
            first, _, rest = name.partition(" ")
            if first in ("Le", "Les"):
                return f"{first.lower()} ", rest
            return _UNSAID.get(first, ""), name
        case "secteur":
            return "le ", f"secteur {name}"
        case "arrondissement":
            return "le ", territory.short_name
        case "epci":
            return "la ", name
        case "region":
            return "la ", f"région {name}"
        case "departement":
            return "les ", name
        case "france":
            return "la ", name
        case "ensemble":
            return ("" if territory.code.startswith("HORS") else "les "), territory.short_name
        case _:
            return "", name


def sorting(territory: Territory) -> str:
    """Return the key that files a name in a list, without article, accent or capital."""
    return match_key(territory.name)
