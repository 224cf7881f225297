"""Reading what is declared in YAML: catalogue, families, rules, registry."""

from pathlib import Path
from typing import Any

import yaml

# libyaml's: same objects, ten times sooner; a build of PyYAML may lack it.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Any:
    """Read a YAML file in UTF-8; the errors of the reader are the caller's to tell."""
    return yaml.load(path.read_text("utf-8"), Loader)
