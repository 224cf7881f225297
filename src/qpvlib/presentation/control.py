"""The pieces of the page « Contrôle de la convention », and of its extract in a portrait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qpvlib.control import rules
from qpvlib.control.audit import (
    ARITHMETIC,
    DATA,
    MIXED,
    WEIGHTED_MEAN,
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
from qpvlib.numerals import number
from qpvlib.observations import ALL
from qpvlib.presentation.formats import raw
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table
from qpvlib.sources.registry import sources
from qpvlib.territories import slugify
from qpvlib.typography import typeset

MEANINGS = {
    rules.MATCH: "le chiffre recalculé est dans la tolérance",
    rules.OTHER_YEAR: "les données publiques portent sur une autre année que le texte : elles ne "
    "peuvent ni le confirmer ni le contredire",
    rules.GAP: "le chiffre recalculé s'écarte de plus que la tolérance",
    rules.INCONSISTENT: "le texte se contredit, ou contredit ses propres définitions",
    rules.LOCAL: "un fichier existe, mais il n'est pas dans cette édition",
    rules.UNVERIFIABLE: "rien de public ne permet de vérifier ce chiffre",
}
UNITS = {
    "%": " %",
    "points": " points",
    "habitants": " habitants",
    "personnes": " personnes",
    "m2_par_hab": " m² par habitant",
    "pour_1000_hab": " pour 1 000 habitants",
    "pour_10000_hab": " pour 10 000 habitants",
    "habitants_par_equipement": " habitants par équipement",
    "fois": " fois",
    "fois_moins": " fois moins",
    "milliard_euros": " milliards d'euros",
    "million_euros": " millions d'euros",
    "millier_euros": " milliers d'euros",
    "euros": " €",
    "rang": "e rang",
    "mois": " mois",
    "ans": " ans",
    "jours": " jours",
    "postes": " postes",
    "logements": " logements",
    "hectares": " hectares",
}
WORDS = {
    "=": "",
    "~": "environ ",
    "plus de": "plus de ",
    "moins de": "moins de ",
    ">=": "au moins ",
    "<=": "au plus ",
}
HEADS = ("Ce que dit la convention", "Imprimé", "Recalculé", "Verdict", "Lecture")


@dataclass(frozen=True)
class Download:
    """The verdicts, handed over as a CSV file: the edition writes it and links to it."""

    verdicts: Sequence[Verdict]

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/csv": audit_table(self.verdicts).decode()}


def summary(verdicts: Sequence[Verdict]) -> Html:
    """Return the control in a few sentences, every count computed from the verdicts."""
    by_nature = natures(verdicts)
    rested = by_nature[DATA] + by_nature[WEIGHTED_MEAN]
    dated = [v for v in verdicts if v.word == rules.OTHER_YEAR]
    sentences = (
        prose(
            "La convention imprime {} chiffres. {} sont recalculés à partir de données publiques, "
            "dont {} par une approximation pondérée par la population ; {} de plus combinent une "
            "donnée publique et un chiffre du texte.",
            number(len(verdicts)),
            number(rested),
            number(by_nature[WEIGHTED_MEAN]),
            number(by_nature[MIXED]),
        ),
        prose(
            "{} autres chiffres sont confrontés au texte seul (sommes, différences, "
            "énumérations) : cela dit si la convention s'accorde avec elle-même, et non si elle a "
            "raison.",
            number(by_nature[ARITHMETIC]),
        ),
        prose(
            "Parmi les {} chiffres dont la donnée publique porte sur une autre année, {} restent "
            "dans la tolérance.",
            number(len(dated)),
            number(sum(bool(v.agrees) for v in dated)),
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
    return Table(
        "Nombre de chiffres de la convention par verdict",
        ("Verdict", "Chiffres", "Ce que cela veut dire"),
        tuple((badge(word), number(found[word]), typeset(MEANINGS[word])) for word in found),
    ).html()


def orientation_sections(verdicts: Sequence[Verdict]) -> Html:
    """Return every figure, one folded table per orientation."""
    sections = []
    for orientation, title in ORIENTATIONS.items():
        kept = [v for v in verdicts if v.figure.orientation == orientation]
        table = Table(
            f"{title}, chiffres imprimés et recalculés", HEADS, tuple(_row(v) for v in kept)
        )
        sections.append(_folded(title, f"{len(kept)} chiffres", table.html()))
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
    return Table(
        "Ce que la convention dit de ce quartier",
        (HEADS[0], "Périmètre", *HEADS[1:]),
        tuple(
            (_quote(line.verdict.figure), perimeter(line), *_row(line.verdict)[1:])
            for line in lines
        ),
    ).html()


def indicator_section(name: str, verdicts: Sequence[Verdict]) -> Html:
    """Return the figures of the convention about one indicator of the catalogue."""
    kept = [verdict for verdict in verdicts if verdict.figure.indicator == name]
    if not kept:
        return prose("<p>La convention n'imprime aucun chiffre de cet indicateur.</p>")
    caption = "Les chiffres de la convention, imprimés et recalculés"
    return Table(caption, HEADS, tuple(_row(verdict) for verdict in kept)).html()


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


def reading(verdict: Verdict) -> str:
    """Return in French how a verdict was reached."""
    return typeset(" ".join(sentence for sentence in _sentences(verdict) if sentence))


def _sentences(verdict: Verdict) -> Iterable[str]:
    figure, found = verdict.figure, verdict.recomputed
    if found is not None:
        years = " et ".join(map(str, sorted(found.years)))
        dated = f", {years}" if years else ""
        group = f" ({found.published} quartiers publiés sur {found.total})" * (found.total > 1)
        yield f"{verdict.nature.capitalize()}{dated}{group}."
        yield _gap(verdict)
        if found.rests_on_data and not figure.year:
            yield "Le texte ne donne pas d'année."
    if figure.year_origin == "deduite":
        yield f"Année du texte : {figure.year}, déduite du contexte."
    elif verdict.word == rules.OTHER_YEAR and figure.year:
        yield f"Année du texte : {figure.year}."
    if found is None and verdict.word == rules.INCONSISTENT:
        yield from (i.reading for i in verdict.inconsistencies if figure.id in i.undermined)
        yield f"Pour trancher : {verdict.reason[0].lower()}{verdict.reason[1:]}"
    else:
        yield verdict.reason
    yield figure.remark
    if verdict.inconsistencies:
        yield f"Voir {', '.join(item.id for item in verdict.inconsistencies)}."


def _gap(verdict: Verdict) -> str:
    figure, tolerance = verdict.figure, verdict.tolerance
    decimals = _decimals(figure, verdict.gap)
    if not verdict.agrees and abs(round(verdict.gap, decimals)) == tolerance:
        decimals += 1  # a gap just above the tolerance must not look equal to it
    gap = _size(round(verdict.gap, decimals) or 0.0, figure, decimals)
    inside = "dans" if verdict.agrees else "hors de"
    accepted = _size(tolerance, figure, _decimals(figure, tolerance))
    return f"Écart de {gap}, {inside} la tolérance de {accepted}."


def _size(value: float, figure: PrintedFigure, decimals: int) -> str:
    unit = "points" if figure.unit == "%" else figure.unit
    return number(value, decimals) + _unit(unit, value)


def _row(verdict: Verdict) -> tuple[str, ...]:
    figure, found = verdict.figure, verdict.recomputed
    recomputed = Html("")
    if found is not None:
        recomputed = Html(
            '<data class="qpv-recalcul" value="{}" data-figure="{}">{}</data>'
        ).format(
            raw(found.value),
            figure.id,
            _quantity(found.value, figure, _decimals(figure, found.value)),
        )
    return (
        _quote(figure),
        printed(figure),
        recomputed,
        badge(verdict.word),
        reading(verdict),
    )


def printed(figure: PrintedFigure) -> str:
    """Return the figure as printed, with its unit and its comparator in words."""
    return WORDS[figure.comparator] + _quantity(figure.value, figure, figure.decimals)


def _quantity(value: float, figure: PrintedFigure, decimals: int) -> str:
    return typeset(number(value, decimals) + _unit(figure.unit, value))


def _unit(unit: str, value: float) -> str:
    """Return the unit after a number; in French the plural begins at two."""
    text = UNITS.get(unit, "")
    first, *rest = text.split(" ", 2)[1:] or [""]
    if abs(value) < 2 and first.endswith("s") and first not in ("fois", "mois", "ans"):
        return " ".join(["", first[:-1], *rest])
    return text


def _quote(figure: PrintedFigure) -> Html:
    part = figure.detail or (figure.category if figure.category != ALL else "")
    what = ", ".join(item for item in (figure.label, part, figure.printed_name) if item)
    return prose(
        "{} : « {} » <small>(ligne {})</small>", typeset(what), typeset(figure.quote), figure.line
    )


def _inconsistency_row(item: Inconsistency) -> tuple[str, ...]:
    lines = item.lines.replace(" ", ", ")
    return (
        prose("{} <small>(lignes {})</small>", item.id, lines),
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
