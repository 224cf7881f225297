"""Where things are: the project's root and its data folders."""

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from qpvlib.errors import InvalidParameterError


def root() -> Path:
    """Return the project's root, the folder that holds ``data/indicateurs.yml``.

    The environment variable ``QPV_RACINE`` wins; otherwise the current folder and its parents
    are searched, then the checkout this file belongs to.

    Raises
    ------
    InvalidParameterError
        If no such folder is found.
    """
    named = os.environ.get("QPV_RACINE")
    starts = [Path(named)] if named else [Path.cwd(), Path(__file__)]
    for start in starts:
        for folder in [start, *start.parents]:
            if (folder / "data" / "indicateurs.yml").is_file():
                return folder.resolve()
    raise InvalidParameterError(
        "Le dossier du projet est introuvable : aucun dossier data/indicateurs.yml n'a été "
        "trouvé. Placez-vous dans le dépôt, ou indiquez-le dans la variable QPV_RACINE."
    )


def data() -> Path:
    """Return the project's ``data`` folder."""
    return root() / "data"


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path
        Destination; its folder is created when absent.
    content
        The bytes of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.partiel")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return the files as one archive, dated by nothing: same files, same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o644 << 16  # else nobody may read what is extracted
            archive.writestr(member, files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()
