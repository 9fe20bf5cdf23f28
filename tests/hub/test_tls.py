"""TLS of the hub's own, in both concurrency models."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from tests.hub.test_serve import refused, serve
from tests.support.clients import Publisher, Viewer
from tests.support.hub import MODES, Hub
from tests.support.runner import Home
from tests.support.site import Certificate, Site, make_certificate

OUTPUT = b"".join(b"line %07d\n" % number for number in range(200_000))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate that the tests of this file share."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(params=MODES)
def site(request: pytest.FixtureRequest, certificate: Certificate) -> Iterator[Site]:
    """A hub that speaks HTTPS."""
    with Hub(request.param, "--tls-cert", str(certificate.cert), "--tls-key", str(certificate.key)) as hub:
        yield Site(hub, f"https://localhost:{hub.port}", certificate)


def test_runs_are_published_and_watched(site: Site) -> None:
    with Publisher(site) as publisher:
        publisher.open()
        with Viewer(site, publisher.token) as viewer, Viewer(site, publisher.token, ["polling"]) as polling:
            publisher.append_all(OUTPUT, 65536, "zlib")
            for each in (viewer, polling):
                each.wait_for(lambda each=each: each.output == OUTPUT, "all of it")
        assert site.get(f"/r/{publisher.token}/output") == OUTPUT
        assert publisher.seal(OUTPUT)["complete"]
    assert "Traceback" not in site.hub.log


def test_who_reads_and_writes_at_once_is_understood(site: Site) -> None:
    """A thread reads from a connection while others write to it."""
    with Publisher(site) as publisher, Viewer(site, publisher_token(publisher)) as viewer:
        asking = threading.Thread(target=lambda: [viewer.catch_up() for _ in range(100)])
        asking.start()
        for number in range(500):
            publisher.append(number * 10, b"0123456789")
        asking.join()
        viewer.wait_for(lambda: len(viewer.output) == 5000, "all of it")
        assert viewer.output == b"0123456789" * 500


def publisher_token(publisher: Publisher) -> str:
    """The link of a run that is opened for it."""
    publisher.open()
    return publisher.token


def test_who_does_not_greet_keeps_nobody(site: Site) -> None:
    with ExitStack() as stack:
        for said in (b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x80" * 1000):
            silent = stack.enter_context(socket.create_connection(("127.0.0.1", site.hub.port)))
            silent.sendall(said)
        for _ in range(5):
            assert site.get("/healthz")
    assert "Traceback" not in site.hub.log


def test_clear_text_is_not_answered(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.hub.port), timeout=20) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        got = b""
        with suppress(ConnectionResetError):
            while piece := plain.recv(1000):
                got += piece
    assert b"HTTP" not in got


def test_old_versions_are_refused(site: Site) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with pytest.deprecated_call():
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection(("127.0.0.1", site.hub.port), timeout=20) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        old.wrap_socket(plain)


def test_what_is_no_certificate_is_said_in_words(tmp_path: Path, certificate: Certificate) -> None:
    data = ["--data", str(tmp_path / "hub"), "--port", "0"]
    locked, empty = tmp_path / "locked.pem", tmp_path / "empty.pem"
    command = ["openssl", "ec", "-in", str(certificate.key), "-aes256", "-passout", "pass:secret", "-out", str(locked)]
    subprocess.run(command, check=True, capture_output=True)
    empty.touch()
    cert = str(certificate.cert)
    for flags, words in (
        (["--tls-cert", str(tmp_path / "none"), "--tls-key", cert], "can't be read: No such file or directory."),
        (["--tls-cert", str(empty)], "are no certificate and its key"),
        (["--tls-cert", cert], "are no certificate and its key"),
        (["--tls-cert", cert, "--tls-key", str(locked)], "has a password, and nobody is there to type it."),
    ):
        code, line = refused(serve(*data, *flags))
        assert (code, words in line) == (78, True), line


def test_with_it_other_machines_may_reach_the_hub(certificate: Certificate) -> None:
    with Hub(
        "eventlet", "--host", "0.0.0.0", "--tls-cert", str(certificate.cert), "--tls-key", str(certificate.key)
    ) as hub:
        assert Site(hub, f"https://127.0.0.1:{hub.port}", certificate).get("/healthz")


def test_a_runner_delivers_by_one_connection(site: Site, home: Home) -> None:
    """Its output leaves by one thread while acks come in by another."""
    assert site.certificate is not None
    trusted = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(site.certificate.cert))
    home.environ.update(PROGRESS_HUB=site.url, PROGRESS_KEY=site.key, PROGRESS_DRAIN="60", **trusted)
    job = [sys.executable, "-c", "import os; [os.write(1, os.urandom(50_000)) for _ in range(200)]"]
    assert home.run(*job).returncode == 0
    run = home.only_run
    link = f"/r/{run.record['view_token']}"
    assert json.loads(site.get(f"{link}/info"))["complete"]
    assert site.get(f"{link}/output") == run.output
    assert "unreachable" not in (run.path / "sender.log").read_text()
