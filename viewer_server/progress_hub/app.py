"""The application factory: puts the hub together."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Flask, request
from flask_socketio import SocketIO

from progress_hub import access, concurrency, data_directory, hardening
from progress_hub.bus import Bus
from progress_hub.compaction import Compaction
from progress_hub.entrance import Entrance
from progress_hub.failures import Failures
from progress_hub.gate import Gate, room_for_connections
from progress_hub.grants import Grants
from progress_hub.guard import Guard
from progress_hub.headers import with_headers
from progress_hub.indexer import Indexer
from progress_hub.integrity import Integrity
from progress_hub.key_list import KeyList
from progress_hub.keys import Keys
from progress_hub.listing import Listing
from progress_hub.owner import Owner
from progress_hub.places import Places
from progress_hub.proxies import behind_proxies
from progress_hub.publish import Publish
from progress_hub.quiet_log import quiet_logger
from progress_hub.records import Records
from progress_hub.removal import Removal
from progress_hub.retention import LOOK_SECONDS, Retention
from progress_hub.run_links import RunLinks
from progress_hub.run_list import RunList
from progress_hub.runs import Runs
from progress_hub.searches import Searches
from progress_hub.settings import Settings
from progress_hub.store import Store
from progress_hub.streams import Streams
from progress_hub.watch import Watch
from progress_hub.watch_list import WatchList
from progress_hub.web import Web
from progress_run.protocol import MESSAGE_BYTES, PUBLISH, RUNS, WATCH

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
PING_SECONDS = 10
"""A silent connection is asked for a sign of life this often, and given up after twice as long."""


class Hub:
    """The parts of a running hub, and the tasks that keep it going; `app.extensions["progress_hub"]`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.concurrency = concurrency.load(settings.async_mode)
        data_directory.create(settings.data)
        self.store = Store(settings.data / "hub.db", self.concurrency)
        bus = Bus()
        self._runs = Runs(self.store, bus, self.concurrency, settings.stalled_after)
        room = room_for_connections(settings.connections or self.concurrency.connections)
        self.gate = Gate(room, settings.viewers_per_address, settings.publishers_per_address)
        failures = Failures(settings.failures_per_minute)
        self._clients = hardening.Clients(self.concurrency, self.gate, settings.messages_per_second)
        integrity = Integrity(self._runs, self.store, self.concurrency)
        publish_key = settings.key or data_directory.publish_key(settings.data)
        owner_key = settings.owner_key or data_directory.owner_key(settings.data)
        self._grants = Grants()
        self._keys = Keys(self.store, self._grants, publish_key, owner_key, settings.keys)
        entrance = Entrance(self.store, self._keys, self._grants)
        self._publish = Publish(self._runs, integrity, bus, self._keys, failures, self._clients, self.gate, settings)
        audience = (failures, self._clients, self.gate, self.concurrency)
        self._watch = Watch(self._runs, bus, entrance, *audience, settings.viewers_per_link, self._publish.control)
        self._indexer = Indexer(self._runs, integrity, self.store, self.concurrency)
        searches = Searches(self._runs, integrity, self._indexer, self.concurrency, self.gate, settings.search_seconds)
        views = (
            Records(self._runs, integrity).views,
            Streams(self._runs, integrity, bus, self.store, self.concurrency, self.gate).views,
            Places(self._runs, integrity, self.store, self._indexer).views,
            searches.views,
        )
        self._compaction = Compaction(self._runs, integrity, self.store, self.concurrency)
        self._web = Web(self.store, failures, self.concurrency, *views)
        Guard(entrance, self.gate).stand(self._web.blueprint, "web.page")
        self._run_links = RunLinks(self._runs, self.store, self._watch, self._grants, settings.links_per_run)
        self._key_list = KeyList(self._keys)
        self._removal = Removal(self._runs, bus, self.store, self.concurrency)
        self._retention = Retention(settings, self.store, self._removal)
        listing = Listing(self._runs, integrity, self.store)
        self._run_list = RunList(listing, self._runs, self._removal, Owner(owner_key), self._keys)
        self._watch_list = WatchList(listing, bus, self._keys, *audience)

    def attach(self, app: Flask) -> None:
        """Add the routes and the namespaces to an application, and start the tasks."""
        app.url_map.merge_slashes = False  # without a token a path leads nowhere, and to no other path either
        app.register_blueprint(self._web.blueprint)
        for part in (self._run_list, self._run_links, self._key_list):
            app.register_blueprint(part.blueprint)
        socketio = SocketIO(
            app,
            async_mode=self.concurrency.name,
            async_handlers=False,
            manage_session=False,
            serializer=hardening.ClientPacket,
            logger=quiet_logger("socketio"),
            engineio_logger=quiet_logger("engineio"),
            cors_allowed_origins=partial(access.is_allowed_origin, self.settings),
            cors_credentials=False,
            cookie=None,
            http_compression=False,
            max_http_buffer_size=MESSAGE_BYTES,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_SECONDS,
            namespaces=[PUBLISH, WATCH, RUNS],
        )
        socketio.on_namespace(self._publish)
        socketio.on_namespace(self._watch)
        socketio.on_namespace(self._watch_list)
        self._clients.harden(socketio.server)
        app.wsgi_app = self._guarded(app.wsgi_app)  # type: ignore[method-assign]
        self.concurrency.spawn(self._settle)
        self.concurrency.spawn(self._tick)
        self.concurrency.spawn(self._forget)
        self.concurrency.spawn(self._compaction.go_on)

    def _guarded(self, app: concurrency.WSGIApp) -> concurrency.WSGIApp:
        """An application behind all that looks at a request before it does, the innermost first."""
        known = access.only_known_hosts(access.only_known_origins(app, self.settings), self.settings)
        seated = hardening.without_deflate(access.only_with_a_seat(known, self.gate))
        # What a proxy says of the host isn't believed where the request itself has come to a name that isn't ours.
        return with_headers(access.only_known_hosts(behind_proxies(seated, self.settings), self.settings))

    def _settle(self) -> None:
        for outcomes in self.store.outcomes():
            try:
                self._runs.settle(outcomes)
            except Exception:
                log.exception("What became of %s writes could not be settled", len(outcomes))

    def _tick(self) -> None:
        while True:
            self.concurrency.sleep(TICK_SECONDS)
            held = (self._runs, self._grants, self._keys, self.gate)
            namespaces = (self._publish, self._watch, self._watch_list)
            for tick in (part.tick for part in (*held, *namespaces, self._clients, self._indexer)):
                try:
                    tick()
                except Exception:
                    log.exception("A tick failed; the next one goes on")

    def _forget(self) -> None:
        self._removal.resume()
        while self._retention.asked_for:
            try:
                self._retention.enforce()
            except Exception:
                log.exception("Old runs could not be deleted; the next time they will be")
            self.concurrency.sleep(LOOK_SECONDS)


class Application(Flask):
    """Flask, but its log of a request that failed doesn't hold the link that was asked for."""

    def log_exception(self, exc_info: Any) -> None:
        """Log the route in the place of the path."""
        self.logger.error("%s %s failed", request.method, request.url_rule, exc_info=exc_info)


def create_app(config: Settings | Mapping[str, Any] | object | None = None) -> Flask:
    """The hub as a Flask application.

    `config` is a `Settings`, which is taken as it is, or what Flask takes: a mapping or an object with upper-case
    keys, over which `PROGRESS_HUB_*` environment variables win.
    """
    app = Application("progress_hub", static_folder=None)
    if isinstance(config, Settings):
        settings = config
    else:
        if isinstance(config, Mapping):
            app.config.from_mapping(config)
        elif config is not None:
            app.config.from_object(config)
        settings = Settings.load(app.config, os.environ)
    hub = app.extensions["progress_hub"] = Hub(settings)
    hub.attach(app)
    return app
