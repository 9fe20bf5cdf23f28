"""A run with an owner, who gives out links to it and takes them back."""

from __future__ import annotations

from typing import Any

from tests.support.asking import Answer, ask, link_id
from tests.support.clients import Publisher, new_token, sha256
from tests.support.hub import Hub


class OwnedRun(Publisher):
    """A run whose owner link is `owner`, and whose view link is `token`."""

    def __init__(self, hub: Hub, before: OwnedRun | None = None) -> None:
        """`before` is the run that is taken up."""
        self.owner: str = before.owner if before else new_token()
        again: dict[str, Any] = {"run": before.run, "token": before.token, "epoch": before.epoch + 1} if before else {}
        super().__init__(hub, **again)
        assert "error" not in self.open()

    def open(self, **changes: Any) -> Any:
        """Send `open`."""
        tokens = {"view": self.token, "owner": self.owner}
        links = [{"role": role, "sha256": sha256(token.encode())} for role, token in tokens.items()]
        return super().open(**{"links": links, **changes})

    def ask(self, method: str, path: str = "", body: Any = None) -> Answer:
        """Ask as the owner."""
        return ask(self.hub, method, f"/r/{self.owner}/links{path}", body)

    def add(self, role: str = "view", **more: Any) -> dict[str, Any]:
        """A new link."""
        answer = self.ask("POST", "", {"role": role, **more})
        assert answer.status == 201, answer
        added: dict[str, Any] = answer.json
        return added

    def revoke(self, token: str) -> Answer:
        """End a link."""
        return self.ask("DELETE", f"/{link_id(token)}")

    def links(self) -> dict[str, dict[str, Any]]:
        """All links, by their labels."""
        return {link["label"]: link for link in self.ask("GET").json}
