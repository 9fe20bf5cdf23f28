"""A hub behind real proxies, set up as docs/examples says: at a name of its own, and below a path."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.hub.test_access import answer
from tests.support.browser import Open
from tests.support.clients import Publisher, Viewer, new_token
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home
from tests.support.site import Certificate, Site, make_certificate

from progress_hub.gate import ADDRESS
from progress_hub.proxies import behind_proxies
from progress_hub.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PATHS = ("", "/progress")
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log stderr crit;
events {{}}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def put(text: str, places: dict[str, Any]) -> str:
    """An example with this test's places in the place of its own; each of them has to be there."""
    for old, new in places.items():
        assert old in text, old
        text = text.replace(old, str(new))
    return text


def nginx(folder: Path, hub: Hub, port: int, certificate: Certificate) -> list[str]:
    """The command of an nginx that is set up by the example."""
    places = {
        "127.0.0.1:8787": f"127.0.0.1:{hub.port}",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/ssl/hub.example.com.pem": certificate.cert,
        "/etc/ssl/private/hub.example.com.key": certificate.key,
        "server_name hub.example.com": "server_name localhost",
    }
    (folder / "site.conf").write_text(put((EXAMPLES / "nginx.conf").read_text(), places))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, hub: Hub, port: int, certificate: Certificate) -> list[str]:
    """The command of a Caddy that is set up by the example."""
    tls = f"{certificate.cert} {certificate.key}"
    places = {
        "127.0.0.1:8787": f"127.0.0.1:{hub.port}",
        "\nhub.example.com {": f"\nhttps://localhost:{port} {{\n\tbind 127.0.0.1\n\ttls {tls}",
    }
    options = "{\n\tadmin off\n\tauto_https off\n}\n"
    (folder / "Caddyfile").write_text(options + put((EXAMPLES / "Caddyfile").read_text(), places))
    return ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]


PROXIES = {"nginx": nginx, "caddy": caddy}


