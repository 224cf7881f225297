"""The pages of the follow-up: what it is, who was drawn, what the series show, what resists.

Every figure says what the draw and the study are, as the seal has it, its perimeter and its
years. An estimate is not an observation: it is printed as text, outside the signed figures.
"""

from qpvlib.presentation.followup import (
    cohort,
    identity,
    inference,
    robustness,
    second_family,
    series,
)

__all__ = ["cohort", "identity", "inference", "robustness", "second_family", "series"]
