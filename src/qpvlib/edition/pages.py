"""The generated pages of the book: what they are called, what makes them, where they go."""

import re
from dataclasses import dataclass
from pathlib import Path

from qpvlib import catalogue, territories
from qpvlib.errors import InvalidCodeError, InvalidParameterError
from qpvlib.territories import Territory

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Page:
    """One generated page.

    Attributes
    ----------
    code
        Territory, indicator, theme or subject it is about, and parameter of its notebook.
    title
        Its level-one heading, unique in the book.
    template, output
        Notebook that makes it and notebook of the book, relative to the project's root.
    """

    code: str
    title: str
    template: Path
    output: Path

    @property
    def parameters(self) -> dict[str, str]:
        """What the template is run with."""
        return {"code": self.code}

    @property
    def docname(self) -> str:
        """Its name in ``_toc.yml``: the output without its suffix."""
        return self.output.with_suffix("").as_posix()

    def __str__(self) -> str:
        return f"{self.title} ({self.code})"


def home() -> Page:
    """Return the page that opens the book."""
    return Page(
        territories.CITY,
        "Observatoire des quartiers prioritaires de Marseille",
        Path("notebooks/accueil.ipynb"),
        Path("index.ipynb"),
    )


def comparison() -> Page:
    """Return the page that sets quartiers side by side."""
    return _subject("comparer", "Comparer des quartiers", "comparer", ".")


def city() -> Page:
    """Return the page of the whole city."""
    return _page(territories.get(territories.CITY), "Marseille", "ville", "book")


def sectors() -> tuple[Page, ...]:
    """Return the pages of the four sectors, in the convention's order."""
    return tuple(
        _page(sector, f"Secteur {sector.name}", "portrait_secteur", "book/secteurs")
        for sector in territories.sectors()
    )


def portraits(sector: str | None = None) -> tuple[Page, ...]:
    """Return the portraits of the QPV of 2024, by name; of one sector only when asked."""
    members = territories.sector_members(sector) if sector else territories.qpv()
    return tuple(
        _page(member, member.name, "portrait_qpv", "book/portraits")
        for member in sorted(members, key=lambda member: member.slug)
    )


def follow_up() -> tuple[Page, ...]:
    """Return the pages of the scientific follow-up: the study, its outcomes, its targets.

    There are none before the draw.
    """
    # Imported here: the statistics they rest on take seconds to load.
    from qpvlib.followup import draw, plan

    cohort = draw.load()
    if cohort is None:
        return ()
    title, folder = "Suivi scientifique\u00a0: {}", "book/suivi"
    outcomes = [outcome.indicator for outcome in plan.load().outcomes]
    targets = map(territories.get, cohort.index[cohort["role"] == draw.TARGET])
    return (
        _named("suivi", "etude-a-blanc", title.format("étude à blanc"), "suivi", folder),
        *(
            _subject(one.id, title.format(one.libelle), "suivi_indicateur", folder)
            for one in outcomes
        ),
        *(
            _page(one, title.format(one.name), "suivi_territoire", folder)
            for one in sorted(targets, key=lambda target: target.slug)
        ),
    )


def evaluation() -> tuple[Page, ...]:
    """Return the pages of the evaluation of the convention, the frame first."""
    titles = {
        "cadre": "Évaluer la convention",
        "logique": "Ce que la convention mesure",
        "projets": "Projets de quartier",
        "engagements": "Engagements de la convention",
        "gouvernance": "Gouvernance de la convention",
        "habitants": "Le point de vue des habitants",
        "tfpb": "Abattement de taxe foncière",
        "annuaire": "Annuaire des lieux ouverts au public",
    }
    names = {f"evaluation_{name}": title for name, title in titles.items()}
    return tuple(_subject(name, title, name, "book/evaluation") for name, title in names.items())


def orientations() -> tuple[Page, ...]:
    """Return the pages of the convention's four orientations, in its order."""
    return tuple(
        _subject(theme, title, "orientation", "book/orientations")
        for theme, title in catalogue.THEMES.items()
        if theme != "presentation"
    )


def indicators() -> tuple[Page, ...]:
    """Return the cards of the indicators, in the catalogue's order."""
    return tuple(
        _subject(entry.id, entry.libelle, "indicateur", "book/indicateurs")
        for entry in catalogue.indicators().values()
    )


def references() -> tuple[Page, ...]:
    """Return the pages on the figures themselves: indicators, sources, control."""
    titles = {
        "indicateurs": "Indicateurs",
        "sources": "Sources",
        "controle_convention": "Contrôle de la convention",
        "poches_precarite": "Poches de précarité",
        "ce_qui_manque": "Ce qui manque",
        "ce_qui_change": "Ce qui change",
    }
    return tuple(_subject(name, title, name, "book") for name, title in titles.items())


def subjects() -> tuple[Page, ...]:
    """Return the pages that are not about a territory."""
    return (comparison(), *evaluation(), *orientations(), *references(), *indicators())


def pages() -> tuple[Page, ...]:
    """Return every generated page of the book."""
    return (home(), *_of_territories(), *follow_up(), *subjects())


def page(text: str) -> Page:
    """Return the page that a code or a territory's name designates.

    Raises
    ------
    InvalidCodeError, UnknownTerritoryError
        If the text designates neither an indicator, nor a subject, nor a territory.
    InvalidParameterError
        If this territory has no page.
    """
    for known in subjects():
        if known.code == text:
            return known
    territory = territories.resolve(text)
    for known in _of_territories():
        if known.code == territory.code:
            return known
    raise InvalidParameterError(
        f"{territory.name} ({territory.code}) n'a pas de page. Donnez un quartier prioritaire de "
        "2024, un secteur ou la ville (13055)."
    )


def _of_territories() -> tuple[Page, ...]:
    return (city(), *sectors(), *portraits())


def _page(territory: Territory, title: str, template: str, folder: str) -> Page:
    return _named(territory.code, territory.slug, title, template, folder)


def _subject(code: str, title: str, template: str, folder: str) -> Page:
    return _named(code, code.replace("_", "-"), title, template, folder)


def _named(code: str, slug: str, title: str, template: str, folder: str) -> Page:
    if not _SLUG.fullmatch(slug):
        raise InvalidCodeError(
            f"« {slug} » ne peut pas servir de nom de fichier "
            f"({code}) : minuscules, chiffres et tirets seulement."
        )
    return Page(
        code, title, Path("notebooks") / f"{template}.ipynb", Path(folder) / f"{slug}.ipynb"
    )
