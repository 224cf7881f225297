"""Imports and reads, once, what every notebook needs.

Imported by the process from which those of :mod:`qpvlib.edition.publish` are forked: without it
each notebook would spend seconds on it.
"""

import gc
from contextlib import suppress

import matplotlib_inline.backend_inline  # noqa: F401

from qpvlib import catalogue, territories
from qpvlib.control import audit  # noqa: F401
from qpvlib.edition import publish  # noqa: F401
from qpvlib.presentation import (  # noqa: F401
    charts,
    control,
    groups,
    indicator_card,
    maps,
    orientation,
    schools,
    source_tables,
    tables,
)
from qpvlib.presentation.followup import robustness, role  # noqa: F401
from qpvlib.reading import portrait

# What is wrong here is met again by the page that needs it, which names it; raised here, it would
# only stop the process that all pages come from.
with suppress(Exception):
    catalogue.indicators()
    territories.contours()
    for layer in ("commune_13055", "communes_voisines", "arrondissements_13055"):
        territories.background(layer)
    role.alike(territories.qpv()[0].code, portrait.store())
# What is inherited is never collected: the forks keep sharing its memory.
gc.freeze()
