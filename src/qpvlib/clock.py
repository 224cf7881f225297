"""The clock: « today » is the edition's date, so that same inputs give same bytes."""

import datetime

import yaml

from qpvlib import paths


def edition() -> datetime.date:
    """Return the date of this edition (``data/edition.yml``)."""
    return yaml.safe_load((paths.data() / "edition.yml").read_text("utf-8"))["date"]
