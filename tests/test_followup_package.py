"""The replication package rebuilds its own numbers, and reads in plain tools."""

import io
import json
import shutil
import subprocess
import sys
import zipfile

import pandas as pd
import pytest

from qpvlib import paths
from qpvlib.cohort import Panel, did
from qpvlib.followup import package, results, study


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
    assert done.stdout.count("\n") == len(study.opened().plan.outcomes) + 1
    # Broken again, in an interval and in a corrected p, it says so.
    table = pd.read_csv(tmp_path / "resultats.csv", index_col="indicator")
    for column in ("high", "adjusted"):
        spoilt = table.copy()
        spoilt.loc["gini", column] += 1e-4
        spoilt.to_csv(tmp_path / "resultats.csv")
        done = subprocess.run([sys.executable, "rejouer.py"], cwd=tmp_path, capture_output=True,
                              check=False)  # fmt: skip
        assert done.returncode == 1, column


def test_frictionless_accepts_the_package_and_finds_a_spoilt_line(files, tmp_path):
    frictionless = pytest.importorskip("frictionless")
    for name in ("panel.csv", "datapackage.json"):
        (tmp_path / name).write_bytes(files[name])
    package_file = frictionless.Package(str(tmp_path / "datapackage.json"))
    report = package_file.validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:5]
    lines = files["panel.csv"].decode().splitlines()
    (tmp_path / "panel.csv").write_text("\n".join([*lines, lines[-1]]))
    errors = package_file.validate().flatten(["type"])
    assert ["primary-key"] in errors


def test_r_reads_the_panel_as_it_is_and_finds_the_same_estimate(files, tmp_path):
    """ANCOVA in the groups and its CR2 error, by R and clubSandwich."""
    if shutil.which("Rscript") is None:
        pytest.skip("R n'est pas installé")
    (tmp_path / "panel.csv").write_bytes(files["panel.csv"])
    (tmp_path / "essai.R").write_text(
        """
p <- read.csv("panel.csv")
p <- p[p$indicator == "taux_pauvrete_60" & p$year %in% 2015:2020 & p$group != "", ]
p$after <- p$year >= p$group_start
m <- reshape(aggregate(outcome ~ unit + group + after + role, p, mean),
             idvar = c("unit", "group", "role"), timevar = "after", direction = "wide")
fit <- lm(outcome.TRUE ~ I(role == "cible") + outcome.FALSE + group, m)
cat(coef(fit)[2])
if (requireNamespace("clubSandwich", quietly = TRUE)) {
  test <- clubSandwich::coef_test(fit, vcov = "CR2", cluster = m$unit, coefs = 2)
  cat(" ", test$SE, test$df_Satt, test$p_Satt)
}
"""
    )
    done = subprocess.run(["Rscript", "essai.R"], cwd=tmp_path, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    opened = study.opened()
    found = results.main_estimate(opened, opened.plan.primary[0])
    expected = [found.value, found.error, found.df, found.p]
    numbers = [float(number) for number in done.stdout.split()]
    assert numbers == pytest.approx(expected[: len(numbers)], rel=1e-5)


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
