"""Imports and reads, once, what every notebook needs.

Imported by the process from which those of :mod:`qpvlib.edition.publish` are forked: without it
each notebook would spend seconds on it.
"""

import gc

import matplotlib_inline.backend_inline  # noqa: F401
import seaborn  # noqa: F401

from qpvlib import catalogue, portrait, territories
from qpvlib.edition import publish  # noqa: F401
from qpvlib.presentation import cards, charts, groups, maps, sentences, tables  # noqa: F401
from qpvlib.presentation.followup import robustness  # noqa: F401

catalogue.indicators()
portrait.store()
territories.contours()
for layer in ("commune_13055", "communes_voisines", "arrondissements_13055"):
    territories.background(layer)
# What is inherited is never collected: the forks keep sharing its memory.
gc.freeze()