def program(name: str) -> None:
    """Say it aloud where a proxy is missing: scripts/need_programs installs it."""
    if shutil.which(name) is None:
        pytest.skip(f"{name.upper()} IS MISSING: its example is not tested. `apt-get install {name}`")


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    """A proxy, from when it accepts connections."""
    with open(folder / "log", "wb") as log:
        environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(folder)}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def accepts() -> bool:
        assert process.poll() is None, (folder / "log").read_text()
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        return False

    try:
        wait_until(accepts, f"that {command[0]} accepts connections")
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module", params=PROXIES)
def proxied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The hub at the root of a proxy."""
    program(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    port, certificate = free_port(), make_certificate(folder)
    with Hub("eventlet", "--proxies", "127.0.0.1", "--failures-per-minute", "3") as hub:
        command = PROXIES[request.param](folder, hub, port, certificate)
        with running(command, port, folder):
            yield Site(hub, f"https://localhost:{port}", certificate)


def below(site: Site, path: str) -> Site:
    """The same below a path."""
    return Site(site.hub, site.url + path, site.certificate)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_runs_are_published_and_watched_live(proxied: Site, path: str, transport: str) -> None:
    site = below(proxied, path)
    with Publisher(site, transports=[transport]) as publisher:
        publisher.open()
        with Viewer(site, publisher.token, [transport]) as viewer:
            for number in range(20):
                publisher.append_all(b"line %02d\n" % number)
                viewer.wait_for(lambda number=number: len(viewer.output) == 8 * (number + 1), "the line", 5)
        assert site.get(f"/r/{publisher.token}.txt?download=1") == viewer.output


@pytest.mark.parametrize("path", PATHS)
def test_a_runner_delivers_to_it(proxied: Site, path: str, home: Home) -> None:
    site = below(proxied, path)
    assert site.certificate is not None
    trusted = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(site.certificate.cert))
    home.environ.update(PROGRESS_HUB=site.url, PROGRESS_KEY=site.key, PROGRESS_DRAIN="20", **trusted)
    assert home.run("echo", "hello").returncode == 0
    info = json.loads(site.get(f"/r/{home.only_run.record['view_token']}/info"))
    assert (info["state"], info["size"], info["complete"]) == ("succeeded", 6, True)


@pytest.mark.parametrize("path", PATHS)
def test_the_page_is_live(proxied: Site, path: str, visit: Open) -> None:
    site = below(proxied, path)
    with Publisher(site) as publisher:
        publisher.open()
        publisher.append_all(b"first\r\n")
        reader = visit(site, publisher.token, ignore_https_errors=True)
        reader.shows("first")
        publisher.append_all(b"second\r\n")
        reader.shows("second")
        reader.page.evaluate("document.querySelector('[role=log]').focus()")
        assert all(url.startswith((f"{site.url}/", "data:")) for url in reader.requests)
        owner = visit(site, "", path="/", fragment=f"#key={site.owner_key}", ignore_https_errors=True)
        owner.says("job")
        owner.page.locator(f'a[data-run="{publisher.run}"]').click()
        owner.shows("second")
        assert owner.page.url.startswith(f"{site.url}/r/")


def test_pages_of_the_site_itself_are_of_this_origin(proxied: Site) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    assert proxied.get(path, Origin=proxied.url)
    for origin in ("https://localhost", "http://evil.example", "null"):
        assert status(proxied, path, Origin=origin) == 403, origin


def status(site: Site, path: str, **headers: str) -> int:
    """The status of the answer at a path of a site."""
    assert site.certificate is not None
    host, _, port = site.url.partition("//")[2].partition("/")[0].partition(":")
    connection = http.client.HTTPSConnection(host, int(port), timeout=20, context=site.certificate.trusted())
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    found = connection.getresponse().status
    connection.close()
    return found


def test_what_a_visitor_writes_of_itself_is_not_believed(proxied: Site) -> None:
    forged = [status(proxied, f"/r/{new_token()}/info", X_Forwarded_For=f"192.0.2.{n}") for n in range(6)]
    assert forged[-1] == 429
    assert status(proxied, "/healthz", X_Forwarded_Host="evil.example") == 200
    assert b'"/assets/' in proxied.get("/", X_Forwarded_Prefix="/evil")


# --- what is believed of whom


def seen(settings: Settings, **environ: str) -> dict[str, Any]:
    """The environment that an application sees."""
    found: dict[str, Any] = {}
    behind_proxies(lambda environ, _start: found.update(environ), settings)(
        {"REMOTE_ADDR": "10.0.0.1", "wsgi.url_scheme": "http", "HTTP_HOST": "hub:8787", "SCRIPT_NAME": "", **environ},
        None,
    )
    return found


SAID = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.5, 198.51.100.7, 10.1.1.1",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "hub.example.com",
    "HTTP_X_FORWARDED_PREFIX": "/progress/",
}


def test_a_named_proxy_is_believed() -> None:
    found = seen(Settings(proxies=("10.0.0.0/8",)), **SAID)
    assert found[ADDRESS] == "198.51.100.7"
    assert (found["wsgi.url_scheme"], found["HTTP_HOST"], found["SCRIPT_NAME"]) == (
        "https",
        "hub.example.com",
        "/progress",
    )
    assert not [name for name in found if name.startswith("HTTP_X_FORWARDED")]


def test_nobody_else_is() -> None:
    for settings in (Settings(), Settings(proxies=("10.0.0.2",))):
        found = seen(settings, **SAID)
        assert (found[ADDRESS], found["wsgi.url_scheme"], found["HTTP_HOST"]) == ("10.0.0.1", "http", "hub:8787")
        assert found["SCRIPT_NAME"] == ""
        assert not [name for name in found if name.startswith("HTTP_X_FORWARDED")]


def test_a_foreign_name_is_no_name_of_ours_whatever_is_said_by_the_page_behind_it() -> None:
    """DNS rebinding, where the proxies of this machine are named, and so are its browsers."""
    with Hub("eventlet", "--proxies", "127.0.0.1") as hub:
        assert answer(hub, "/healthz", Host="evil.example", X_Forwarded_Host="localhost")[0] == 421
        assert answer(hub, "/healthz", Host="localhost", X_Forwarded_Host="evil.example")[0] == 421
        assert answer(hub, "/healthz", Host="localhost", X_Forwarded_Host="127.0.0.1")[0] == 200


@pytest.mark.parametrize("prefix", ['/"><script>', "//evil.example", "progress", "/a b", "/%2e%2e", ""])
def test_a_path_is_a_path(prefix: str) -> None:
    assert seen(Settings(proxies=("10.0.0.1",)), HTTP_X_FORWARDED_PREFIX=prefix)["SCRIPT_NAME"] == ""


def test_addresses_that_are_none_leave_the_proxys() -> None:
    for said in ("unknown", "", "198.51.100.7, _hidden", "10.0.0.1"):
        assert seen(Settings(proxies=("10.0.0.1",)), HTTP_X_FORWARDED_FOR=said)[ADDRESS] == "10.0.0.1", said
    mapped = seen(Settings(proxies=("127.0.0.1",)), REMOTE_ADDR="::ffff:127.0.0.1", HTTP_X_FORWARDED_FOR="2001:db8::7")
    assert mapped[ADDRESS] == "2001:db8::7"


def test_a_page_below_a_path_names_its_parts_there() -> None:
    with Hub("eventlet", "--proxies", "127.0.0.1") as hub:
        assert b'src="/progress/assets/' in hub.get("/", X_Forwarded_Prefix="/progress")
        assert b'src="/assets/' in hub.get("/")
    with Hub() as hub:
        assert b'src="/assets/' in hub.get("/", X_Forwarded_Prefix="/progress")
        assert json.loads(hub.get("/healthz"))["status"] == "ok"
