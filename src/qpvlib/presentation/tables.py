"""Tables: under a figure, of a whole page, and as a file for a spreadsheet."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qpvlib import __version__, catalogue, schools
from qpvlib.catalogue import Indicator
from qpvlib.categories import category
from qpvlib.numerals import counted
from qpvlib.observations import ALL, Observation, Observations
from qpvlib.presentation.formats import (
    CITY_GAP,
    MEDIAN,
    MEDIAN_GAP,
    MEN_GAP,
    POOLED,
    PUBLISHED,
    RATE,
    RATE_MEDIAN,
    WHOLE_GAP,
    data_tag,
    interval,
    raw,
)
from qpvlib.presentation.markup import Html, fold, prose
from qpvlib.reading.findings import Finding
from qpvlib.reading.gaps import Gaps
from qpvlib.reading.indicator import Reading
from qpvlib.reading.key_figures import KeyFigure
from qpvlib.reading.portrait import Detail, Panorama
from qpvlib.reading.sexes import Pair
from qpvlib.reading.surroundings import Neighbour
from qpvlib.sources.registry import Source, sources
from qpvlib.territories import get

Registry = Mapping[str, Source]
Item = Reading | Panorama | Detail | Gaps | Neighbour | Observation | Pair | KeyFigure | Finding
CSV_COLUMNS = (
    "territoire",
    "nom",
    "geographie",
    "indicateur",
    "libelle",
    "modalite",
    "millesime",
    "statistique",
    "valeur",
    "borne_basse",
    "borne_haute",
    "intervalle",
    "fiabilite",
    "unite",
    "numerateur",
    "denominateur",
    "etat",
    "source",
    "producteur",
    "sha256",
    "qpvlib",
)
SHORT = 16
"""Signs of a fingerprint on each row; the page of sources has it whole."""


@dataclass(frozen=True)
class Table:
    """A data table; the first cell of a row is its heading.

    Attributes
    ----------
    caption
        What the table holds, and for what year.
    heads
        Titles of the columns.
    rows
        Cells, text or HTML.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def html(self) -> Html:
        """Return the table in a box that scrolls by itself on a narrow screen."""
        heads = _each('<th scope="col">{}</th>', self.heads)
        rows = Html("").join(
            Html('<tr><th scope="row">{}</th>{}</tr>\n').format(
                row[0], _each("<td>{}</td>", row[1:])
            )
            for row in self.rows
        )
        return Html(
            '<div class="qpv-table" role="group" tabindex="0" aria-label="{0}"><table>'
            "<caption>{0}</caption>\n<thead><tr>{1}</tr></thead>\n<tbody>{2}</tbody></table></div>"
        ).format(self.caption, heads, rows)

    def folded(self) -> Html:
        """Return the table behind a button that says what it holds: for the long ones."""
        size = counted(len(self.rows), "ligne(s)")
        return fold(Html("{} ({})").format(self.caption, size), self.html())

    def _repr_html_(self) -> str:
        return str(self.html())

    def show(self) -> None:
        """Show the table as the output of a notebook's cell."""
        self.html().show()


def wholes_table(details: Sequence[Detail]) -> Table:
    """Return figures of the city and of its quartiers taken together."""
    return Table(
        "La ville et ses quartiers prioritaires, ensemble",
        ("Indicateur", "Territoire", "Catégorie", "Chiffre", "Marge", "Année"),
        tuple(
            (
                d.indicator.libelle,
                get(d.observation.territory).name,
                category(d.observation.category).label or ALL,
                data_tag(d.observation, d.indicator),
                interval(d.observation, d.indicator),
                str(d.observation.vintage),
            )
            for d in details
        ),
    )


def sources_list(items: Iterable[Item], registry: Registry | None = None) -> Html:
    """Return the official files that the figures of a page come from.

    Parameters
    ----------
    items
        What the page shows.
    registry
        Source id -> source; that of ``data/sources.yml`` when none is given.
    """
    return files_list({o.source for item in items for _, o in figures(item)}, registry)


def producers(items: Iterable[Item], address: str, registry: Registry | None = None) -> Html:
    """Return one line per producer of the figures of a page, and a link to their files.

    Parameters
    ----------
    items
        What the page shows.
    address
        The page of the sources, which gives each file and its fingerprint.
    """
    registry = sources() if registry is None else registry
    used = {o.source for item in items for _, o in figures(item)} & set(registry)
    if not used:
        return prose("<p>Aucun fichier de cette édition.</p>")
    lines = Html("").join(
        prose("<li>{} : {}</li>", producer, counted(count, "fichier(s)"))
        for producer, count in sorted(Counter(registry[name].producteur for name in used).items())
    )
    return prose(
        '<ul class="qpv-sources">{}</ul><p><a href="{}">Chaque fichier, son année et son '
        "empreinte</a>.</p>",
        lines,
        address,
    )


def files_list(names: Iterable[str], registry: Registry | None = None) -> Html:
    """Return the official files of these ids, a line per producer.

    Their fingerprints are in the CSV files and on the page of sources.
    """
    registry = sources() if registry is None else registry
    used = [registry[name] for name in sorted(set(names) - {""})]
    if not used:
        return prose("<p>Aucun fichier de cette édition.</p>")
    producers: dict[str, list[str]] = {}
    for source in used:
        edition = f", {source.publication}" if source.publication else ""
        producers.setdefault(source.producteur, []).append(source.jeu + edition)
    lines = Html("").join(
        prose("<li>{} : {}</li>", name, " ; ".join(dict.fromkeys(datasets)))
        for name, datasets in producers.items()
    )
    return Html('<ul class="qpv-sources">{}</ul>').format(lines)


