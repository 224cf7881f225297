"""The pieces of the page « Contrôle de la convention », and of its extract in a portrait."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qpvlib.control import rules
from qpvlib.control.audit import (
    ARITHMETIC,
    COUNT,
    ESTIMATE,
    MIXED,
    Line,
    Verdict,
    audit_table,
    counts,
    lines_about,
    natures,
)
from qpvlib.control.convention import (
    GRAVITIES,
    ORIENTATIONS,
    Inconsistency,
    PrintedFigure,
    folder,
    inconsistencies,
    rows,
)
from qpvlib.control.recomputation import Recomputed
from qpvlib.numerals import agreed, counted, number
from qpvlib.observations import ALL
from qpvlib.presentation.formats import raw
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.sources.registry import sources
from qpvlib.territories import slugify
from qpvlib.typography import typeset

# What follows the number; see :func:`qpvlib.numerals.agreed` for the plurals.
UNITS = {
    "%": " %",
    "points": " point(s)",
    "habitants": " habitant(s)",
    "personnes": " personne(s)",
    "m2_par_hab": " m² par habitant",
    "pour_1000_hab": " pour 1 000 habitants",
    "pour_10000_hab": " pour 10 000 habitants",
    "habitants_par_equipement": " habitant(s) par équipement",
    "fois": " fois",
    "fois_moins": " fois moins",
    "milliard_euros": " milliard(s) d'euros",
    "million_euros": " million(s) d'euros",
    "millier_euros": " millier(s) d'euros",
    "euros": " €",
    "rang": "e rang",
    "mois": " mois",
    "ans": " an(s)",
    "jours": " jour(s)",
    "postes": " poste(s)",
    "logements": " logement(s)",
    "hectares": " hectare(s)",
}
# Of a gap, the unit may be another than that of the figure.
GAPS = UNITS | {"%": UNITS["points"], "rang": " rang(s)"}
WORDS = {
    "=": "",
    "~": "environ ",
    "plus de": "plus de ",
    "moins de": "moins de ",
    ">=": "au moins ",
    "<=": "au plus ",
}
# The page of the control, from those of the quartiers and indicators.
PAGE = "../controle-convention.html"
HEADS = ("Ce que dit la convention", "Imprimé", "Recalculé", "Verdict")


@dataclass(frozen=True)
class Download:
    """The verdicts, handed over as a CSV file: the edition writes it and links to it."""

    verdicts: Sequence[Verdict]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/csv": audit_table(self.verdicts).decode()}


def summary(verdicts: Sequence[Verdict]) -> Html:
    """Return the control in a few sentences, every count computed from the verdicts."""
    found = natures(verdicts)
    texts = found[ARITHMETIC] + found[COUNT]
    means = [
        (v.figure, v.recomputed) for v in verdicts if v.recomputed and v.recomputed.approximate
    ]
    sentences = (
        prose(
            "La convention imprime {} chiffres. {} sont confrontés à des données publiques, dont "
            "{} par une moyenne de quartiers, que l'Insee ne publie pas, {} par une estimation de "
            "ce livre et {} en combinant une donnée et un chiffre du texte.",
            number(len(verdicts)),
            number(sum(found.values()) - texts),
            number(len(means)),
            number(found[ESTIMATE]),
            number(found[MIXED]),
        ),
        prose(
            "{} autres ne sont confrontés qu'au texte (sommes, différences, décomptes de ce qu'une "
            "phrase énumère) : cela dit si la convention s'accorde avec elle-même, et non si elle "
            "a raison.",
            number(texts),
        ),
        prose(
            "Le texte ne dit pas comment il fait la moyenne de plusieurs quartiers. Sur ces {} "
            "moyennes, celle qui est pondérée par la population s'arrondit au chiffre imprimé pour "
            "{}, celle où chaque quartier compte autant pour {}.",
            number(len(means)),
            number(sum(_rounded(figure, found.value) for figure, found in means)),
            number(sum(_rounded(figure, found.others[-1]) for figure, found in means)),
        ),
        prose(
            "Le texte présente aussi {} incohérences, dont {} majeures.",
            number(len(inconsistencies())),
            number(sum(item.gravity == GRAVITIES[0] for item in inconsistencies())),
        ),
    )
    return Html("").join(Html("<p>{}</p>\n").format(sentence) for sentence in sentences)


def counts_table(verdicts: Sequence[Verdict]) -> Html:
    """Return the number of figures by verdict, and what each verdict means."""
    found = counts(verdicts)
    told = tuple(
        (Html("{} <small>{}</small>").format(badge(word), typeset(meaning)), number(found[word]))
        for word, meaning in rules.control().meanings.items()
    )
    caption = "Nombre de chiffres de la convention par verdict"
    return Table(caption, ("Verdict", "Chiffres"), told).html()


def orientation_sections(verdicts: Sequence[Verdict]) -> Html:
    """Return every figure, one folded table per orientation."""
    sections = []
    for orientation, title in ORIENTATIONS.items():
        kept = [v for v in verdicts if v.figure.orientation == orientation]
        table = Table(
            f"{title}, chiffres imprimés et recalculés", HEADS, tuple(_row(v) for v in kept)
        )
        sections.append(_folded(title, counted(len(kept), "chiffre(s)"), table.html()))
    return Html("").join(sections)


def inconsistency_section() -> Html:
    """Return the inconsistencies of the text, the gravest first."""
    ordered = sorted(inconsistencies(), key=lambda item: GRAVITIES.index(item.gravity))
    return Table(
        "Les incohérences du texte, de la plus grave à la moins grave",
        ("Lignes", "Constat", "Lecture", "Nature", "Gravité"),
        tuple(_inconsistency_row(item) for item in ordered),
    ).html()


def quartier_section(code: str, verdicts: Sequence[Verdict]) -> Html:
    """Return what the convention says of a quartier of 2024, line by line.

    Raises
    ------
    UnknownTerritoryError, InvalidCodeError
        If there is no such territory.
    """
    lines = lines_about(code, verdicts)
    if not lines:
        return prose("<p>La convention n'imprime aucun chiffre propre à ce quartier.</p>")
    table = Table(
        "Ce que la convention dit de ce quartier",
        (HEADS[0], "Périmètre", *HEADS[1:]),
        tuple(
            (_quote(line.verdict.figure), perimeter(line), *_row(line.verdict, PAGE)[1:])
            for line in lines
        ),
    )
    found = Counter(line.verdict.word for line in lines)
    return (
        prose(
            "<p>Chiffres de la convention qui parlent de ce quartier : {}. Recalculés d'après les "
            "fichiers publics : {}.</p>",
            number(len(lines)),
            ", ".join(f"{word} ({count})" for word, count in found.most_common()),
        )
        + table.folded()
    )


def indicator_section(name: str, verdicts: Sequence[Verdict]) -> Html:
    """Return the figures of the convention about one indicator of the catalogue."""
    kept = [verdict for verdict in verdicts if verdict.figure.indicator == name]
    if not kept:
        return prose("<p>La convention n'imprime aucun chiffre de cet indicateur.</p>")
    caption = "Les chiffres de la convention, imprimés et recalculés"
    return Table(caption, HEADS, tuple(_row(verdict, PAGE) for verdict in kept)).folded()


def sources_list(verdicts: Sequence[Verdict]) -> Html:
    """Return the official files that the recomputed figures rest on."""
    registry = {name: (s.producteur, s.jeu, s.publication) for name, s in sources().items()}
    own = {
        row["id"]: (row["producteur"], row["jeu"], None) for row in rows(folder() / "sources.csv")
    }
    used = sorted({name for v in verdicts if v.recomputed for name in v.recomputed.sources})
    items = (
        prose(
            "<li><code>{}</code> : {}, {}{}</li>\n",
            name,
            producer,
            dataset,
            f", {year}" if year else "",
        )
        for name in used
        for producer, dataset, year in ((own | registry)[name],)
    )
    return Html('<ul class="qpv-sources">{}</ul>').format(Html("").join(items))


AFTER = {
    "identique": "inchangé en 2024",
    "a_verifier": "inchangé en 2024 selon son code, à vérifier",
    "transfert": "dont une partie seulement est dans ce quartier",
}


def badge(word: str) -> Html:
    """Return a verdict in words, with the class that colours it."""
    return Html('<span class="qpv-verdict qpv-verdict--{}">{}</span>').format(slugify(word), word)


def perimeter(line: Line) -> str:
    """Return on which perimeter a line of the convention must be read."""
    if line.passage is None:
        return "sur le périmètre 2024"
    place = f"sur le périmètre 2015 ({line.perimeter.name})"
    return f"{place}, {AFTER.get(line.passage.kind, 'différent de celui de 2024')}"


def reading(verdict: Verdict, page: str = "") -> Html:
    """Return in French how a verdict was reached.

    ``page`` is the address of the page that lists the inconsistencies, empty from that page.
    """
    text = typeset(" ".join(sentence for sentence in _sentences(verdict) if sentence))
    if not verdict.inconsistencies:
        return Html.escape(text)
    links = (
        Html('<a href="{}#{}">{}</a>').format(page, item.id.lower(), item.id)
        for item in verdict.inconsistencies
    )
    return Html("{} Voir {}.").format(text, Html(", ").join(links))


def _sentences(verdict: Verdict) -> Iterable[str]:
    figure, found = verdict.figure, verdict.recomputed
    if found is not None:
        years = " et ".join(map(str, sorted(found.years)))
        dated = f", {years}" if years else ""
        published = counted(found.published, "quartier(s) publié(s)")
        group = f" ({published} sur {found.total})" * (found.total > 1)
        yield f"{verdict.nature.capitalize()}{dated}{group}."
        yield _gap(verdict, found)
        if found.approximate:
            yield f"Moyenne simple des quartiers : {_recomputed(figure, found.others[-1])}."
        if found.rests_on_data and not figure.year:
            yield "Le texte ne donne pas d'année."
    if figure.year_origin == "deduite":
        yield f"Année du texte : {figure.year}, déduite du contexte."
    elif found is not None and figure.year and not found.years <= {figure.vintage}:
        yield f"Année du texte : {figure.year}."
    if found is None and verdict.word == rules.INCONSISTENT:
        yield from (i.reading for i in verdict.inconsistencies if figure.id in i.undermined)
        yield f"Pour trancher : {verdict.reason[0].lower()}{verdict.reason[1:]}"
    else:
        yield verdict.reason
    yield figure.remark


def _gap(verdict: Verdict, found: Recomputed) -> str:
    figure, tolerance = verdict.figure, verdict.tolerance or 0.0
    low, high = (_recomputed(figure, end) for end in found.span)
    if low != high and not found.approximate:
        return f"Fourchette : de {low} à {high}."
    gap = abs(found.value - figure.value)
    decimals = _decimals(figure, gap)
    if not verdict.agrees and round(gap, decimals) == tolerance:
        decimals += 1  # a gap just above the tolerance must not look equal to it
    if not round(gap, decimals):
        return "Aucun écart."
    side = "plus" if found.value > figure.value else "moins"
    text = f"{_quantity(gap, figure, decimals, GAPS)} de {side} que le texte"
    onesided = verdict.agrees and figure.comparator not in ("=", "~")
    if found.others or onesided or verdict.word in (rules.OTHER_YEAR, rules.OTHER_DEFINITION):
        return f"{text}."
    places = len(f"{tolerance:.3f}".rstrip("0").partition(".")[2])
    return f"{text}, pour {_quantity(tolerance, figure, places, GAPS)} d'écart admis."


def _rounded(figure: PrintedFigure, value: float) -> bool:
    return abs(value - figure.value) <= figure.rounding / 2


def _recomputed(figure: PrintedFigure, value: float) -> str:
    return _quantity(value, figure, _decimals(figure, value))


def _row(verdict: Verdict, page: str = "") -> tuple[str, ...]:
    figure, found = verdict.figure, verdict.recomputed
    recomputed = Html("")
    if found is not None:
        recomputed = Html(
            '<data class="qpv-recalcul" value="{}" data-figure="{}">{}</data>'
        ).format(raw(found.value), figure.id, _recomputed(figure, found.value))
    judged = Html("{} {}").format(badge(verdict.word), reading(verdict, page))
    return _quote(figure), printed(figure), recomputed, judged


def printed(figure: PrintedFigure) -> str:
    """Return the figure as printed, with its unit and its comparator in words."""
    return WORDS[figure.comparator] + _quantity(figure.value, figure, figure.decimals)


def _quantity(
    value: float, figure: PrintedFigure, decimals: int, units: Mapping[str, str] = UNITS
) -> str:
    unit = agreed(round(value, decimals), units.get(figure.unit, ""))
    return typeset(number(value, decimals) + unit)


def _quote(figure: PrintedFigure) -> Html:
    part = figure.detail or (figure.category if figure.category != ALL else "")
    what = ", ".join(item for item in (figure.label, part, figure.printed_name) if item)
    return prose(
        "{} : « {} » <small>(ligne {})</small>", typeset(what), typeset(figure.quote), figure.line
    )


def _inconsistency_row(item: Inconsistency) -> tuple[str, ...]:
    lines = item.lines.replace(" ", ", ")
    several = len(re.findall(r"\d+", lines))
    return (
        Html('<span id="{}">{}</span> <small>({} {})</small>').format(
            item.id.lower(), item.id, agreed(several, "ligne(s)"), lines
        ),
        typeset(item.finding),
        typeset(item.reading),
        item.kind,
        item.gravity,
    )


def _folded(title: str, note: str, content: Html) -> Html:
    return prose("<details><summary>{} ({})</summary>{}</details>\n", title, note, content)


def _decimals(figure: PrintedFigure, value: float) -> int:
    """One decimal more than printed, unless the number is whole."""
    if abs(value - round(value, figure.decimals)) < 1e-9:
        return figure.decimals
    return figure.decimals + 1
