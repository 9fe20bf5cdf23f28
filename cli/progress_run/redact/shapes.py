"""Secrets that can be told by how they look, as those describe them who issue them; docs/redaction.md lists them."""

from __future__ import annotations

from progress_run.redact.rules import Rule, Shape, Shapes, family

_GLUE = rb"[\"']?[ \t]*[:=][ \t]*[\"']?"
"""Between the name of a value and the value, in headers, settings and JSON."""

_LONG = rb"(?=[0-9A-Za-z_+/.-]{10})"
"""So much of one word: where that is not so, there is no need to look at what was before."""

_PARAMETER_BYTES = 40
"""Of an escape sequence, between `[` and the letter that ends it: as much as two colours of 24 bits take, and `1;`."""


def _other_word(lead: bytes) -> bytes:
    """Not in the midst of a word; an escape sequence, as one that sets the colour, may be before it.

    Were just any letter taken for the end of that, a word might have a beginning in every four bytes, and be read to
    its end from each.
    """
    lengths = range(_PARAMETER_BYTES + 1)
    sequences = b"|".join(rb"(?<=\x1b\[[0-9;:]{%d}[A-Za-z]%b)" % (length, lead) for length in lengths)
    return rb"(?:(?<![0-9A-Za-z_-]%b)|(?<=[0-9;:\[][A-Za-z]%b)(?:%b))" % (lead, lead, sequences)


_SCHEMES = rb"(?:[Bb]earer|[Bb]asic|[Tt]oken|Digest|Negotiate|AWS4-HMAC-SHA256|ApiKey|Bot|OAuth)[ \t]+"


def _text_but(*excluded: bytes) -> bytes:
    """A character of UTF-8 that is no space, none of what a URL ends at, and none of the excluded.

    Were just any bytes taken, one in a hundred archives of 30 MB that a job pours out would hold a password.
    """
    return rb"(?:[^\x00-\x20/@\"'<>%b\x7f-\xff]|[\xc2-\xf4][\x80-\xbf]{1,3})" % b"".join(excluded)


_URL = b"://" + _text_but(b":") + rb"{0,256}:((?!\*\*\*@)" + _text_but() + rb"{1,512})@"


def _beginnings(words: str) -> tuple[bytes, ...]:
    return tuple(words.encode().split())


def known_shapes() -> list[Rule]:
    """The default set."""
    return [
        family(
            Shape("GitHub token", _beginnings("ghp_ gho_ ghu_ ghs_ ghr_"), rb"([0-9A-Za-z_]{36,})"),
            Shape("GitHub token", (b"github_pat_",), rb"([0-9A-Za-z_]{36,})"),
            Shape("npm token", (b"npm_",), rb"([0-9A-Za-z]{36,})"),
            Shape("Stripe key", _beginnings("sk_live_ sk_test_ rk_live_ rk_test_"), rb"([0-9A-Za-z]{16,})"),
            Shape("webhook secret", (b"whsec_",), rb"([0-9A-Za-z+/]{24,}=*)"),
            Shape("Hugging Face token", (b"hf_",), rb"([0-9A-Za-z]{30,})"),
            Shape("DigitalOcean token", _beginnings("dop_v1_ doo_v1_ dor_v1_"), rb"([0-9a-f]{64})"),
            Shape("Docker token", _beginnings("dckr_pat_ dckr_oat_"), rb"([0-9A-Za-z_-]{20,})"),
            Shape("Groq key", (b"gsk_",), rb"([0-9A-Za-z]{40,})"),
            Shape("Grafana token", _beginnings("glsa_ glc_"), rb"([0-9A-Za-z+/_]{32,}=*)"),
            Shape("RubyGems key", (b"rubygems_",), rb"([0-9a-f]{48})"),
            Shape("Shopify token", _beginnings("shpat_ shpca_ shppa_ shpss_"), rb"([0-9A-Fa-f]{32})"),
            Shape("Linear key", (b"lin_api_",), rb"([0-9A-Za-z]{32,})"),
            Shape(
                "AWS secret key",
                _beginnings("secret_ SECRET_"),
                rb"(?:access_key|ACCESS_KEY)" + _GLUE + rb"([0-9A-Za-z/+]{40})(?![0-9A-Za-z/+])",
            ),
            then=_LONG,
        ),
        family(
            Shape(
                "GitLab token",
                _beginnings("glpat- gldt- glrt- glft- glsoat- glptt- glcbt- glimt- glagent- gloas- glffct-"),
                rb"([0-9A-Za-z_.-]{20,})",
            ),
            Shape("Slack token", _beginnings("xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs-"), rb"([0-9A-Za-z-]{10,})"),
            Shape("Slack token", (b"xapp-",), rb"([0-9A-Za-z-]{20,})"),
            Shape(
                "OpenAI or Anthropic key",
                (b"sk-",),
                _other_word(b"sk-") + rb"(?=[A-Za-z_-]{0,60}[0-9])([0-9A-Za-z_-]{20,})",
            ),
            Shape("PyPI token", (b"pypi-",), rb"(AgE[0-9A-Za-z_-]{50,})"),
            Shape("Google client secret", (b"GOCSPX-",), rb"([0-9A-Za-z_-]{28})"),
            Shape("xAI key", (b"xai-",), rb"([0-9A-Za-z]{60,})"),
            Shape("age key", (b"AGE-SECRET-KEY-",), rb"(1[0-9A-Z]{58})"),
            then=_LONG,
        ),
        family(
            Shape("AWS key id", _beginnings("AKIA ASIA ABIA ACCA"), rb"([0-9A-Z]{16})(?![0-9A-Za-z])"),
        ),
        family(
            Shape("Google key", (b"AIz",), rb"a([0-9A-Za-z_-]{35})"),
            Shape(
                "authorization",
                _beginnings("Authoriz authoriz"),
                rb"ation" + _GLUE + rb"(?:%b|(?=[^\s]{0,99}[0-9]))([^\s\"'\x1b]{12,}[^\r\n\"'\x1b]*)" % _SCHEMES,
            ),
        ),
        family(
            Shape("Google token", (b"ya29.",), rb"([0-9A-Za-z_-]{20,})"),
            Shape("Vault token", _beginnings("hvs. hvb. hvr."), rb"([0-9A-Za-z_-]{24,})"),
            Shape("SendGrid key", (b"SG.",), rb"([0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{32,})"),
            Shape("Slack webhook", (b"hooks.",), rb"slack\.com/services/([0-9A-Za-z/]{20,})"),
            then=_LONG,
        ),
        family(
            Shape("AWS secret key", (b"SecretAccessK",), rb"ey" + _GLUE + rb"([0-9A-Za-z/+]{40})(?![0-9A-Za-z/+])"),
            Shape("Azure key", _beginnings("AccountK SharedAccessK"), rb"ey=([0-9A-Za-z+/]{40,}=*)"),
        ),
        family(
            Shape(
                "JSON web token",
                (b"eyJ",),
                _other_word(b"eyJ") + rb"([0-9A-Za-z_-]{8,4096}\.[0-9A-Za-z_-]{0,8192}(?:\.[0-9A-Za-z_-]+)+)",
            ),
        ),
        Shapes(b"@", b"://", b"://", _URL, ["password in a URL"]),
    ]
