"""The rules of the control are complete, and say nothing twice."""

import re

import pandas as pd
import pytest

from qpvlib import catalogue, territories
from qpvlib.control import convention, rules
from qpvlib.control.convention import figures, territory
from qpvlib.errors import CheckError

TEXT_ONLY = {"figure", "nombre", "comptage", "enumeration"}


def leaves(formula):
    (name, arguments), *_ = formula.items()
    if name in ("pour_cent", "rapport", "difference", "total"):
        return [leaf for part in arguments for leaf in leaves(part)]
    return [(name, arguments)]


def all_leaves():
    return [
        leaf
        for found in rules.control().rules.values()
        for r in found
        for leaf in leaves(r.formula)
    ]


def test_every_figure_has_a_rule_or_a_reason():
    control = rules.control()
    known = {figure.id for figure in figures()}
    assert known == set(control.rules) | set(control.absences)


def test_the_texts_arithmetic_never_comes_before_official_data():
    for found in rules.control().rules.values():
        textual = [all(name in TEXT_ONLY for name, _ in leaves(rule.formula)) for rule in found]
        assert textual == sorted(textual)


def test_names_in_the_rules_exist():
    printed = {figure.id for figure in figures()}
    for name, arguments in all_leaves():
        if name == "figure":
            assert arguments in printed
        elif isinstance(arguments, dict) and "territoire" in arguments:
            assert territory(arguments["territoire"])
        elif isinstance(arguments, dict) and "geographie" in arguments:
            assert territories.qpv(arguments["geographie"])


def test_enumerations_are_quoted_from_the_line(shared):
    text = (shared / "mission" / "convention_marseille.txt").read_text("utf-8")
    lines = text.replace("’", "'").replace("*", "").split("\n")
    for figure in figures():
        for rule in rules.control().rules.get(figure.id, ()):
            for name, arguments in leaves(rule.formula):
                if name == "enumeration":
                    # A sentence may run over a page break.
                    around = " ".join(lines[figure.line - 1 : figure.line + 2])
                    assert [item for item in arguments if item not in around] == [], figure.id


def test_rules_and_reasons_end_like_sentences():
    control = rules.control()
    notes = [rule.note for found in control.rules.values() for rule in found if rule.note]
    notes += control.definitions.values()
    reasons = [absence.reason for absence in control.absences.values()]
    assert all(sentence.endswith(".") for sentence in notes + reasons)


def test_broken_rules_are_said_at_once(tmp_path, monkeypatch):
    (tmp_path / "controle.yml").write_text(
        "verdicts: {conforme: oui}\ntolerances: {exacte: 0}\npres_de: 0.05\ncouverture: 0.9\n"
        "voisinage: 1\nperiode: [2016, 2024]\ndefinitions: {}\n"
        "regles:\n- {figures: CF001, tolerance: large, calcul: {nombre: 1}}\n"
        "absences:\n- {figures: CF002-CF003, verdict: conforme, motif: Parce que.}\n"
        "- {figures: CF003, verdict: non vérifiable, motif: Parce que.}\n",
        "utf-8",
    )
    monkeypatch.setattr(convention, "folder", lambda: tmp_path)
    monkeypatch.setattr(rules, "folder", lambda: tmp_path)
    with pytest.raises(CheckError) as error:
        rules.control()
    assert len(error.value.problems) == 4


def test_the_evidence_that_a_definition_quotes_is_in_the_files_and_in_the_text(shared):
    """CF147: the 44 % of the same sentence is that of the landlords' register, not the census."""
    path = shared / "data" / "insee" / "qpv2024" / "analyse_qpv_marseille.csv"
    table = pd.read_csv(path, sep=None, engine="python", dtype=str)
    columns = table[["nombre_logements_sociaux", "nombre_menages"]]
    known = columns.apply(lambda cells: cells.str.replace(",", ".").astype(float)).dropna()
    dwellings, households = known.sum().round()
    definition = rules.control().definitions["part_logements_sociaux"]
    quoted = {"43 631": dwellings, "100 664": households, "39 QPV": len(known)}
    assert {text: float(text.removesuffix(" QPV").replace(" ", "")) for text in quoted} == quoted
    assert all(text in definition for text in quoted)
    assert f"{100 * dwellings / households:.1f} %".replace(".", ",") in definition
    line = (shared / "mission" / "convention_marseille.txt").read_text("utf-8").split("\n")[431]
    assert "le taux SRU en 2023 est de 21.8%" in line
    assert "21,8 % à la ligne 432" in definition


def test_what_the_catalogue_says_the_text_does_not_define_is_never_judged():
    """A limit such as « La convention ne donne pas sa liste » and the verdict are one thing."""
    unsaid = re.compile(
        r"(onvention|Compas|Agam)[^.]*(ne d(it|onne) pas|non publiée|pas été trouvée|à établir)"
    )
    known, control = catalogue.indicators(), rules.control()
    ruled = {figure.indicator for figure in figures() if figure.id in control.rules}
    undefined = {name for name in ruled & set(known) if unsaid.search(known[name].limites)}
    assert len(undefined) >= 9
    assert undefined <= set(control.definitions) <= {figure.indicator for figure in figures()}
