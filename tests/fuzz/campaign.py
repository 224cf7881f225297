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

from mistakes import MISTAKES
from mutations import DAMAGE, FORMS, TRUE

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


def forms(data: Path, files: tuple[str, ...] = FILES, seed: int = 1) -> Iterator[Case]:
    """Yield every mutation of every file."""
    for file, (name, (expected, mutate)) in itertools.product(files, FORMS.items()):
        official = (data / file).read_bytes()
        spoilt = mutate(official, random.Random(f"{seed} {file} {name}"))
        if spoilt is not None and spoilt != official:
            yield Case("forme", f"{Path(file).name} : {name}", Path(file).name, spoilt, expected)


def mistakes(data: Path) -> Iterator[Case]:
    """Yield every false file."""
    for mistake in MISTAKES:
        name = mistake.given or Path(mistake.file).name
        content = mistake.content((data / mistake.file).read_bytes())
        yield Case("sens", mistake.name, name, content, DAMAGE, mistake.year)


class Ground:
    """A copy of ``data`` where files are imported, put back after each."""

    def __init__(self, data: Path, folder: Path):
        self.data = folder / "data"
        self.depot = folder / "depot"
        shutil.copytree(data, self.data, ignore=shutil.ignore_patterns("brut"))
        self.before = self._content()

    def _content(self) -> dict[Path, bytes]:
        kept = [*self.data.glob("observations/*"), self.data / "sources.yml"]
        return {path: path.read_bytes() for path in kept if path.is_file()}

    def try_out(self, case: Case) -> tuple[str, str]:
        """Import a case and return its verdict, and what was said."""
        from qpvlib.errors import QpvError
        from qpvlib.intake.importer import import_path

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
    parser.add_argument("--only", default="", help="cases whose kind and title hold this")
    options = parser.parse_args()
    shared = Path(os.environ.get("QPV_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not shared.is_dir():
        print(f"Dossier {shared} absent : rien à essayer.")
        return 0
    found: Counter = Counter()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QPV_RACINE"] = folder
        ground = Ground(options.data, Path(folder))
        for case in itertools.chain(mistakes(shared), forms(shared, seed=options.seed)):
            if options.only not in f"{case.kind} {case.title}":
                continue
            verdict, said = ground.try_out(case)
            found[case.kind, verdict] += 1
            if options.verbose or verdict in (WRONG, UNEXPECTED, PARTIAL):
                print(f"{case.kind} | {case.title} | {verdict} | {said[:400]}", flush=True)
    print("\n".join(table(found)))
    return int(any(found[key] for key in found if key[1] in (WRONG, UNEXPECTED, PARTIAL)))


if __name__ == "__main__":
    sys.exit(main())
