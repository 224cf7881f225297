"""The follow-up of Marseille's quartiers: our protocol, our series and our draw, estimated.

:mod:`qpvlib.cohort` holds the methods, for any panel; this package applies them to the real
observations as ``suivi/protocole.yml`` says, and to nothing else.

============== ================================================================================
plan           the protocol, its copies, the register
seal           the chain of acts (``suivi/sceau.json``): freeze, amendments, draws, deposits
track          what may be said of each target: description, or effects
series         panels from the observations: perimeter, vintages, breaks, states
draw           typology, eligible quartiers, triplets, lottery, ``suivi/cohorte.csv``
study          everything a page or a command needs, computed once
results        minimum detectable effects, estimates, verdicts
verdict        the rule; ``verdict_power``: the effect at which each verdict is reached
readings       robustness, second readings, synthetic controls
second_family  IRIS outside the QPV, matched to the targets, estimated apart
steps          what ``qpv suivi`` does
============== ================================================================================
"""

from qpvlib.followup.study import Study, load

__all__ = ["Study", "load"]
