"""The replication package rebuilds its own numbers, and reads in plain tools."""

import io
import json
import subprocess
import sys
import zipfile

import pandas as pd
import pytest

from qpvlib import paths
from qpvlib.cohort import Panel, did
from qpvlib.followup import package, study


@pytest.fixture(scope="module")
def files():
    return package.contents(study.opened())


def test_one_command_rebuilds_every_printed_number(files, tmp_path):
    with zipfile.ZipFile(io.BytesIO(paths.zipped(files))) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "rejouer.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == len(study.opened().plan.outcomes)
    # Broken again, it says so.
    table = (tmp_path / "resultats.csv").read_text().splitlines()
    cells = table[1].split(",")
    cells[2] = str(float(cells[2]) + 1)
    (tmp_path / "resultats.csv").write_text("\n".join([table[0], ",".join(cells)]))
    done = subprocess.run([sys.executable, "rejouer.py"], cwd=tmp_path, capture_output=True,
                          check=False)  # fmt: skip
    assert done.returncode == 1


def test_the_panel_has_its_schema_and_reads_as_it_is(files):
    table = pd.read_csv(io.BytesIO(files["panel.csv"]))
    fields = json.loads(files["datapackage.json"])["resources"][0]["schema"]
    assert [field["name"] for field in fields["fields"]] == list(table.columns)
    assert not table.duplicated(fields["primaryKey"]).any()
    assert table["value"].isna().equals(table["state"] != "valeur")
    poverty = table[(table["indicator"] == "taux_pauvrete_60") & table["group"].notna()]
    read = Panel.read(
        poverty[poverty["year"].between(2015, 2020)], unit="unit_id", period="year",
        outcome="outcome", first_treated="first_treated", weight="weight", state=None,
    )  # fmt: skip
    assert did(read).n == 29 * 6


def test_same_study_same_bytes_and_no_machine(files):
    assert paths.zipped(files) == paths.zipped(dict(reversed(files.items())))
    assert "\\hline" in files["tableau.tex"].decode() and "| ---" in files["tableau.md"].decode()
    for name, content in files.items():
        assert b"/work/" not in content, name
