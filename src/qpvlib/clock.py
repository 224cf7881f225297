"""The clock: « today » is the edition's date, so that same inputs give same bytes."""

import datetime

from qpvlib import declared, paths


def edition() -> datetime.date:
    """Return the date of this edition (``data/edition.yml``)."""
    return declared.read(paths.data() / "edition.yml")["date"]
