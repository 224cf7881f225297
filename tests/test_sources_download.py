"""A file of an official address enters the folder whole and genuine, or not at all."""

import hashlib
import io
import threading
import zipfile
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest

from qpvlib.errors import DownloadError
from qpvlib.sources import download
from qpvlib.sources.download import Report, fetch

CONTENT = b"code;valeur\r\nQPFICTIF;1,5\r\n" * 1000


@dataclass
class Entry:
    """A registry entry of a fictitious source."""

    id: str
    url: str
    sha256: str
    fichier: str = "base.csv"
    empreinte: str = ""
    taille: int = 0


class Server:
    """A local web server whose answers are set by the test, and which counts its visits."""

    def __init__(self):
        self.answers = {}
        self.visits = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.visits.append(self.path)
                status, headers, body = server.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in ({"Content-Length": len(body)} | headers).items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.http.server_port}"

    def serve(self, path: str, body: bytes = b"", status: int = 200, **headers) -> str:
        """Set the answer of a path (``_`` stands for ``-`` in headers); return its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, named, body)
        return self.address + path


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def md5(content: bytes) -> str:
    return f"md5:{hashlib.md5(content).hexdigest()}"


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def failed(entries, folder) -> str:
    """Fetch, expect a failure, check that nothing was left, and return the message."""
    with pytest.raises(DownloadError) as caught:
        fetch(entries, folder, echo=lambda _: None)
    assert not folder.exists() or list(folder.iterdir()) == []
    return str(caught.value)


def test_a_good_file_is_written_once_and_told_in_french(server, tmp_path):
    entry = Entry("essai", server.serve("/base.csv", CONTENT), sha(CONTENT))
    told = []
    report = fetch([entry], tmp_path / "brut", told.append)
    assert (tmp_path / "brut" / "base.csv").read_bytes() == CONTENT
    assert (report.fetched, report.present, report.size) == (1, 0, len(CONTENT))
    assert told[0] == "essai\u00a0: base.csv téléchargé (0,0\u00a0Mo)."
    assert told[1].startswith("1 fichier téléchargé (0,0\u00a0Mo en 0,")
    again = fetch([entry], tmp_path / "brut", told.append)
    assert (again.fetched, again.present, server.visits) == (0, 1, ["/base.csv"])
    assert [path.name for path in (tmp_path / "brut").iterdir()] == ["base.csv"]


def test_the_summary_groups_thousands_and_agrees_in_number():
    assert Report(2, 1, 1_234_560_000, 62.04).lines() == [
        "2 fichiers téléchargés (1\u202f234,6\u00a0Mo en 62,0\u00a0s).",
        "1 fichier déjà présent.",
    ]


def test_a_spoilt_copy_is_replaced(server, tmp_path):
    (tmp_path / "base.csv").write_bytes(CONTENT[:100])
    told = []
    fetch([Entry("e", server.serve("/base.csv", CONTENT), sha(CONTENT))], tmp_path, told.append)
    assert (tmp_path / "base.csv").read_bytes() == CONTENT
    assert "remplacé" in told[0]


def test_a_failure_leaves_the_earlier_copy_alone(server, tmp_path):
    (tmp_path / "base.csv").write_bytes(b"earlier")
    with pytest.raises(DownloadError):
        fetch([Entry("e", server.serve("/base.csv", b"x"), sha(CONTENT))], tmp_path, print)
    assert (tmp_path / "base.csv").read_bytes() == b"earlier"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_cut_connection_is_tried_again_then_told(server, tmp_path):
    url = server.serve("/base.csv", CONTENT[:500], Content_Length=len(CONTENT))
    message = failed([Entry("e", url, sha(CONTENT))], tmp_path / "brut")
    assert message == (
        f"e\u00a0: la connexion a été coupée avant la fin du fichier ({url}). Réessayez plus tard."
    )
    assert len(server.visits) == 3


def test_a_wrong_fingerprint_is_told_after_one_download(server, tmp_path):
    url = server.serve("/base.csv", CONTENT + b"revised")
    message = failed([Entry("e", url, sha(CONTENT))], tmp_path / "brut")
    assert "n'a pas l'empreinte sha256 déclarée" in message
    assert len(server.visits) == 1


@pytest.mark.parametrize(
    ("status", "fact", "visits"),
    [(404, "réponse 404", 1), (403, "réponse 403", 1), (503, "en panne", 3)],
)
def test_only_a_passing_failure_is_tried_again(server, tmp_path, status, fact, visits):
    url = server.serve("/base.csv", b"<html>", status)
    assert fact in failed([Entry("e", url, sha(CONTENT))], tmp_path / "brut")
    assert len(server.visits) == visits


@pytest.mark.parametrize(
    "target", ["http://example.org/base.csv", "ftp://127.0.0.1/base.csv", "file:///etc/passwd"]
)
def test_a_redirection_out_of_https_is_refused(server, tmp_path, target):
    url = server.serve("/base.csv", b"", 302, Location=target)
    message = failed([Entry("e", url, sha(CONTENT))], tmp_path / "brut")
    assert f"renvoie vers une adresse qui n'est pas en https ({target})" in message


def test_a_relative_redirection_is_followed(server, tmp_path):
    server.serve("/ailleurs.csv", CONTENT)
    url = server.serve("/base.csv", b"", 301, Location="/ailleurs.csv")
    assert fetch([Entry("e", url, sha(CONTENT))], tmp_path, print).fetched == 1


def test_endless_redirections_and_absent_servers_are_told(server, tmp_path):
    loop = Entry("boucle", server.serve("/b", b"", 302, Location="/b"), "0", "b.csv")
    absent = Entry("absent", "http://127.0.0.1:9/base.csv", "0", "a.csv")
    lines = failed([loop, absent], tmp_path / "brut").splitlines()
    assert "l'adresse est inutilisable" in lines[0]
    assert "connexion au serveur est impossible" in lines[1] and len(lines) == 2


def test_the_declared_members_of_an_archive_come_from_one_download(server, tmp_path):
    archive = zipped(**{"sous/a.csv": b"a", "b.csv": b"b", "notice.txt": b"n"})
    url = server.serve("/lot.zip", archive)
    entries = [
        Entry("a", url, sha(b"a"), "a.csv", sha(archive)),
        Entry("b", url, sha(b"b"), "2019/b.csv", sha(archive)),
        Entry("b_bis", url, sha(b"b"), "2019/b.csv", sha(archive)),
    ]
    assert fetch(entries, tmp_path, print).fetched == 2
    written = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.*"))
    assert written == ["2019/b.csv", "a.csv"]
    assert server.visits == ["/lot.zip"]


def test_an_archive_is_kept_whole_when_it_is_itself_the_declared_file(server, tmp_path):
    archive = zipped(**{"a.csv": b"a"})
    entry = Entry("a", server.serve("/lot.zip", archive), sha(archive), "lot.zip")
    fetch([entry], tmp_path, print)
    assert (tmp_path / "lot.zip").read_bytes() == archive


def test_an_address_without_suffix_is_an_archive_when_its_fingerprint_says_so(server, tmp_path):
    archive = zipped(**{"base.csv": CONTENT})
    entry = Entry("a", server.serve("/r/1234", archive), sha(CONTENT), "base.csv", sha(archive))
    assert fetch([entry], tmp_path, print).fetched == 1


@pytest.mark.parametrize(
    ("members", "fact"),
    [
        ({"base.csv": CONTENT, "../dehors.csv": b"x"}, "remonte dans les dossiers"),
        ({"base.csv": b"other", "c.csv": b"c"}, "le fichier reçu n'a pas l'empreinte"),
        ({"a.csv": b"a", "c.csv": b"c"}, "ne contient pas «\u00a0base.csv\u00a0»"),
    ],
)
def test_an_archive_that_is_unsafe_or_lacks_the_file_is_refused(server, tmp_path, members, fact):
    url = server.serve("/lot.zip", zipped(**members))
    assert fact in failed([Entry("e", url, sha(CONTENT))], tmp_path / "brut")
    assert not (tmp_path / "dehors.csv").exists()


def test_a_truncated_or_revised_archive_is_refused(server, tmp_path):
    archive = zipped(**{"base.csv": CONTENT})
    url = server.serve("/lot.zip", archive[:-40])
    assert "n'est pas une archive zip" in failed([Entry("e", url, sha(CONTENT))], tmp_path / "b")
    entry = Entry("e", url, sha(CONTENT), "base.csv", sha(archive))
    assert "l'archive reçue n'a pas l'empreinte" in failed([entry], tmp_path / "b")


def test_the_member_of_an_archive_known_by_its_fingerprint_is_kept_and_its_own_is_told(
    server, tmp_path
):
    archive = zipped(**{"lot/base.csv": CONTENT, "varmod.csv": b"v"})
    told = []
    entry = Entry("a", server.serve("/lot.zip", archive), "", "base.csv", md5(archive))
    assert fetch([entry], tmp_path, told.append).size == len(archive)
    assert (tmp_path / "base.csv").read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["base.csv"]
    assert told[0].endswith(f"téléchargé (0,0\u00a0Mo), sha256 {sha(CONTENT)}.")
    assert fetch([entry], tmp_path, told.append).present == 1
    assert "sans empreinte à vérifier" in told[-3]
    assert server.visits == ["/lot.zip"]


def test_a_file_known_by_its_md5_is_verified_when_received_and_when_present(server, tmp_path):
    url = server.serve("/base.parquet", CONTENT)
    entry = Entry("a", url, "", "base.parquet", md5(CONTENT))
    assert fetch([entry], tmp_path, print).fetched == 1
    assert fetch([entry], tmp_path, print).present == 1
    (tmp_path / "base.parquet").write_bytes(b"spoilt")
    assert fetch([entry], tmp_path, print).fetched == 1
    assert (tmp_path / "base.parquet").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "subject"), [("lot.zip", "l'archive reçue"), ("base.csv", "le fichier reçu")]
)
@pytest.mark.parametrize("declared", [md5(b"other"), f"sha256:{sha(b'other')}"])
def test_a_download_with_another_fingerprint_is_refused(server, tmp_path, name, subject, declared):
    url = server.serve(f"/{name}", zipped(**{"base.csv": CONTENT}))
    message = failed([Entry("e", url, "", "base.csv", declared)], tmp_path / "brut")
    assert f"{subject} n'a pas l'empreinte {declared.split(':')[0]} déclarée" in message
    assert "data/telechargements.yml" in message


def test_the_only_file_of_a_genuine_archive_is_not_taken_for_another(server, tmp_path):
    archive = zipped(**{"notice.csv": b"n"})
    entry = Entry("e", server.serve("/lot.zip", archive), "", "base.csv", md5(archive))
    assert "ne contient pas «\u00a0base.csv\u00a0»" in failed([entry], tmp_path / "brut")


def test_a_disk_too_small_is_told_before_any_download(server, tmp_path, monkeypatch):
    free = SimpleNamespace(free=700_000_000)
    monkeypatch.setattr("qpvlib.sources.download.shutil.disk_usage", lambda _: free)
    url = server.serve("/a.zip", b"x")
    twins = [Entry(name, url, "", name, md5(b"x"), 400_000_000) for name in ("a.csv", "b.csv")]
    other = Entry("c", server.serve("/c.csv", b"x"), "", "c.csv", md5(b"x"), 400_000_000)
    message = failed([*twins, other], tmp_path / "brut")
    assert "au moins 800,0\u00a0Mo libres, il en reste 700,0\u00a0Mo" in message
    assert server.visits == []


def test_one_failure_does_not_stop_the_others(server, tmp_path):
    bad = Entry("mauvais", server.serve("/x", b"x"), sha(CONTENT), "x.csv")
    good = Entry("bon", server.serve("/base.csv", CONTENT), sha(CONTENT))
    told = []
    with pytest.raises(DownloadError, match="mauvais"):
        fetch([bad, good], tmp_path, told.append)
    assert [path.name for path in tmp_path.iterdir()] == ["base.csv"]
    assert any(line.startswith("1 fichier téléchargé") for line in told)


def test_all_unfit_entries_are_told_before_any_download(tmp_path):
    entries = [
        Entry("sans_adresse", "", "0"),
        Entry("en_clair", "http://example.org/a.csv", "0"),
        Entry("disque", "file:///etc/passwd", "0"),
        Entry("sans_empreinte", "https://example.org/a.csv", ""),
        Entry("dehors", "https://example.org/a.csv", "0", "../a.csv"),
    ]
    lines = failed(entries, tmp_path / "brut").splitlines()
    assert [line.split("\u00a0")[0] for line in lines] == [entry.id for entry in entries]
    assert not (tmp_path / "brut").exists()


def test_a_server_that_sends_more_than_declared_is_stopped(server, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "_SLACK", 1000)
    content = bytes(3_000_000)
    entry = Entry("essai", server.serve("/base.csv", content), sha(content), taille=500_000)
    assert "plus de 0,5\u00a0Mo" in failed([entry], tmp_path / "brut")
    assert server.visits == ["/base.csv"]
    monkeypatch.setattr(download, "MOST", 2_000_000)
    unknown = Entry("essai", server.serve("/autre.csv", content), sha(content))
    assert "plus de 2,0\u00a0Mo" in failed([unknown], tmp_path / "brut")
