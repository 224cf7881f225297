"""« Le projet de quartier » on the page of a quartier, a sector or the city: five lines."""

from qpvlib import territories
from qpvlib.evaluation import counts, registers
from qpvlib.presentation.evaluation.text import bullets
from qpvlib.presentation.markup import Html, prose


def lines(code: str, folder: str) -> Html:
    """Return what this book received about a quartier, a sector or the city, in five lines.

    ``folder`` is the address of the pages of the evaluation, from the page.
    """
    rows = registers.load()
    members = {one.code for one in territories.qpv()}
    if code != territories.CITY:
        sector = territories.get(code).geography == "secteur"
        members = {one.code for one in territories.sector_members(code)} if sector else {code}
    inside = members | {code}

    def here(name: str, column: str) -> list[dict]:
        return [row for row in rows[name] if inside & set(_codes(row[column]))]

    projects = {row["quartier"] for row in here("projets", "quartier")}
    asked, _ = counts.answers(here("demandes", "territoire"))
    met = len(here("seances", "territoire"))
    granted = len(here("subventions", "quartiers"))
    abated = len({(r["bailleur"], r["annee"]) for r in here("abattements", "quartier")})
    told = (
        ("projets", "Projets reçus", f"{len(projects)} sur {len(members)}") if len(members) > 1
        else ("projets", "Projet reçu", "oui" if projects else "non"),
        ("projets", "Objectifs déclarés", str(len(here("objectifs", "quartier")) or "aucun")),
        ("engagements", "Preuves d'engagements qui le citent",
         str(len(here("preuves", "territoires")) or "aucune")),
        ("gouvernance", "Séances reçues",
         f"{met or 'aucune'} ; demandes ayant une réponse : {asked if asked.total else 'aucune'}"),
        ("tfpb", "Subventions qui le citent",
         f"{granted or 'aucune'} ; abattements de TFPB : {abated or 'aucun'}"),
    )  # fmt: skip
    items = bullets('<a href="{}/evaluation-{}.html">{}</a> : {}.', ((folder, *t) for t in told))
    return items + prose(
        "<p><small>C'est ce que ce livre a reçu, et non ce qui existe.</small></p>"
    )


def _codes(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),) if value else ()
