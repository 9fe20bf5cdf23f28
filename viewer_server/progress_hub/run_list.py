"""The list of runs over HTTP, for the hub's owner: a link leads to one run, the owner's key to all of them."""

from __future__ import annotations

import time
from functools import wraps
from typing import Any

from flask import Blueprint, abort, request

from progress_hub import links
from progress_hub.keys import Keys
from progress_hub.listing import Listing
from progress_hub.owner import Owner
from progress_hub.removal import Removal
from progress_hub.runs import NoRun, Runs
from progress_hub.wire import token_sha256
from progress_hub.writer import REVOKE_LINK, Write
from progress_run.protocol import ListedRun

NOT_LISTED = "No such run is here any more."


class RunList:
    """`/api/runs`, and what the owner may do with a run of it. Every route wants an owner key as a bearer token."""

    def __init__(self, listing: Listing, runs: Runs, removal: Removal, owner: Owner, keys: Keys) -> None:
        self._listing = listing
        self._runs = runs
        self._removal = removal
        self._owner = owner
        self._keys = keys
        self.blueprint = Blueprint("run_list", __name__)
        for rule, method, view in (
            ("/api/runs", "GET", self.runs),
            ("/api/runs/<run_id>", "DELETE", self.delete),
            ("/api/runs/<run_id>/link", "POST", self.link),
            ("/api/runs/<run_id>/keep", "POST", self.keep),
            ("/api/runs/<run_id>/keep", "DELETE", self.let_go),
        ):
            self.blueprint.add_url_rule(rule, view.__name__, self._owners(view), methods=[method])

    def runs(self) -> list[ListedRun]:
        """The runs that started last, or last before the run with the id `before`, newest first."""
        found = self._listing.page(request.args.get("before"))
        if found is None:
            abort(400, "before has to be the id of a run.")
        return found

    def link(self, run_id: str) -> dict[str, str]:
        """The list's own link to a run: its token, the same each time; it works again, if it was revoked."""
        token = self._owner.token(run_id)
        sha256 = token_sha256(token)
        row = {"sha256": sha256, "run": run_id, "role": "view", "minted": True, "label": "list", "created": time.time()}
        with self._runs.held(run_id):
            self._runs.commit(Write(run_id, links=[row], further=[(REVOKE_LINK, {"of": sha256, "at": None})]))
        return {"token": token}

    def delete(self, run_id: str) -> tuple[str, int]:
        """Delete a run that has ended or is lost."""
        self._removal.remove(run_id)
        return "", 204

    def keep(self, run_id: str) -> tuple[str, int]:
        """Exempt a run from being deleted by age or number."""
        return self._keep(run_id, True)

    def let_go(self, run_id: str) -> tuple[str, int]:
        """Exempt it no longer."""
        return self._keep(run_id, False)

    def _keep(self, run_id: str, kept: bool) -> tuple[str, int]:
        with self._runs.held(run_id):
            self._runs.commit(Write(run_id, owner={"kept": kept}))
        return "", 204

    def _owners(self, view: Any) -> Any:
        @wraps(view)
        def guarded(**values: str) -> Any:
            if not self._keys.admits("owner", links.bearer()):
                links.ask_for_key(links.OWNER_KEY_WANTED)
            try:
                return view(**values)
            except NoRun:
                abort(404, NOT_LISTED)

        return guarded
