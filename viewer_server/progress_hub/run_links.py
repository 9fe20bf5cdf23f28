"""A run's links, for whoever has its owner link: which there are and who watches by them; new ones, and their end."""

from __future__ import annotations

import secrets
import time
from typing import Any

from flask import Blueprint, abort

from progress_hub import links
from progress_hub.grants import Grants
from progress_hub.queries import LinkRecord
from progress_hub.runs import Runs
from progress_hub.store import Store
from progress_hub.watch import Watch
from progress_hub.wire import Refused, is_seconds, token_sha256
from progress_hub.writer import ADD_LINK, FORGET_LINKS, REVOKE_LINK, Write
from progress_run.protocol import GIVEN_ROLES, ListedLink, Role, at_least

TOKEN_BYTES = 18
ANY_NUMBER = 2**31


class RunLinks:
    """`/r/<token>/links`; with a link that is less than the owner's, nothing is there."""

    def __init__(self, runs: Runs, store: Store, watch: Watch, grants: Grants, most: int) -> None:
        """A run may have that many that work."""
        self._most = most or ANY_NUMBER
        self._runs = runs
        self._store = store
        self._watch = watch
        self._grants = grants
        self.blueprint = Blueprint("run_links", __name__)
        for rule, method, view in (
            ("/r/<token>/links", "GET", self.listed),
            ("/r/<token>/links", "POST", self.add),
            ("/r/<token>/links/<link_id>", "DELETE", self.revoke),
        ):
            self.blueprint.add_url_rule(rule, view.__name__, view, methods=[method])

    def listed(self, link: LinkRecord) -> list[ListedLink]:
        """All links of the run, also those that work no longer, the oldest first."""
        _only_owners(link)
        watching = self._watch.watching(link.run)
        return [_as_listed(each, watching[each.id]) for each in self._store.links(link.run)]

    def add(self, link: LinkRecord) -> tuple[dict[str, Any], int]:
        """A new link `{role, label, expires}`; its token is said once."""
        _only_owners(link)
        token, now = secrets.token_urlsafe(TOKEN_BYTES), time.time()
        wanted = _wanted(links.body(), now)
        sha256 = token_sha256(token)
        row = {"sha256": sha256, "run": link.run, "minted": True, "created": now, **wanted}
        new = {f"new_{name}": value for name, value in row.items()}
        with self._runs.held(link.run):
            forget = (FORGET_LINKS, {"of": link.run, "now": now})
            self._runs.commit(Write(link.run, further=[(ADD_LINK, {**new, "most": self._most}), forget]))
        added = self._store.known_link(sha256)
        if added is None:
            raise Refused("conflict", f"This run has {self._most} links, and can't have more; revoke one first.")
        return {**_as_listed(added, 0), "token": token}, 201

    def revoke(self, link: LinkRecord, link_id: str) -> tuple[str, int]:
        """End a link: whoever watches by it is cut."""
        _only_owners(link)
        found = next((each for each in self._store.links(link.run) if each.id == link_id), None)
        if found is None:
            abort(404)
        if found.revoked is not None:
            self._grants.withdraw(found.sha256)  # the revocation may have become durable after its answer was given up
            abort(404)
        if found.sha256 == link.sha256:
            raise Refused("conflict", "This is the very link that you are using; it can't be revoked by itself.")
        try:
            with self._runs.held(link.run):
                self._runs.commit(Write(link.run, further=[(REVOKE_LINK, {"of": found.sha256, "at": time.time()})]))
        finally:
            self._grants.withdraw(found.sha256)
        return "", 204


def _only_owners(link: LinkRecord) -> None:
    if not at_least(link.role, "owner"):
        abort(404)


def _as_listed(link: LinkRecord, watching: int) -> ListedLink:
    role: Role = link.role  # type: ignore[assignment]  # the store has no other
    return {
        "id": link.id,
        "role": role,
        "label": link.label,
        "created": link.created,
        "expires": link.expires,
        "revoked": link.revoked,
        "watching": watching,
    }


def _wanted(body: dict[str, Any], now: float) -> dict[str, Any]:
    """Role, label and end of the link that is asked for."""
    role, expires = body.get("role"), body.get("expires")
    if role not in GIVEN_ROLES:
        abort(400, f"role has to be one of {', '.join(GIVEN_ROLES)}.")
    if expires is not None and not (is_seconds(expires) and expires > now):
        abort(400, "expires has to be a time to come, in Unix seconds, or null.")
    return {"role": role, "label": links.text("label", body.get("label", "")) or role, "expires": expires}
