"""Spoilt and false official files, given one by one to the import: ``make fuzz``.

Every case starts from the same folder of data, put back after each. Its verdict says what the
import did; a score table counts them by kind. Same seed, same cases.
"""

import argparse
import itertools
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from mistakes import MISTAKES
from mutations import DAMAGE, FORMS, TRUE

from qpvlib.errors import QpvError
from qpvlib.intake import calculate
from qpvlib.intake.importer import import_path

REPOSITORY = Path(__file__).resolve().parents[2]
REFUSED, ASKED, SAME, CHANGED, WRONG, UNEXPECTED, PARTIAL = VERDICTS = (
    "refusé, en français",
    "confirmation demandée",
    "accepté, mêmes chiffres",
    "accepté, changé comme il se doit",
    "ACCEPTÉ À TORT",
    "ERREUR IMPRÉVUE",
    "DONNÉES TOUCHÉES APRÈS UN REFUS",
)
BAD = (WRONG, UNEXPECTED, PARTIAL)
FILES = (
    "insee/qpv2015_filosofi_par_source/data_filo18_qp_revdis.csv",
    "insee/qpv2015_par_thematique/REVN_2021.csv",
    "insee/qpv2015_par_thematique/DEMO_2022.csv",
    "insee/qpv2015_par_thematique/IPRO_2022.csv",
    "insee/qpv2024/analyse_qpv_marseille.csv",
    "insee/iris_caf_dep13/data_CAF_2020_IRIS.csv",
    "insee/iris_filosofi_dep13/BASE_TD_FILO_IRIS_2021_DISP.csv",
    "insee/communes_filosofi_dep13/FILO2019_DISP_COM.csv",
    "insee/iris_marseille_rp2018_filosofi2019.csv",
    "insee/panel_qpv_2012_2021/qpv_2021_metropole.csv",
)


@dataclass(frozen=True)
class Case:
    """A file to give: its kind, what it is, its name and bytes, and what it must lead to."""

    kind: str
    title: str
    name: str
    content: bytes
    expected: str
    year: int | None = None
    official: str = ""


def forms(data: Path, seed: int = 1, some: int = 0) -> Iterator[Case]:
    """Yield every mutation of every file, or some of them drawn at random."""
    pairs = [*itertools.product(FILES, FORMS)]
    for file, name in random.Random(seed).sample(pairs, some) if some else pairs:
        expected, mutate = FORMS[name]
        official = (data / file).read_bytes()
        spoilt = mutate(official, random.Random(f"{seed} {file} {name}"))
        if spoilt is not None and spoilt != official:
            own = Path(file).name
            yield Case("forme", f"{own} : {name}", own, spoilt, expected, None, own)


def mistakes(data: Path) -> Iterator[Case]:
    """Yield every false file."""
    for mistake in MISTAKES:
        name = mistake.given or Path(mistake.file).name
        content = mistake.content((data / mistake.file).read_bytes())
        own = Path(mistake.file).name
        yield Case("sens", mistake.name, name, content, DAMAGE, mistake.year, own)


class Ground:
    """A copy of ``data`` where files are imported, put back after each.

    Parameters
    ----------
    data, folder
        What is copied, and where.
    near
        Name of a file: only the sources of its family are kept, so that an import is quick.
    """

    def __init__(self, data: Path, folder: Path, near: str = ""):
        self.data = folder / "data"
        self.depot = folder / "depot"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(data, self.data, ignore=shutil.ignore_patterns("brut"))
        if near:
            self._keep(near)
        self.before = self._content()

    def _keep(self, near: str) -> None:
        path = self.data / "sources.yml"
        entries = yaml.safe_load(path.read_text("utf-8"))
        kinds = {
            entry["famille"]
            for entry in entries.values()
            if near in (entry["fichier"], *(copy["fichier"] for copy in entry.get("copies", ())))
        }
        kept = {name: entry for name, entry in entries.items() if entry["famille"] in kinds}
        path.write_text(yaml.safe_dump(kept, allow_unicode=True, sort_keys=False), "utf-8")
        for csv in self.data.glob("observations/*.csv"):
            if csv.stem not in kept:
                csv.unlink()
        calculate.calculate()

    def _content(self) -> dict[Path, bytes]:
        kept = [*self.data.glob("observations/*"), self.data / "sources.yml"]
        return {path: path.read_bytes() for path in kept if path.is_file()}

    def try_out(self, case: Case) -> tuple[str, str]:
        """Import a case and return its verdict, and what was said."""
        shutil.rmtree(self.depot, ignore_errors=True)
        self.depot.mkdir()
        path = self.depot / case.name
        path.write_bytes(case.content)
        failure: Exception | None = None
        try:
            import_path(path, case.year)
        except QpvError as refusal:
            failure = refusal
        except Exception as error:  # told by the command as an unexpected error
            return self._back(UNEXPECTED), repr(error)[:300]
        after = self._content()
        if failure is not None:
            asked = "--confirmer" in str(failure) or "--retirer" in str(failure)
            verdict = PARTIAL if after != self.before else ASKED if asked else REFUSED
            return self._back(verdict), str(failure)
        if all(after.get(p) == c for p, c in self.before.items() if p.suffix == ".csv") and len(
            after
        ) == len(self.before):
            return self._back(SAME), ""
        return self._back(CHANGED if case.expected == TRUE else WRONG), ""

    def _back(self, verdict: str) -> str:
        for path in self._content():
            if path not in self.before:
                path.unlink()
        for path, content in self.before.items():
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
        return verdict


def judged(
    cases: list[Case], data: Path, folder: Path, whole: bool = False
) -> Iterator[tuple[Case, str, str]]:
    """Yield each case with its verdict and what was said; those of one official file together."""
    for official, group in itertools.groupby(
        sorted(cases, key=lambda c: c.official), lambda c: c.official
    ):
        ground = Ground(data, folder, "" if whole else official)
        for case in group:
            yield case, *ground.try_out(case)


def table(found: Counter) -> list[str]:
    """Return the score table: verdicts by kind."""
    kinds = sorted({kind for kind, _ in found})
    lines = [f"{'':34}" + "".join(f"{kind:>10}" for kind in kinds)]
    lines += [
        f"{verdict:34}" + "".join(f"{found[kind, verdict]:>10}" for kind in kinds)
        for verdict in VERDICTS
    ]
    return lines


def main() -> int:
    """Run the whole campaign and print its score; 1 if anything was accepted wrongly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="say every case")
    parser.add_argument("--data", type=Path, default=REPOSITORY / "data")
    parser.add_argument("--whole", action="store_true", help="beside all the data, slowly")
    parser.add_argument("--only", default="", help="cases whose kind and title hold this")
    options = parser.parse_args()
    shared = Path(os.environ.get("QPV_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not shared.is_dir():
        print(f"Dossier {shared} absent : rien à essayer.")
        return 0
    cases = [
        case
        for case in itertools.chain(mistakes(shared), forms(shared, seed=options.seed))
        if options.only in f"{case.kind} {case.title}"
    ]
    found: Counter = Counter()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QPV_RACINE"] = folder
        for case, verdict, said in judged(cases, options.data, Path(folder), options.whole):
            found[case.kind, verdict] += 1
            if options.verbose or verdict in BAD:
                print(f"{case.kind} | {case.title} | {verdict} | {said[:400]}", flush=True)
    print("\n".join(table(found)))
    return int(any(found[key] for key in found if key[1] in BAD))


if __name__ == "__main__":
    sys.exit(main())
