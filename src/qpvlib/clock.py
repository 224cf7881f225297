"""The clock: « today » is the edition's date, so that same inputs give same bytes."""

import datetime

import yaml
from babel.dates import format_date

from qpvlib import paths


def edition() -> datetime.date:
    """Return the date of this edition (``data/edition.yml``)."""
    return yaml.safe_load((paths.data() / "edition.yml").read_text("utf-8"))["date"]


def told(day: datetime.date) -> str:
    """Return a day in French: « 28 novembre 2026 »."""
    return format_date(day, "long", locale="fr")
