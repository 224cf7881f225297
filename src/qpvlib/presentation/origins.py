"""Where a printed figure comes from: its own file, and how sure its year is."""

from collections.abc import Iterable

from qpvlib.observations import Observation
from qpvlib.presentation.markup import Html, prose
from qpvlib.sources.registry import Source, sources


def origin(figure: Observation) -> str:
    """Return the producer and the dataset of one figure; a year that is inferred says so.

    ``Insee, Recensement par QPV (année déduite, non écrite dans le fichier)``; empty for a figure
    that no source gives.
    """
    source = sources().get(figure.source)
    return _told(source, {figure.vintage}) if source else figure.source


def origins(figures: Iterable[Observation]) -> Html:
    """Return the line that names the files of several figures, each once."""
    return prose("{}.", files((figure.source, figure.vintage) for figure in figures))


def files(figures: Iterable[tuple[str, int | None]]) -> Html:
    """Return the same line, without its full stop, from the source and the year of each figure."""
    names = named(figures)
    return prose("{} : {}", "Source" if len(names) == 1 else "Sources", " ; ".join(names))


def named(figures: Iterable[tuple[str, int | None]]) -> list[str]:
    """Return the files of figures, given the source and the year of each."""
    years: dict[str, set[int | None]] = {}
    for source, vintage in figures:
        years.setdefault(source, set()).add(vintage)
    registry = sources()
    told = (
        _told(registry[name], found) if name in registry else name
        for name, found in years.items()
        if name
    )
    return list(dict.fromkeys(told))


def producers(figures: Iterable[Observation]) -> Html:
    """Return the line that names the producers of several figures, and if a year is inferred."""
    told: dict[str, None] = {}
    inferred = False
    for figure in figures:
        source = sources().get(figure.source)
        if source:
            told[source.producteur] = None
            inferred |= _inferred(source, {figure.vintage})
        elif figure.source:
            told[figure.source] = None
    return prose(
        "{} : {}{}.",
        "Source" if len(told) == 1 else "Sources",
        " ; ".join(sorted(told)),
        prose(" (une année au moins est déduite, non écrite dans le fichier)") if inferred else "",
    )


def _inferred(source: Source, years: set[int | None]) -> bool:
    """Whether a source does not write one of these years, which was inferred."""
    return any(
        block["connu"] == "inféré" and years & _years(block) for block in source.blocs.values()
    )


def _told(source: Source, years: set[int | None]) -> str:
    doubt = " (année déduite, non écrite dans le fichier)" if _inferred(source, years) else ""
    return f"{source.producteur}, {source.jeu}{doubt}"


def _years(block: dict) -> set[int]:
    years = block["millesime"]
    return set(years) if isinstance(years, list) else {years}
