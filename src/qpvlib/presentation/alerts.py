"""What to beware of when reading a page, each alert computed from its figures."""

from collections.abc import Sequence

from qpvlib.catalogue import indicator
from qpvlib.observations import Observations
from qpvlib.presentation.formats import data_tag
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.sentences import RECENT, listing, with_year
from qpvlib.reading.indicator import Reading, read
from qpvlib.reading.trends import blurred

# A quartier smaller than this has figures that move much from one year to the next.
SMALL_POPULATION = 2000
DIFFERENT = {
    "scission": "différent (il a été divisé depuis)",
    "a_verifier": "peut-être différent",
}


def alerts(readings: Sequence[Reading], observations: Observations) -> Html:
    """Return what to beware of when reading the page, each alert computed from its figures."""
    published = [r for r in readings if r.observation.is_value]
    lines = [*_small(published, observations), *_inherited(published), *_old(published)]
    surveys = [r for r in published if r.indicator.nature == "enquete"]
    if surveys:
        lines.append(
            prose(
                "Chiffres du recensement, une enquête : {} sur {}. La marge « ± » donne l'ordre de "
                "grandeur de l'incertitude.",
                len(surveys),
                len(published),
            )
        )
    estimated = [r for r in published if r.estimated]
    if estimated:
        lines.append(
            prose(
                "Estimations de qpvlib à partir des IRIS, petites zones du recensement : {} sur "
                "{}. L'Insee ne publie rien d'aussi récent pour ce quartier. La marge « ± » est "
                "large : elle comprend l'écart entre les IRIS et le quartier.",
                len(estimated),
                len(published),
            )
        )
    rounded = [with_year(r) for r in published if blurred(r.indicator, r.observation)]
    if rounded:
        lines.append(
            prose(
                "Arrondi par l'Insee : {}. Un écart d'un ou deux points n'a pas de sens.",
                listing(rounded),
            )
        )
    if not lines:
        return Html("")
    items = Html("").join(Html("<li>{}</li>").format(line) for line in lines)
    return Html('<ul class="qpv-alertes">{}</ul>').format(items)


def _small(published: list[Reading], observations: Observations):
    if not published:
        return
    people = read(indicator("population_qpv"), published[0].territory.code, observations)
    if people.observation.is_value and people.observation.amount < SMALL_POPULATION:
        yield prose(
            "Petit quartier ({} habitants en {}) : ses chiffres varient beaucoup d'une année à "
            "l'autre.",
            data_tag(people.observation, people.indicator),
            people.observation.year,
        )


def _inherited(published: list[Reading]):
    former = [r for r in published if not r.same_perimeter]
    if former:
        kind = former[0].passage.kind if former[0].passage else ""
        yield prose(
            "Chiffres du quartier de 2015 « {} », dont le périmètre est {} : {} sur {}.",
            former[0].perimeter.name,
            DIFFERENT.get(kind, "différent"),
            len(former),
            len(published),
        )


def _old(published: list[Reading]):
    # The lists of places are recent and say nothing of how old the other figures are.
    people = [r for r in published if r.indicator.nature != "decompte"]
    latest = max((r.observation.year for r in people), default=0)
    old = [r for r in people if latest - r.observation.year >= RECENT]
    if old:
        yield prose(
            "Chiffres anciens, d'avant {} : {} sur {}. Ils disent ce qu'était le quartier alors.",
            latest - RECENT + 1,
            len(old),
            len(published),
        )
