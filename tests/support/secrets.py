"""Secrets of every shape that is known, made up, and in two parts, since there are scanners that look for them."""

from __future__ import annotations

import base64


def _word(length: int, letters: str = "aB3dE5gH7jK9") -> str:
    return (letters * length)[:length]


def _jwt(*parts: str) -> str:
    """All but the three letters by which every one begins."""
    return ".".join([*(base64.urlsafe_b64encode(each.encode()).decode().rstrip("=") for each in parts), _word(43)])[3:]


TOKENS: dict[str, tuple[str, str]] = {
    "GitHub": ("ghp_", _word(36)),
    "GitHub, fine-grained": ("github_pat_", _word(22) + "_" + _word(59)),
    "npm": ("npm_", _word(36)),
    "Stripe": ("sk_live_", _word(24)),
    "Stripe, restricted": ("rk_test_", _word(24)),
    "webhook": ("whsec_", _word(32)),
    "Hugging Face": ("hf_", _word(34)),
    "DigitalOcean": ("dop_v1_", _word(64, "0a1b2c3d4e5f")),
    "Docker": ("dckr_pat_", _word(27)),
    "Groq": ("gsk_", _word(52)),
    "Grafana": ("glsa_", _word(32) + "_" + _word(8)),
    "RubyGems": ("rubygems_", _word(48, "0a1b2c3d4e5f")),
    "Shopify": ("shpat_", _word(32, "0a1b2c3d4e5f")),
    "Linear": ("lin_api_", _word(40)),
    "AWS secret": ("aws_secret_access_key = ", _word(20) + "/" + _word(19)),
    "AWS secret, environment": ("AWS_SECRET_ACCESS_KEY=", _word(40)),
    "AWS secret, JSON": ('"SecretAccessKey": "', _word(40)),
    "AWS id": ("AKIA", _word(16, "Q7RSTUVWXYZ2")),
    "AWS id, temporary": ("ASIA", _word(16, "Q7RSTUVWXYZ2")),
    "GitLab": ("glpat-", _word(20)),
    "GitLab, runner": ("glrt-", _word(20)),
    "Slack": ("xoxb-", f"{_word(12, '123456789')}-{_word(24)}"),
    "Slack, app": ("xapp-", f"1-A01-{_word(13, '123456789')}-{_word(40)}"),
    "Slack, webhook": ("https://hooks.slack.com/services/", f"T0{_word(8)}/B0{_word(8)}/{_word(24)}"),
    "OpenAI": ("sk-", _word(48)),
    "OpenAI, project": ("sk-", f"proj-{_word(40)}_{_word(40)}"),
    "Anthropic": ("sk-", f"ant-api03-{_word(80)}-AA"),
    "PyPI": ("pypi-", "AgE" + _word(90)),
    "Google": ("AIza", "Sy" + _word(33)),
    "Google, OAuth": ("ya29.", _word(60)),
    "Google, client": ("GOCSPX-", _word(28)),
    "xAI": ("xai-", _word(80)),
    "age": ("AGE-SECRET-KEY-", "1" + _word(58, "QPZRY9X8GF2TVDW0")),
    "Vault": ("hvs.", _word(90)),
    "SendGrid": ("SG.", f"{_word(22)}.{_word(43)}"),
    "Azure": ("AccountKey=", _word(86) + "=="),
    "JWT": ("eyJ", _jwt('{"alg":"HS256"}', '{"sub":"someone"}')),
    "header": ("Authorization: Bearer ", _word(40)),
    "header, basic": ("authorization: Basic ", _word(24) + "=="),
    "header, as JSON": ('"Authorization": "Bearer ', _word(40)),
    "header without a scheme": ("Authorization: ", _word(24)),
    "URL": ("postgres://joe:", _word(9)),
    "URL without a name": ("redis://:", _word(9)),
}
"""What stays of each, and what is masked; a URL goes on with `@`."""

AFTER = {"URL": "@db/", "URL without a name": "@cache/"}
"""What has to follow."""


def line_of(name: str) -> tuple[str, str]:
    """A line that has the secret, and the same line with a mask in its place."""
    stays, secret = TOKENS[name]
    after = AFTER.get(name, " (valid)" if "header" not in name else "")
    return f"using {stays}{secret}{after}", f"using {stays}***{after}"


PRIVATE_KEY = "\n".join(
    [
        "-----BEGIN OPENSSH PRIVATE " + "KEY-----",
        *(_word(70) for _ in range(6)),
        _word(11) + "=",
        "-----END OPENSSH PRIVATE " + "KEY-----",
    ]
)
