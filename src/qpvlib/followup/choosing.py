"""What ``qpv suivi choisir`` does: the controls of chosen targets, the price, sealed gaps."""

import datetime as dt
from pathlib import Path

from qpvlib import commit
from qpvlib.errors import EstimationError
from qpvlib.followup import choice, improvements, plan, seal, study
from qpvlib.followup.checks import digests
from qpvlib.followup.steps import Report
from qpvlib.numerals import number
from qpvlib.territories import get


@commit.working("qpv suivi choisir")
def choose(path: Path, variables: Path | None = None, record: bool = False) -> Report:
    """Write the controls of the targets that the City chose, and what the choice costs.

    Parameters
    ----------
    path, variables
        See :func:`qpvlib.followup.choice.choose`.
    record
        Add the choice to the seal; no gap is printed before.
    """
    found = study.opened()
    chosen = choice.choose(found, path, variables)
    pairs = chosen.match.pairs.rename(columns={"target": "cible", "control": "temoin"})
    told = [name for name in ("raison", "debut", "intensite") if name in chosen.targets]
    pairs = pairs.join(chosen.targets[told], on="cible")
    written = plan.folder() / "choix.csv"
    content = pairs.to_csv(index=False, lineterminator="\n").encode()
    chain = found.chain
    if not record:
        commit.write({written: content})
    else:
        files = digests({written.name: content})
        chain = seal.added(
            chain, seal.CHOICE, dt.date.today().isoformat(), {"fichiers": files, "cibles": len(
                chosen.targets)}
        )  # fmt: skip
        plan.write_chain(chain, {written.name: content})
    said = [
        "Cibles choisies, et non tirées : toute p-valeur reposera sur un modèle.",
        "Première menace, la régression vers la moyenne :",
    ]
    for name, (gap, returns) in choice.regression_to_mean(found, chosen).items():
        outcome = found.plan.outcome(name)
        said.append(
            f"  {outcome.indicator.libelle_court} : les cibles partent à {number(gap, 1)} "
            f"{outcome.unit} des autres ; sans rien faire, elles bougeraient de "
            f"{number(returns, 1)} {outcome.unit}."
        )
    said.append("Diversité (plus grand : mieux) et écart à la moyenne (plus petit : mieux) :")
    said += [
        f"  {name} : {number(diverse, 2)} et {number(centre, 2)}."
        for name, (diverse, centre) in choice.compared(found, chosen).items()
    ]
    said.append(
        f"{len(chosen.match.pairs)} témoins pour {len(chosen.targets)} cibles, dans {written} ; "
        f"{len(chosen.touching)} quartiers écartés, trop proches d'une cible."
    )
    for outcome in found.plan.primary:
        sizes = chosen.match.pairs["target"].nunique(), len(chosen.match.pairs)
        least = improvements.chosen(found, outcome, *sizes)
        seen = f"{number(least, 1)} {outcome.unit}" if least == least else "trop peu de séries"
        said.append(
            f"  {outcome.indicator.libelle_court} : plus petit écart détectable 8 fois sur 10 : "
            f"{seen} (plus petit effet d'intérêt : {number(outcome.smallest)} {outcome.unit})."
        )
    sealed = [act["fichiers"] for act in seal.of_kind(chain, seal.CHOICE)]
    said += _gaps_of(found, chosen, digests({written.name: content}) in sealed)
    if chosen.match.unmatched:
        names = ", ".join(get(str(code)).name for code in chosen.match.unmatched)
        said.append(f"Sans témoin selon les règles : {names}.")
    if chosen.absent:
        said.append(
            f"Manquent {' et '.join(chosen.absent)}, par quartier : sans eux l'appariement ne "
            "sépare pas l'intervention de la rénovation urbaine. Donnez-les avec --variables."
        )
    return Report(tuple(said))


def _gaps_of(found: study.Study, chosen: choice.Choice, sealed: bool) -> list[str]:
    """Say the gaps of chosen targets, or why there are none."""
    dates = chosen.units()["debut"]
    if dates.empty:
        return ["Aucune date d'intervention (colonne debut) : rien n'est estimé."]
    if found.plan.blank:
        return ["Le protocole est « à blanc » : aucune intervention datée n'est estimée."]
    if not sealed:
        return ["Ce choix n'est pas au sceau : --enregistrer l'y met, avant toute estimation."]
    count = dates.nunique()
    said = [f"{count} dates d'intervention ; chaque cible se compare à ses témoins, à sa date."]
    try:
        for outcome, what, one in choice.estimates(found, chosen):
            said.append(
                f"  {outcome.indicator.libelle_court}, {what} : {number(one.value, 1)} "
                f"{outcome.unit} [{number(one.low, 1)} ; {number(one.high, 1)}], p du modèle = "
                f"{number(one.p, 3)} ({one.units} quartiers)."
            )
    except EstimationError as error:
        said += [f"  {problem}" for problem in str(error).splitlines()]
    return said
