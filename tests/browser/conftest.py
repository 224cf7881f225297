"""The built book, served on this machine, and one Chromium: without either, a skip says why."""

import contextlib
import functools
import gzip
import http.server
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from qpvlib.edition import pages

REPOSITORY = Path(__file__).resolve().parents[2]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
FRAMES = {"webpack-macros.html", "sbt-webpack-macros.html"}


@functools.cache
def compressed(path: Path) -> int:
    """Return the bytes of a file as a server would send it."""
    return len(gzip.compress(path.read_bytes(), mtime=0))


@dataclass(frozen=True)
class Site:
    """The built book: its folder, and the address it is served at."""

    folder: Path
    url: str

    def sample(self) -> list[str]:
        """Return one page of each type: every page that has no sibling, the heaviest of others.

        The pages of the evaluation are of one template each: all of them.
        """
        groups: dict[str, list[Path]] = {}
        for path in sorted(self.folder.rglob("*.html")):
            if path.name in FRAMES:
                continue
            parent = path.parent.relative_to(self.folder).as_posix()
            alone = parent in (".", "book", "book/evaluation") or path.name == "index.html"
            groups.setdefault(path.as_posix() if alone else parent, []).append(path)
        heaviest = (max(group, key=lambda path: path.stat().st_size) for group in groups.values())
        return sorted(path.relative_to(self.folder).as_posix() for path in heaviest)

    def portraits(self) -> list[str]:
        """Return the pages of the 41 quartiers."""
        return [f"{page.docname}.html" for page in pages.portraits()]


@dataclass
class Visit:
    """A page of the browser, what it asked for, and what went wrong meanwhile."""

    page: object
    site: Site
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def go(self, name: str) -> None:
        """Open a page of the book and wait until it has loaded everything."""
        self.asked.clear()
        self.page.goto(f"{self.site.url}/{name}", wait_until="load")

    def weight(self) -> int:
        """Return the compressed bytes of what the last page opened asked for, fonts as they are."""
        names = {unquote(urlsplit(url).path).lstrip("/") for url in self.asked}
        files = {self.site.folder / (name or "index.html") for name in names}
        return sum(map(compressed, filter(Path.is_file, files)))


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The built book (``QPV_LIVRE``, or ``_build/html``) behind a server of files."""
    folder = Path(os.environ.get("QPV_LIVRE") or REPOSITORY / "_build" / "html")
    if not (folder / "index.html").is_file():
        pytest.skip(f"aucun livre construit dans {folder} : make livre")

    class Silent(http.server.SimpleHTTPRequestHandler):
        """A server of files that says nothing."""

        def log_message(self, *_words):
            pass

    handler = functools.partial(Silent, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(folder, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()


@pytest.fixture(scope="session")
def browser(site, chromium):
    """The Chromium of the session, where there is a book to look at: playwright runs only once."""
    return chromium


@pytest.fixture
def visiting(browser, site):
    """Open windows on the book; each closes with no console error and no failed request."""

    @contextlib.contextmanager
    def visit(viewport=None, **options):
        context = browser.new_context(viewport=viewport or PHONE, locale="fr-FR", **options)
        opened = Visit(context.new_page(), site)
        page, faults = opened.page, opened.faults

        def asked(request):
            opened.asked.append(request.url)
            if not request.url.startswith((site.url, "data:", "blob:")):
                faults.append(f"demande à un autre hôte : {request.url}")

        def failed(request):
            # Aborted: the next page was opened before the icon had come.
            if request.failure != "net::ERR_ABORTED":
                faults.append(f"échec : {request.url} ({request.failure})")

        def answered(response):
            if response.status >= 400:
                faults.append(f"réponse {response.status} : {response.url}")

        def said(message):
            if message.type == "error":
                faults.append(f"{page.url} : {message.text} {message.location['url']}")

        page.on("request", asked)
        page.on("response", answered)
        page.on("requestfailed", failed)
        page.on("pageerror", lambda error: faults.append(f"{page.url} : {error}"))
        page.on("console", said)
        yield opened
        context.close()
        assert not faults, "\n".join(dict.fromkeys(faults))

    return visit
