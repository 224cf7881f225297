"""The clock: « today » is the edition's date, so that same inputs give same bytes."""

import datetime

from babel.dates import format_date

from qpvlib import declared, paths


def edition() -> datetime.date:
    """Return the date of this edition (``data/edition.yml``)."""
    return declared.read(paths.data() / "edition.yml")["date"]


def told(day: datetime.date | str) -> str:
    """Return a day, or its ISO form, in French: « 28 novembre 2026 »."""
    if isinstance(day, str):
        day = datetime.date.fromisoformat(day)
    return format_date(day, "long", locale="fr")
