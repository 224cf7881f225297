"""Re-read the built book against the store: every printed figure, interval and year.

``qpv controle`` holds each page against the CSV file beside it; this script holds both against
``data/observations``, independently of the code that prints. Run it after ``make livre``.
"""

import collections
import re
import sys
from pathlib import Path

from lxml import html

from qpvlib.reading.portrait import store

SCHOOL = re.compile(r"\d{7}[A-Z]")
COMPUTED = ("mediane", "cumul", "ecart_ville", "ecart_mediane", "ecart_ensemble", "ecart_hommes")


def main(folder: Path) -> int:
    """Print how many figures and intervals agree, and each one that does not."""
    figures = store()
    counts: collections.Counter[str] = collections.Counter()
    faults = []
    for path in sorted(folder.rglob("*.html")):
        page = html.document_fromstring(path.read_bytes())
        for tag in page.xpath("//*[@data-indicateur and @data-millesime]"):
            if tag.get("data-statistique") in COMPUTED or "qpv-recalcul" in tag.get("class", ""):
                counts["calculés ici, non relus"] += 1
                continue
            name, place = tag.get("data-indicateur"), tag.get("data-territoire")
            if SCHOOL.fullmatch(place):
                counts["établissements, relus par leurs essais"] += 1
                continue
            year, category = int(tag.get("data-millesime")), tag.get("data-modalite")
            known = figures.get(name, place, category, year)
            if "qpv-marge" in tag.get("class"):
                kind, read = "marges", (float(tag.get("data-bas")), float(tag.get("data-haut")))
                stored: object = (known.low, known.high)
            else:
                kind = "chiffres"
                read = (tag.get("data-etat"), float(tag.get("value")) if tag.get("value") else None)
                stored = (known.state, known.value)
            counts[kind] += 1
            if read != stored:
                faults.append(f"{path.name} : {name} {place} {year} {category} : {read} / {stored}")
    for kind, count in counts.items():
        print(f"{kind} : {count}")
    print(f"désaccords : {len(faults)}", *faults[:20], sep="\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "_build/html")))
