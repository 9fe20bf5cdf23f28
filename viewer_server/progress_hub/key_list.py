"""The hub's keys over HTTP, for its owner; and which key somebody has."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from flask import Blueprint, abort

from progress_hub import links
from progress_hub.keys import Keys, NoKey
from progress_hub.queries import KeyRecord
from progress_run.protocol import KEY_KINDS, ListedKey

WHOSE_KEY = "This takes a key of this hub as a bearer token."
NO_KEY = "No such key is here, or it is revoked already."


class KeyList:
    """`/api/keys`, for an owner key as a bearer token; `/api/key` for any."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.blueprint = Blueprint("key_list", __name__)
        self.blueprint.add_url_rule("/api/key", "mine", self.mine)
        for rule, method, view in (
            ("/api/keys", "GET", self.listed),
            ("/api/keys", "POST", self.add),
            ("/api/keys/<key_id>", "DELETE", self.revoke),
        ):
            self.blueprint.add_url_rule(rule, view.__name__, self._owners(view), methods=[method])

    def mine(self) -> ListedKey:
        """What the key is that came with the request."""
        key = self._keys.find(links.bearer(), *KEY_KINDS)
        if key is None:
            links.ask_for_key(WHOSE_KEY)
        return _as_listed(key)

    def listed(self) -> list[ListedKey]:
        """All keys, also those that were revoked."""
        return [_as_listed(key) for key in self._keys.all()]

    def add(self) -> tuple[dict[str, Any], int]:
        """A new key `{name, kind}`; what it is is said once."""
        body = links.body()
        kind = body.get("kind")
        if kind not in KEY_KINDS:
            abort(400, f"kind has to be one of {', '.join(KEY_KINDS)}.")
        name = links.text("name", body.get("name"))
        if not name:
            abort(400, "A key needs a name.")
        key, secret = self._keys.add(name, kind)
        return {**_as_listed(key), "key": secret}, 201

    def revoke(self, key_id: str) -> tuple[str, int]:
        """End a key: whoever is connected by it is cut."""
        try:
            self._keys.revoke(key_id)
        except NoKey:
            abort(404, NO_KEY)
        return "", 204

    def _owners(self, view: Any) -> Any:
        @wraps(view)
        def guarded(**values: str) -> Any:
            if not self._keys.admits("owner", links.bearer()):
                links.ask_for_key(links.OWNER_KEY_WANTED)
            return view(**values)

        return guarded


def _as_listed(key: KeyRecord) -> ListedKey:
    fields = {name: getattr(key, name) for name in ListedKey.__annotations__}
    return cast("ListedKey", fields)
