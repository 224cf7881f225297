"""The first screen of a portrait: who the quartier is, where it is, and what can be done here."""

from collections.abc import Container

from qpvlib.catalogue import indicator
from qpvlib.numerals import number
from qpvlib.observations import Observations
from qpvlib.presentation.formats import data_tag, with_margin
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.portrait.locator import locator
from qpvlib.presentation.sentences import PASSAGES, arrondissements, listing
from qpvlib.reading.around import also_called
from qpvlib.reading.indicator import nearest, read
from qpvlib.reading.portrait import links
from qpvlib.territories import CITY, Qpv, area_ha, get, predecessors
from qpvlib.typography import typeset

ALIASES = 12
"""Other names shown at most; the search knows them all."""
LIMITS = {
    "identique": "inchangées depuis 2015",
    "a_verifier": "inchangées depuis 2015 d'après le code du quartier, à vérifier",
    "modifie": "modifiées depuis 2015",
    "nouveau": "nouvelles en 2024",
}
# Words of each button, and its address from the folder of the book.
BUTTONS = {
    "PDF": "../pdf/{}.pdf",
    "Tableau": "../donnees/{}.xlsx",
    "Comparer": "../comparer.html#a={}",
    "Facile à lire": "../falc/fr/{}.html",
}


def head(territory: Qpv, observations: Observations) -> Html:
    """Return the first screen: place, names, inhabitants, perimeter, buttons and map."""
    sector = get(territory.sector)
    pieces = [
        prose(
            '<p class="qpv-ou">{} · <a href="../secteurs/{}.html">secteur {}</a></p>',
            arrondissements(territory), sector.slug, sector.name,
        ),
        _names(territory),
        _people(territory, observations),
        buttons(territory.slug),
    ]  # fmt: skip
    return Html('<div class="qpv-tete"><div>{}</div>{}</div>').format(
        Html("").join(pieces), locator(territory.code, links("."))
    )


def buttons(slug: str, up: str = "../", kept: Container[str] = tuple(BUTTONS)) -> Html:
    """Return what can be done with this page: print it, open it, compare it, read it easily.

    Parameters
    ----------
    slug, up
        Name of the files of the territory, and the way from its page to the folder of the book.
    kept
        The buttons that this kind of page has.
    """
    items = Html("").join(
        Html('<li><a href="{}{}">{}</a></li>').format(up, address.format(slug), words)
        for words, address in BUTTONS.items()
        if words in kept
    )
    return Html('<ul class="qpv-boutons">{}</ul>').format(items)


def _names(territory: Qpv) -> Html:
    named = also_called(territory.code)
    if not named:
        return Html("")
    told = f"{listing(named)}." if len(named) <= ALIASES else f"{', '.join(named[:ALIASES])}…"
    return prose("<p>On dit aussi : {}</p>", told)


def _people(territory: Qpv, observations: Observations) -> Html:
    """Inhabitants and share of the city, surface, perimeter and what is known of its change."""
    entry = indicator("population_qpv")
    found = read(entry, territory.code, observations)
    figure = found.observation
    facts = [data_tag(figure, entry)]
    if figure.is_value and found.same_perimeter:
        facts = [prose("{} habitants en {}", with_margin(figure, entry), figure.year)]
        city = nearest(observations, entry, CITY, figure.year)
        if city.is_value and territory.communes == (CITY,):
            share = number(100 * figure.amount / city.amount, 1)
            facts.append(prose("soit {} % de Marseille", share))
    facts.append(prose("{} hectares", number(area_ha(territory.code))))
    changes = [
        prose("{} : {}", get(p.code_2015).name, PASSAGES[p.kind])
        for p in predecessors(territory.code)
        if not (p.same or p.doubtful or get(p.code_2015).name == territory.name)
    ]
    was = prose(" ({})", prose(" ; ").join(changes)) if changes else ""
    notes = [typeset(p.note) for p in predecessors(territory.code) if p.note and p.doubtful]
    sector = territory.sector_note
    return Html("").join(
        [
            prose("<p>{}.</p>", Html(", ").join(facts)),
            prose("<p>Limites {}{}.</p>", LIMITS[territory.perimeter], was),
            *(_note("Ce qui fait douter du périmètre", note) for note in notes),
            _note("Pourquoi ce secteur", sector) if sector else "",
        ]
    )


def _note(title: str, text: str) -> Html:
    return prose('<details class="qpv-repli"><summary>{}</summary><p>{}</p></details>', title, text)
