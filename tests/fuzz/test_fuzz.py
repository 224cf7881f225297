"""Sixty files, spoilt or false, are given to the import: none changes a figure unnoticed.

The whole campaign is ``make fuzz``.
"""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from campaign import BAD, REPOSITORY, Case, forms, judged, mistakes, table
from mutations import FORMS

import fictif
from qpvlib.intake.importer import import_path

CASES = 60


def sound(cases, folder, data):
    found, wrong = Counter(), []
    for case, verdict, said in judged(cases, data, folder):
        found[case.kind, verdict] += 1
        wrong += [f"{case.title} : {verdict} {said}"] if verdict in BAD else []
    assert wrong == [], "\n".join([*wrong, *table(found)])
    return found


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("QPV_RACINE", str(tmp_path / "projet"))
    fictif.forget()
    yield tmp_path / "projet"
    monkeypatch.undo()
    fictif.forget()


def test_real_files_spoilt_or_false(shared, project):
    """Every false file, and some of the spoilt ones: the same in every run."""
    false = list(mistakes(shared / "data"))
    spoilt = list(forms(shared / "data", seed=9, some=CASES - len(false)))
    found = sound([*false, *spoilt], project, REPOSITORY / "data")
    assert sum(found.values()) > CASES - 5  # a few mutations do not apply to a few files


def test_fictitious_files_spoilt(project, tmp_path, monkeypatch):
    """The same mutations where the official files are not at hand."""
    data = fictif.build(tmp_path / "modele", monkeypatch)
    monkeypatch.setenv("QPV_RACINE", str(project))
    content = fictif.FILOSOFI.encode()
    (tmp_path / "filosofi.csv").write_bytes(content)
    os.environ["QPV_RACINE"] = str(data.parent)
    import_path(tmp_path / "filosofi.csv")
    monkeypatch.setenv("QPV_RACINE", str(project))
    cases = []
    for name, (expected, mutate) in FORMS.items():
        spoilt = mutate(content, random.Random(name))
        if spoilt not in (None, content):
            cases.append(Case("forme", name, "filosofi.csv", spoilt, expected))
    found = sound(cases, project, data)
    assert sum(found.values()) > CASES / 2


def test_every_mutation_applies_to_some_file_and_changes_it():
    content = fictif.FILOSOFI.encode()
    applied = {name for name, (_, mutate) in FORMS.items() if mutate(content, random.Random(1))}
    assert len(applied) > len(FORMS) - 6
    assert Path(__file__).with_name("campaign.py").is_file()