@dataclass(frozen=True)
class Download:
    """Every figure of a page, handed over as a CSV file: the edition writes it and links to it.

    Attributes
    ----------
    items, observations
        What the page shows, and the store it comes from.
    """

    items: Iterable[Item]
    observations: Observations

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/csv": page_csv(self.items, self.observations, sources()).decode()}


def page_csv(items: Iterable[Item], observations: Observations, registry: Registry) -> bytes:
    """Return every figure of a page as CSV for a French spreadsheet.

    UTF-8 with a byte-order mark, semicolons, decimal commas. ``statistique`` is ``valeur`` for a
    published figure; ``mediane`` (the median quartier of a group) and ``cumul`` (a group's figure
    recomputed from the parts its quartiers publish) are computed here, and so are
    ``pour_1000_habitants``, ``mediane_pour_1000_habitants`` (a count), ``ecart_ville``
    and ``ecart_mediane`` (a quartier minus the city, or minus the median quartier),
    ``ecart_ensemble`` and ``ecart_hommes`` (women minus everyone, or minus men).
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    seen = set()
    for item in items:
        for statistic, figure in figures(item, observations):
            key = (statistic, figure.territory, figure.indicator, figure.category, figure.vintage)
            if key not in seen:
                seen.add(key)
                writer.writerow(_line(statistic, figure, registry))
    return out.getvalue().encode("utf-8-sig")


def figures(
    item: Item, observations: Observations | None = None
) -> Iterator[tuple[str, Observation]]:
    """Yield every figure that a page prints of one reading or group, with its statistic.

    ``observations`` adds the line of the QPV of France of the charts over time.
    """
    if isinstance(item, Observation):
        yield PUBLISHED, item
        return
    if isinstance(item, KeyFigure):
        yield from ((PUBLISHED, o) for o in (item.observation, item.former, item.city) if o)
        if item.median:
            yield MEDIAN, item.median
        return
    if isinstance(item, Finding):
        if item.per_thousand:
            yield RATE, item.figure
            yield RATE_MEDIAN, item.comparison.group.median(item.comparison.reference)
        return
    if isinstance(item, Gaps):
        yield from figures(item.panorama)
        statistic = CITY_GAP if item.beside_city else MEDIAN_GAP
        yield from ((statistic, gap.figure) for gap in item.rows if gap.figure)
        return
    if isinstance(item, Detail):
        yield PUBLISHED, item.observation
        if item.whole.source:
            yield PUBLISHED, item.whole
        return
    if isinstance(item, Pair):
        yield from ((PUBLISHED, one) for one in (item.women, item.other))
        if item.gap:
            yield (MEN_GAP if item.beside_men else WHOLE_GAP), item.gap
        return
    if isinstance(item, Neighbour):
        yield PUBLISHED, item.observation
        if item.masked:
            yield PUBLISHED, item.masked
        return
    if isinstance(item, Panorama):
        yield from ((PUBLISHED, o) for o in (*item.spread.observations, *item.references))
        if item.median:
            yield MEDIAN, item.median
        if item.pooled:
            yield POOLED, item.pooled
        return
    reading = item
    yield PUBLISHED, reading.observation
    if reading.masked:
        yield PUBLISHED, reading.masked
    for found in reading.comparisons:
        if found.observation is not None:
            yield PUBLISHED, found.observation
        elif found.group.published:
            yield PUBLISHED, found.group.lowest
            yield PUBLISHED, found.group.highest
            if found.group.middle is not None:
                yield MEDIAN, found.group.median(found.reference)
    for observation in (*reading.trend.observations, *comparator(reading, observations)):
        yield PUBLISHED, observation


def comparator(reading: Reading, observations: Observations | None) -> list[Observation]:
    """Return the QPV of France in the years of a reading's trend; empty for a count."""
    if observations is None or reading.indicator.additif or not reading.trend.drawable:
        return []
    years = {o.vintage for o in reading.trend.observations}
    rows = observations.series(reading.indicator.id, "QPV2015-FRANCE")
    return [o for o in rows if o.is_value and o.vintage in years]


def reference(other: Observation | None, figure: Observation, entry: Indicator) -> Html:
    """Return the figure of a reference, with its year when it is not that of the quartier's."""
    if other is None:
        return Html("")
    year = "" if other.vintage in (figure.vintage, None) else f" ({other.vintage})"
    return data_tag(other, entry) + year


def _line(statistic: str, figure: Observation, registry: Registry) -> list[str]:
    source = registry.get(figure.source)
    if figure.geography == schools.GEOGRAPHY:
        entry, name = schools.measures()[figure.indicator], schools.names()[figure.territory]
    else:
        entry, name = catalogue.indicator(figure.indicator), get(figure.territory).name
    return [
        figure.territory,
        name,
        figure.geography,
        figure.indicator,
        entry.libelle,
        figure.category,
        str(figure.vintage or ""),
        statistic,
        *map(_decimal, (figure.value, figure.low, figure.high)),
        figure.interval,
        figure.grade,
        entry.unite,
        *map(_decimal, (figure.numerator, figure.denominator)),
        figure.state,
        figure.source,
        source.producteur if source else "",
        source.sha256[:SHORT] if source else "",
        __version__,
    ]


def _decimal(value: float | None) -> str:
    return "" if value is None else raw(value).replace(".", ",")


def _each(template: str, items: Iterable[str]) -> Html:
    return Html("").join(Html(template).format(item) for item in items)
