"""Finding a quartier: a field that answers as one types, from names held in the page itself.

The script is ``book/_static/trouver.js``. The names are in the page, not in a file beside it: a
book opened from a disk may not read other files. Without a script the field stays hidden, and
the list of the quartiers under it does the work.
"""

import json
from collections.abc import Callable

from qpvlib.presentation.basemap import ordinal
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.sentences import listing
from qpvlib.reading import finder
from qpvlib.territories import qpv, sectors

Link = Callable[[str], str]


def index(link: Link, sector: Link) -> str:
    """Return the names as compact JSON.

    ``cibles`` are names, addresses and places; ``noms`` are a label, the rank of its kind in
    ``natures``, then its targets: twice their rank, plus one for a place that is only close.
    """
    targets = [*qpv(), *sectors()]
    ranks = {target.code: rank for rank, target in enumerate(targets)}
    names = finder.names()
    kinds = list(dict.fromkeys(name.kind for name in names))
    content = {
        "cibles": [
            [one.name, link(one.code), listing(map(ordinal, one.arrondissements))] for one in qpv()
        ]
        + [[f"Secteur {one.name}", sector(one.code), ""] for one in sectors()],
        "natures": kinds,
        "noms": [
            [n.label, kinds.index(n.kind), *(2 * ranks[c] + (not i) for c, i in n.targets.items())]
            for n in names
        ],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")


def field(link: Link, sector: Link) -> Html:
    """Return the search field of the home page and its names; see :func:`index`."""
    return prose(
        '<form class="qpv-trouver" role="search" action="search.html" hidden>'
        '<label for="qpv-trouver">Votre quartier, votre cité, votre école, votre arrêt, votre '
        "code postal</label>"
        '<div><input id="qpv-trouver" name="q" type="search" role="combobox" autocomplete="off" '
        'spellcheck="false" aria-autocomplete="list" aria-expanded="false" '
        'aria-controls="qpv-trouver-liste" aria-describedby="qpv-trouver-aide"/>'
        '<button type="submit">Trouver</button></div>'
        '<p id="qpv-trouver-aide">Par exemple : Busserine, Félix Pyat, Noailles, 13014. Les '
        "accents ne comptent pas.</p>"
        '<ul id="qpv-trouver-liste" role="listbox" aria-label="Quartiers trouvés" hidden></ul>'
        '<p id="qpv-trouver-etat" role="status"></p></form>'
        '<script type="application/json" id="qpv-trouver-noms">{}</script>'
        '<script src="_static/trouver.js" defer></script>',
        Html(index(link, sector)),
    )
