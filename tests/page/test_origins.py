"""Pages of other sites read nothing, even with a right link in hand; and the page itself has no place for script."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.support.browser import QUIETLY, Open, chromium
from tests.support.clients import Publisher
from tests.support.hub import Hub

TRIES = """
async ([hub, token, key]) => {
    const url = `${hub}/r/${token}`, got = {};
    const settle = async (name, trying) => {
        const late = new Promise((resolve) => setTimeout(() => resolve('silence'), 4000));
        got[name] = await Promise.race([trying().catch((error) => `refused: ${error.name}`), late]);
    };
    const text = (path, options) => async () => (await fetch(path, options)).text();
    const loaded = (tag, place) => () => new Promise((resolve, reject) => {
        const made = document.createElement(tag);
        made.onload = () => {
            let inside = '';
            try { inside = made.contentDocument?.body?.textContent ?? ''; } catch { inside = ''; }
            resolve(`loaded: ${inside}`);
        };
        made.onerror = () => reject(new Error('refused'));
        made[tag === 'link' ? 'href' : 'src'] = place;
        if (tag === 'link') made.rel = 'stylesheet';
        document.body.append(made);
    });
    const socket = (path) => () => new Promise((resolve, reject) => {
        const opened = new WebSocket(hub.replace('http', 'ws') + path);
        opened.onmessage = (message) => resolve(`heard: ${message.data}`);
        opened.onerror = () => reject(new Error('refused'));
    });
    await settle('fetch', text(`${url}/info`));
    await settle('fetch with a key', text(`${hub}/api/runs`, { headers: { Authorization: `Bearer ${key}` } }));
    await settle('fetch without asking', text(`${url}/output`, { mode: 'no-cors' }));
    await settle('post', text(`${hub}/socket.io/?EIO=4&transport=polling`, { method: 'POST', body: '40/watch,{}' }));
    await settle('polling', text(`${hub}/socket.io/?EIO=4&transport=polling`));
    await settle('websocket', socket('/socket.io/?EIO=4&transport=websocket'));
    await settle('script', loaded('script', `${url}/output`));
    await settle('style', loaded('link', `${url}/output`));
    await settle('image', loaded('img', `${url}/output`));
    await settle('frame', loaded('iframe', url));
    await settle('frame of text', loaded('iframe', `${url}.txt`));
    return got;
}
"""
READ_NOTHING = ("refused", "silence", "loaded: ")
WORDS = "let the_password_is_swordfish = 1;"


@contextmanager
def site(page: bytes) -> Iterator[str]:
    """Somebody else's site, which shows one page."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_args: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def secret(publisher: Publisher) -> Publisher:
    """A run whose output would run as a script."""
    publisher.append_all(WORDS.encode())
    return publisher


def read(got: dict[str, str]) -> dict[str, str]:
    """What a page has got to know of its tries."""
    assert len(got) == 11
    return {
        name: what
        for name, what in got.items()
        if not (what in ("", "silence", "loaded: ") or what.startswith("refused")) or "swordfish" in what
    }


def test_a_page_of_another_origin_reads_nothing(hub: Hub, secret: Publisher, browser: Browser) -> None:
    with site(b"<title>elsewhere</title>") as elsewhere:
        page = browser.new_page()
        page.goto(elsewhere)
        assert read(page.evaluate(TRIES, [hub.url, secret.token, hub.owner_key])) == {}
        assert page.evaluate("typeof the_password_is_swordfish") == "undefined"
        page.close()


def test_nor_does_one_without_an_origin(hub: Hub, secret: Publisher, browser: Browser) -> None:
    with site(b"""<iframe sandbox="allow-scripts" srcdoc="<p>nobody"></iframe>""") as elsewhere:
        page = browser.new_page()
        page.goto(elsewhere)
        expect(page.frame_locator("iframe").get_by_text("nobody")).to_be_visible()
        nobody = page.frames[1]
        assert nobody.evaluate("origin") == "null"
        assert read(nobody.evaluate(TRIES, [hub.url, secret.token, hub.owner_key])) == {}
        page.close()


@pytest.fixture
def misled(browser: Browser) -> Iterator[Browser]:
    """Another browser, whose resolver says that a foreign name is this machine's."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    running = browser.browser_type.launch(executable_path=chromium(), args=[*QUIETLY, rules])
    yield running
    running.close()


def test_nor_does_a_name_that_was_made_to_point_here(hub: Hub, secret: Publisher, misled: Browser) -> None:
    """The browser takes hub and page for one site: only the hub can tell."""
    with site(b"<title>evil</title>"):
        page = misled.new_page()
        there = hub.url.replace("127.0.0.1", "evil.example")
        reply = page.goto(f"{there}/r/{secret.token}")
        assert reply is not None
        assert reply.status == 421
        got = page.evaluate(TRIES.replace("append(made)", "appendChild(made)"), [there, secret.token, hub.owner_key])
        refused = "This hub doesn't answer to that host name. Its setting allowed_hosts lists further ones.\n"
        assert {name: what for name, what in read(got).items() if what != refused} == {}
        page.close()


def test_text_becomes_script_nowhere_in_the_page(hub: Hub, secret: Publisher, visit: Open) -> None:
    """Trusted types: what would make markup or script of a text throws, whoever calls it."""
    reader = visit(hub, secret.token)
    reader.shows(WORDS)
    sinks = {
        "markup": "document.body.innerHTML = '<b>'",
        "a script's text": "document.createElement('script').text = '1'",
        "a script's address": "document.createElement('script').src = '/x.js'",
        "a document": "document.write('<b>')",
        "a policy of its own": "trustedTypes.createPolicy('mine', {createHTML: (text) => text})",
    }
    try_all = """(sinks) => Object.entries(sinks).filter(([, code]) => code()).map(([name]) => name)"""
    tried = ", ".join(f"{json.dumps(name)}: () => {{ try {{ {code}; return true; }} catch {{ return false; }} }}"
                      for name, code in sinks.items())  # fmt: skip
    assert reader.page.evaluate(f"({try_all})({{{tried}}})") == []
    assert reader.page.evaluate("1 + 1") == 2  # by now the page's complaints have all been heard
    assert reader.complaints
    reader.complaints.clear()
