"""Where the files of the built book are, told from its root: ``donnees/la-viste.csv``."""

from qpvlib import territories
from qpvlib.territories import CITY, Territory

DATA = "donnees"
WHOLE, NOTEBOOKS = f"{DATA}/observatoire.zip", f"{DATA}/carnets.zip"
PRINTED, EASY = "pdf", "falc"
CONTOURS = f"{DATA}/quartiers"


def territory(docname: str) -> Territory | None:
    """Return the territory that a page portrays, from the name of the page in ``_toc.yml``."""
    folder, _, slug = docname.removeprefix("book/").rpartition("/")
    portrayed: dict[str, tuple[Territory, ...]] = {
        "portraits": territories.qpv(),
        "secteurs": territories.sectors(),
        "": (territories.get(CITY),),
    }
    return next((one for one in portrayed.get(folder, ()) if one.slug == slug), None)


def table(docname: str, suffix: str = "csv") -> str:
    """Return where the table of a page is.

    Those of the territories are at the top, named by their slug; the others keep their folder.
    """
    portrayed = territory(docname)
    return f"{DATA}/{portrayed.slug if portrayed else docname.removeprefix('book/')}.{suffix}"


def easy_pdf(place: Territory) -> str:
    """Return where the easy-to-read page of a quartier is, to be printed."""
    return f"{PRINTED}/{EASY}-{place.slug}.pdf"
