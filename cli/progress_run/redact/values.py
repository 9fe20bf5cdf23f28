"""Secrets that the environment gives away: values of variables named like secrets, passwords in URLs."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping

from progress_run.redact import SHORTEST

_LONGEST_WORD = 15
"""Letters, or digits, beyond which nobody takes them for a word or a number."""

_LONGEST_PART = 24
"""Characters of a name of a file beyond which nothing is taken for a path unless it exists."""

_ENDINGS = ("TOKEN", "TOKENS", "SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "APIKEY", "CREDENTIALS")
_WORDS = ("KEY", "KEYS", "PWD", "AUTH", "PAT", "CREDS", "CREDENTIAL")
_NOT_IT = ("FILE", "PATH", "DIR", "SOCK", "URL", "URI", "HOST", "NAME", "USER", "TYPE", "MODE", "LENGTH", "SIZE")
"""What follows the word where the value is not the secret itself."""


def secret_values(environ: Mapping[str, str], named: Collection[str]) -> dict[bytes, str]:
    """What to mask, and the variable whose value it is; those that are `named` whatever they look like."""
    found: dict[bytes, str] = {}
    for name, value in environ.items():
        for secret in _secrets_of(name, value, wanted=name in named):
            found.setdefault(os.fsencode(secret), name)
    return found


def _secrets_of(name: str, value: str, *, wanted: bool) -> Iterator[str]:
    if wanted:
        yield from filter(None, map(str.strip, value.splitlines()))
    elif names_secret(name):
        yield from (line for line in map(str.strip, value.splitlines()) if is_secret(line))
    elif "://" in value and "@" in value:
        yield from filter(is_secret, re.findall(r"://[^\s/:@]*:([^\s/@]+)@", value))


def names_secret(name: str) -> bool:
    """Whether a variable or an option of this name has a secret as its value."""
    words = name.upper().replace("-", "_").strip("_").split("_")
    if words[-1] in _NOT_IT:
        return False
    return any(word in _WORDS or word.endswith(_ENDINGS) for word in words)


def is_secret(value: str) -> bool:
    """Whether a value is long enough, no path and no word."""
    if len(value) < SHORTEST or value.startswith("-----"):
        return False
    if len(value) <= _LONGEST_WORD and (value.isdigit() or (value.isalpha() and _is_one_case(value))):
        return False
    return not _is_path(value)


def _is_one_case(value: str) -> bool:
    return value[1:].islower() or value.isupper()


def _is_path(value: str) -> bool:
    """Keys may begin with a slash, too, but then go on without another for long."""
    if not value.startswith(("/", "~/", "./", "../")):
        return False
    return max(map(len, value.split("/"))) <= _LONGEST_PART or os.path.exists(value)
