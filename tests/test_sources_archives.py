"""An archive is unpacked whole inside its folder, or refused with every reason and no trace."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from qpvlib.errors import SourceError, UnsafeArchiveError
from qpvlib.sources.archives import Limits, unpack


def make(folder: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    archive = folder / "base.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members:
            opened.writestr(name, content)
    return archive


def refused(archive: Path, error: type[SourceError], **options) -> str:
    """Unpack, expect this error, check that nothing was left, and return the message."""
    before = sorted(archive.parent.rglob("*"))
    with pytest.raises(error) as caught:
        unpack(archive, archive.parent / "brut", **options)
    assert type(caught.value) is error
    assert sorted(archive.parent.rglob("*")) == before
    return str(caught.value)


def test_members_are_written_in_their_folders_and_returned_in_order(tmp_path):
    archive = make(
        tmp_path,
        ("meta/", b""),
        ("meta/notice.csv", b"b"),
        ("données 2020.csv", b"a" * 1000),
        ("__MACOSX/._notice.csv", b"x"),
    )
    folder = tmp_path / "brut"
    written = unpack(archive, folder)
    assert written == [folder / "données 2020.csv", folder / "meta" / "notice.csv"]
    assert [path.read_bytes() for path in written] == [b"a" * 1000, b"b"]
    assert sorted(p.name for p in folder.rglob("*")) == ["données 2020.csv", "meta", "notice.csv"]


def test_files_of_the_same_name_are_replaced_and_others_kept(tmp_path):
    folder = tmp_path / "brut"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"old")
    (folder / "b.csv").write_bytes(b"kept")
    unpack(make(tmp_path, ("a.csv", b"new")), folder)
    assert (folder / "a.csv").read_bytes() == b"new"
    assert (folder / "b.csv").read_bytes() == b"kept"


def test_names_written_with_windows_slashes_stay_inside(tmp_path):
    written = unpack(make(tmp_path, ("sous\\a.csv", b"a")), tmp_path / "brut")
    assert written == [tmp_path / "brut" / "sous" / "a.csv"]


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("../dehors.csv", "remonte dans les dossiers"),
        ("a/../../dehors.csv", "remonte dans les dossiers"),
        ("..\\dehors.csv", "remonte dans les dossiers"),
        ("/etc/dehors.csv", "chemin absolu"),
        ("C:/dehors.csv", "chemin absolu"),
        ("c:dehors.csv", "chemin absolu"),
        ("\\\\serveur\\part\\dehors.csv", "chemin absolu"),
        ("a\nb.csv", "caractères de contrôle"),
        (".", "nom vide"),
    ],
)
def test_a_member_that_would_land_elsewhere_is_refused(tmp_path, name, fact):
    message = refused(make(tmp_path, ("ok.csv", b"ok"), (name, b"x")), UnsafeArchiveError)
    assert fact in message and message.startswith("base.zip\u00a0: «\u00a0")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFBLK])
def test_links_and_special_files_are_refused(tmp_path, kind):
    member = zipfile.ZipInfo("lien")
    member.external_attr = (kind | 0o777) << 16
    assert "est un lien" in refused(make(tmp_path, (member, b"/etc/passwd")), UnsafeArchiveError)


@pytest.mark.parametrize(
    ("first", "second", "fact"),
    [
        ("A.csv", "a.CSV", "apparaît deux fois"),
        ("e\u0301.csv", "\u00e9.csv", "apparaît deux fois"),
        ("a", "a/b.csv", "porte le nom d'un autre fichier"),
    ],
)
def test_a_member_that_would_hide_another_is_refused(tmp_path, first, second, fact):
    assert fact in refused(make(tmp_path, (first, b"1"), (second, b"2")), UnsafeArchiveError)


def test_bombs_are_refused_before_anything_is_unpacked(tmp_path):
    bomb = make(tmp_path, ("a.csv", b"0" * 20_000_000))
    assert "plus de 200 fois" in refused(bomb, UnsafeArchiveError)
    message = refused(bomb, UnsafeArchiveError, limits=Limits(size=1_000_000, ratio=10**6))
    assert message == "base.zip\u00a0: l'archive occuperait plus de 1 Mo une fois décompressée."
    crowd = make(tmp_path, *((f"{i}.csv", b"") for i in range(4)))
    assert "plus de 3 fichiers" in refused(crowd, UnsafeArchiveError, limits=Limits(members=3))


def test_a_size_that_lies_does_not_write_more_than_declared(tmp_path):
    archive = make(tmp_path, ("a.csv", b"0" * 100_000))
    content = bytearray(archive.read_bytes())
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = struct.pack("<I", 10)
    archive.write_bytes(content)
    assert "«\u00a0a.csv\u00a0» est abîmé" in refused(archive, SourceError)


def test_a_password_is_named(tmp_path):
    archive = make(tmp_path, ("a.csv", b"secret"))
    content = bytearray(archive.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    assert "mot de passe" in refused(archive, UnsafeArchiveError)


def test_all_dangers_are_told_at_once(tmp_path):
    archive = make(tmp_path, ("../a", b""), ("/b", b""), ("c", b""), ("C", b""))
    assert len(refused(archive, UnsafeArchiveError).splitlines()) == 3


@pytest.mark.parametrize("cut", [0, 10, 60, -30])
def test_a_truncated_archive_is_refused(tmp_path, cut):
    archive = make(tmp_path, ("a.csv", bytes(range(256))))
    archive.write_bytes(archive.read_bytes()[:cut])
    assert "n'est pas une archive zip lisible" in refused(archive, SourceError)


def test_every_damaged_member_is_named(tmp_path):
    archive = make(tmp_path, ("a.csv", b"aaaa"), ("b.csv", b"bbbb"), ("c.csv", b"cccc"))
    with zipfile.ZipFile(archive) as opened:
        starts = [opened.getinfo(name).header_offset for name in ("a.csv", "c.csv")]
    content = bytearray(archive.read_bytes())
    for start in starts:
        content[start + 30 + len("a.csv") + 1] ^= 0xFF
    archive.write_bytes(content)
    lines = refused(archive, SourceError).splitlines()
    assert ["a.csv" in lines[0], "c.csv" in lines[1], len(lines)] == [True, True, 2]


def test_missing_empty_and_unwritable_archives_have_their_sentence(tmp_path):
    assert "introuvable" in refused(tmp_path / "absente.zip", SourceError)
    assert "aucun fichier" in refused(make(tmp_path, ("vide/", b"")), SourceError)
    assert "n'a pas pu être lue" in refused(make(tmp_path, ("a" * 300, b"")), SourceError)


def test_nothing_follows_a_link_out_of_the_folder_nor_replaces_a_folder(tmp_path):
    folder = tmp_path / "brut"
    (folder / "a.csv").mkdir(parents=True)
    (tmp_path / "dehors").mkdir()
    (folder / "lien").symlink_to(tmp_path / "dehors")
    (folder / "plat").write_bytes(b"")
    names = ("a.csv", "lien/b.csv", "plat/c.csv")
    message = refused(make(tmp_path, *((name, b"x") for name in names)), SourceError)
    assert [name in line for name, line in zip(names, message.splitlines(), strict=True)] == [
        True
    ] * 3
