"""Open observatory of Marseille's priority neighbourhoods (QPV).

In a notebook: ``figures()``, ``quartiers()``, ``indicator(name)``, ``portrait(place)``.
"""

from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "figures", "indicator", "portrait", "quartiers"]


def __getattr__(name: str) -> Any:
    # Imported when asked for: the command line must not wait for pandas.
    if name in __all__:
        from qpvlib import face

        return getattr(face, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
