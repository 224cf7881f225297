"""What is known against this code and what it stands on: ``make securite``.

Vulnerabilities of the locked packages (pip-audit, where a database can be reached), patterns of
the code (bandit), licences of the installed packages against MIT. Exits with 1 on any of them.
"""

import json
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PERMISSIVE = (
    r"MIT|BSD|Redistribution and use in source and binary|Apache|ISC|PSF|Python Software|HPND|"
    r"Unlicense|Zlib|Public Domain|MPL|Mozilla|Artistic"
)
# MPL binds its own files only; Artistic is the choice left by text-unidecode, of the tests.
# The SQL that DuckDB runs is made of constants, and of paths that microdata.literals() quotes:
# read one by one.
READ = "B608"


def licences() -> list[str]:
    """Return the installed packages whose licence is not known to go with MIT."""
    found = []
    for package in distributions():
        said = package.metadata
        classifiers = [c for c in said.get_all("Classifier") or () if c.startswith("License")]
        text = " ".join(
            [said.get("License-Expression") or "", *classifiers, (said.get("License") or "")[:80]]
        )
        if not text.strip():
            text = "".join(
                file.read_text()[:400] for file in package.files or () if "LICEN" in file.name
            )
        if not re.search(PERMISSIVE, text):
            found.append(f"{said['Name']} : licence « {text.strip() or 'non dite'} »")
    return found


def patterns(tools: Path) -> list[str]:
    """Return what bandit finds of medium or high severity."""
    words = ["-q", "-r", "src", "--severity-level", "medium", "-s", READ, "-f", "json"]
    done = subprocess.run(
        [tools / "bandit", *words], cwd=REPOSITORY, capture_output=True, text=True
    )
    return [
        f"{one['filename']}, ligne {one['line_number']} : {one['issue_text']}"
        for one in json.loads(done.stdout)["results"]
    ]


def vulnerabilities(tools: Path) -> tuple[list[str], int, int]:
    """Return what is known against the locked packages, how many were audited and were not."""
    words = ["--require-hashes", "--disable-pip", "-r", "requirements.lock", "-f", "json"]
    done = subprocess.run(
        [tools / "pip-audit", *words], cwd=REPOSITORY, capture_output=True, text=True
    )
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return [], 0, 0
    audited = [one for one in packages if "vulns" in one]
    known = [
        f"{one['name']} {one['version']} : {fault['id']}, corrigé en {fault['fix_versions']}"
        for one in audited
        for fault in one["vulns"]
    ]
    return known, len(audited), len(packages) - len(audited)


def main() -> int:
    """Print what was looked for and found."""
    tools = Path(sys.argv[1])
    known, audited, skipped = vulnerabilities(tools)
    if audited:
        print(f"Vulnérabilités : {len(known)}, sur {audited} paquets ({skipped} introuvables).")
    else:
        print("Vulnérabilités : aucune base n'a pu être jointe, rien n'a été vérifié.")
    found = {"Code (bandit)": patterns(tools), "Licences à examiner": licences()}
    for what, faults in found.items():
        print(f"{what} : {len(faults)}.")
    for line in [*known, *(fault for faults in found.values() for fault in faults)]:
        print(f"  {line}")
    return int(bool(known or any(found.values())))


if __name__ == "__main__":
    sys.exit(main())
