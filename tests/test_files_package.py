"""The whole archive is sound for Frictionless, and holds every figure of the store."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from qpvlib.files import package
from qpvlib.reading import portrait


@pytest.fixture(scope="module")
def files():
    return package.contents()


def test_frictionless_finds_it_valid(files, tmp_path):
    pytest.importorskip("frictionless", reason="frictionless absent")
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"],
        cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["valid"], report
    assert {task["name"] for task in report["tasks"]} == {
        "observations", "territoires", "indicateurs", "sources", "passage",
    }  # fmt: skip


def test_every_figure_is_there_and_no_masked_one_has_a_number(files, tmp_path):
    path = tmp_path / "observations.csv"
    path.write_bytes(files["observations.csv"])
    table = pd.read_csv(path, low_memory=False)
    assert len(table) == len(portrait.store().frame)
    masked = table[table["etat"] != "valeur"]
    assert set(table["etat"]) == {"valeur", "secret", "non_disponible", "sans_objet"}
    numbers = ["valeur", "borne_basse", "borne_haute", "numerateur", "denominateur", "base"]
    assert masked[numbers].isna().all(axis=None)


def test_the_dictionary_tells_every_column(files):
    said = files["dictionnaire.md"].decode()
    for resource in json.loads(files["datapackage.json"])["resources"]:
        for field in resource["schema"]["fields"]:
            assert f"- `{field['name']}` (" in said


def test_twice_the_same_bytes(files):
    assert package.contents() == files
