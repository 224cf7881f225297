"""The home page, under the search field: three numbers, a finding per orientation, the edition."""

from collections.abc import Mapping, Sequence

from qpvlib import __version__, clock, declared, gazetteer, paths
from qpvlib.catalogue import THEMES, indicator
from qpvlib.numerals import number
from qpvlib.observations import Observations
from qpvlib.presentation import orientation
from qpvlib.presentation.formats import MEDIAN, POOLED, data_tag, with_margin
from qpvlib.presentation.markup import Html, prose
from qpvlib.reading.compare import ABOVE, BELOW
from qpvlib.reading.gaps import Gaps
from qpvlib.reading.portrait import Panorama, panorama
from qpvlib.sources.registry import sources
from qpvlib.territories import get, qpv

PEOPLE, POVERTY = "population_qpv", "taux_pauvrete_60"


def three_numbers(observations: Observations) -> Html:
    """Return who lives in the quartiers, their poverty from the lowest to the highest, the city's.

    Each is left out when its figures are not published.
    """
    pieces = []
    people = panorama(indicator(PEOPLE), observations)
    if people and people.pooled:
        tag = data_tag(people.pooled, people.indicator, POOLED)
        words = prose(
            "habitants dans {} quartiers prioritaires, {}", len(qpv()), people.pooled.year
        )
        pieces.append((tag, words))
    poor = panorama(indicator(POVERTY), observations)
    if poor:
        low, high = poor.spread.lowest, poor.spread.highest
        tag = prose("de {} à {}", data_tag(low, poor.indicator), data_tag(high, poor.indicator))
        words = prose(
            "de pauvreté selon le quartier, {} ({} sur {} publiés)",
            low.year, len(poor.spread.published), len(poor.spread.observations),
        )  # fmt: skip
        pieces.append((tag, words))
        city = next(o for o in poor.references if o.territory == "13055")
        if city.is_value:
            tag = data_tag(city, poor.indicator)
            pieces.append((tag, prose("de pauvreté à Marseille, {}", city.year)))
    return Html('<ul class="qpv-trois">{}</ul>').format(
        Html("").join(Html("<li><strong>{}</strong> {}</li>").format(*p) for p in pieces)
    )


def findings(themes: Mapping[str, Sequence[Panorama]], folder: str) -> Html:
    """Return one finding per orientation of the convention, each leading to its page.

    Parameters
    ----------
    themes
        See :func:`qpvlib.reading.portrait.panoramas`.
    folder
        Folder of the orientations, relative to the page.
    """
    return Html('<ul class="qpv-constats">{}</ul>').format(
        Html("").join(
            prose(
                '<li><a href="{}/{}.html">{}</a>. {}</li>',
                folder, theme.replace("_", "-"), THEMES[theme],
                _finding(orientation.beside(theme, rows)[0]),
            )
            for theme, rows in themes.items()
            if theme in orientation.HEADLINES and rows
        )
    )  # fmt: skip


def _finding(found: Gaps) -> Html:
    entry, spread = found.panorama.indicator, found.panorama.spread
    label = prose("{} ({})", entry.libelle, spread.lowest.year)
    if found.beside_city and found.reference:
        return prose(
            "{} : au-dessus de Marseille, {}, dans {} quartiers et en dessous dans {}, sur {}.",
            label, with_margin(found.reference, entry), found.count(ABOVE),
            found.count(BELOW) or "aucun",
            len(spread.published),
        )  # fmt: skip
    text = prose(
        "{} : de {} ({}) à {} ({})",
        label,
        data_tag(spread.lowest, entry), get(spread.lowest.territory).name,
        data_tag(spread.highest, entry), get(spread.highest.territory).name,
    )  # fmt: skip
    if found.panorama.median:
        text += prose(" ; quartier médian {}", data_tag(found.panorama.median, entry, MEDIAN))
    return text + "."


def edition(observations: Observations, journal: str) -> Html:
    """Return when the edition dates from, what it holds, and where its changes are.

    Parameters
    ----------
    journal
        Address of the page that says what changed.
    """
    frame = observations.frame
    return prose(
        "<p>Édition du {}, qpvlib {} : {} chiffres de {} fichiers officiels, années {} à {}. "
        '<a href="{}">Ce qui a changé</a>.</p>',
        clock.told(clock.edition()),
        __version__,
        number(len(frame)),
        len(set(frame.source) & set(sources())),
        frame.millesime.min(),
        frame.millesime.max(),
        journal,
    )


def downloads() -> Html:
    """Return the links to the whole book as files, made beside it by ``qpv fichiers``."""
    return prose(
        '<p>Tout télécharger : <a href="donnees/observatoire.zip">les chiffres et leur '
        'dictionnaire (ZIP)</a>, <a href="donnees/quartiers.gpkg">les contours pour QGIS '
        '(GeoPackage)</a>, <a href="donnees/quartiers.geojson">pour le reste (GeoJSON)</a>.</p>'
    )


def origins() -> Html:
    """Return whose names and outlines the field and the maps use, each list with its licence."""
    known = sources()
    tables = sorted(path.stem for path in gazetteer.folder().glob("*.csv"))
    lists = dict.fromkeys(
        f"{known[name].producteur} ({known[name].licence})" for name in tables if name in known
    )
    return prose(
        '<p class="qpv-source">Noms et contours : Insee, ministère chargé de l\'éducation, ANCT, '
        "IGN ; {}.</p>",
        " ; ".join(lists),
    )


def contact() -> Html:
    """Return whom to write to and where the project is, from ``_config.yml``; empty when empty."""
    config = declared.read(paths.root() / "_config.yml")
    author = str(config.get("author") or "").strip()
    mail = str(((config.get("html") or {}).get("extra") or {}).get("contact") or "").strip()
    project = str((config.get("repository") or {}).get("url") or "").strip()
    lines = [
        *([prose("Auteur : {}.", author)] if author else []),
        *([prose('Écrire : <a href="mailto:{0}">{0}</a>.', mail)] if mail else []),
        *([prose('<a href="{}">Signaler une erreur</a>.', project)] if project else []),
    ]
    return Html("<p>{}</p>").format(Html(" ").join(lines)) if lines else Html("")
