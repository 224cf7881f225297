"""The second family of controls on the page: likeness, attrition, gap and limits, all apart."""

import pandas as pd

from qpvlib.followup import Study
from qpvlib.followup import second_family as families
from qpvlib.numerals import number
from qpvlib.observations import SECRET, UNAVAILABLE, VALUE
from qpvlib.presentation.followup._common import (
    interval,
    label,
    listed,
    measured,
    probability,
    signed,
)
from qpvlib.presentation.markup import Html, prose
from qpvlib.presentation.tables import Table


def note(study: Study) -> Html:
    """Return how the IRIS were chosen, and how far they stay from the targets."""
    found = families.family(study)
    rules = study.plan.content["seconde_famille"]
    pairs = found.match.pairs
    targets, chosen, edge = families.levels(found, families.outcomes(study)[0], 2015)
    return prose(
        "<p>Sur {} IRIS dont la population est connue, {} ont au plus {} % de leurs habitants dans "
        "un quartier prioritaire de 2024, et {} sont publiés chaque année avant la date. Les {} "
        "choisis sont les plus proches des {} cibles.</p>"
        '<p class="qpv-alerte">Aucun ne leur ressemble vraiment. En 2015, le taux de pauvreté est '
        "en moyenne de {} % dans les cibles, de {} % dans les IRIS choisis, et de {} % dans le "
        "plus pauvre de ceux qui pouvaient l'être. À niveau antérieur égal, l'écart est donc une "
        "extrapolation.</p>",
        len(found.shares), int((found.shares <= rules["part_maximale"]).sum()),
        number(100 * rules["part_maximale"]), len(found.pool), pairs["control"].nunique(),
        pairs["target"].nunique(), *(number(level, 1) for level in (targets, chosen, edge)),
    )  # fmt: skip


def balance_table(study: Study) -> Table:
    """Return the differences between targets and IRIS on what they were matched on."""
    names = {one.indicator.id: one for one in families.outcomes(study)}
    rows = []
    for name, row in families.family(study).balance.iterrows():
        one, year = name.split()
        measure = " (log × 100)" if names[one].logarithm else ""
        rows.append(
            (
                f"{names[one].indicator.libelle_court}{measure}, {year}",
                number(row["treated"], 1),
                number(row["control"], 1),
                number(row["control_matched"], 1),
                signed(row["smd"], 1),
                signed(row["smd_matched"], 1),
                number(row["variance_ratio_matched"], 1),
                row["verdict"],
            )
        )
    return Table(
        "Cibles et IRIS hors quartiers prioritaires, avant la date (seuil acceptable : 0,25)",
        ("Variable", "Cibles", "Tous les IRIS", "IRIS choisis",
         "Différence standardisée, tous", "Différence standardisée, choisis",
         "Rapport des variances", "Lecture"),
        tuple(rows),
    )  # fmt: skip


def pairs_table(study: Study) -> Table:
    """Return the IRIS chosen for each target."""
    found = families.family(study)
    rows: list[tuple[str | Html, ...]] = [
        (
            label(target),
            ", ".join(pairs["control"]),
            f"{number(100 * found.shares[pairs['control']].max(), 1)}\u00a0%",
            _range(pairs["distance"]),
        )
        for target, pairs in found.match.pairs.groupby("target")
    ]
    rows += [(label(target), "aucun", "", "") for target in found.match.unmatched]
    return Table(
        "Les IRIS choisis pour chaque cible",
        ("Cible (quartier de 2015)", "IRIS", "Part au plus dans un quartier prioritaire",
         "Distance de Mahalanobis"),
        tuple(rows),
    )  # fmt: skip


def _range(values: pd.Series) -> Html:
    return prose("de {} à {}", number(values.min(), 1), number(values.max(), 1))


def attrition_table(study: Study) -> Table:
    """Return how many IRIS are published, secret or not available each year."""
    counts = families.attrition(study, families.family(study))
    rows = [
        (
            study.plan.outcome(name).indicator.libelle_court,
            str(year),
            group,
            *(str(row.get(state, 0)) for state in (VALUE, SECRET, UNAVAILABLE)),
        )
        for (name, year, group), row in counts.iterrows()
    ]
    return Table(
        "IRIS hors quartiers prioritaires : états par année (les années écartées ne servent à "
        "aucun écart)",
        ("Indicateur", "Année", "IRIS", "Publiés", "Secret", "Non disponible"),
        tuple(rows),
    )


def estimates_table(study: Study) -> Table:
    """Return the gap between targets and IRIS: its own table, never joined to the first."""
    rules = study.plan.content["seconde_famille"]
    rows = []
    for outcome in families.outcomes(study):
        name = outcome.indicator.libelle_court
        for limit in (rules["part_maximale"], *rules["parts_essayees"]):
            for adjust in (True, False):
                found = families.estimate(study, outcome, limit, adjust)
                rows.append(
                    (
                        name,
                        "ANCOVA" if adjust else "double différence",
                        f"{number(100 * limit)}\u00a0%",
                        str(found.units),
                        measured(found.value, outcome),
                        interval(found.low, found.high),
                        probability(found.p),
                        number(found.df, 1),
                    )
                )
    years = ", ".join(map(str, rules["annees"]))
    return Table(
        prose("Écart entre cibles et IRIS depuis {}, seconde famille seule ; années {}. {}",
              study.plan.start, years, study.nature),
        ("Indicateur", "Estimateur", "Part permise dans un quartier prioritaire", "Unités",
         "Écart", prose("Intervalle à 95 %"), "p CR2", "Degrés de liberté"),
        tuple(rows),
    )  # fmt: skip


def limits_list(study: Study) -> Html:
    """Return what this family cannot say."""
    rules = study.plan.content["seconde_famille"]
    discarded = ", ".join(map(str, rules["annees_ecartees"]))
    return listed(
        (
            "Les deux estimateurs peuvent diverger, et leurs signes s'opposer : l'un ajuste un "
            "niveau que les IRIS n'atteignent pas, l'autre suppose que des territoires si "
            "différents auraient évolué de même. Un p bas n'est ici une preuve de rien.",
            "Aucun tirage n'a départagé quartiers et IRIS : le p vient du modèle, sans test par "
            "tirage ni correction.",
            "Les IRIS suivent les limites de 2013 et la part dans un quartier est une estimation "
            "(carreaux de 2017, recensements de 2018 et 2020). Un IRIS hors des quartiers de 2024 "
            "a pu toucher un quartier de 2015 : cette table n'existe pas.",
            "Entre 2015 et 2018 (loyer de solidarité, aides au logement) puis en 2019 "
            "(localisation des ménages), la mesure change. Ces ruptures s'effacent si elles "
            "touchent également quartiers et IRIS, ce que rien n'assure.",
            f"Année écartée : {discarded} ({rules['pourquoi_ecartees']}). Un IRIS absent d'un "
            "fichier est compté non disponible ; aucun chiffre secret n'est approché.",
            "Aucune distance aux cibles n'est imposée aux IRIS.",
        )
    )
