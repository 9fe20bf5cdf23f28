"""What is taken for a secret, and what is not."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.secrets import PRIVATE_KEY, TOKENS, line_of

from progress_run.redact.mask import Mask
from progress_run.redact.wish import Wish

ROOT = Path(__file__).resolve().parents[2]


def masked(text: str, *patterns: str, **environ: str) -> str:
    return Mask(Wish(patterns), environ).text(text)


@pytest.mark.parametrize("name", TOKENS)
def test_a_known_shape_is_masked_and_what_it_was_can_still_be_read(name: str) -> None:
    line, expected = line_of(name)
    assert masked(line) == expected


@pytest.mark.parametrize("name", TOKENS)
def test_so_it_is_among_others_in_quotes_in_colour_and_at_the_end(name: str) -> None:
    line, expected = line_of(name)
    assert masked(f"first\n\x1b[32m{line}\x1b[0m\r\nlast") == f"first\n\x1b[32m{expected}\x1b[0m\r\nlast"
    assert masked(line[len("using ") :]) == expected[len("using ") :]


@pytest.mark.parametrize(
    "text",
    [
        "authorization: see the documentation",
        "Authorization: unsuccessful",
        "task-runner-for-the-first-time risk-assessment-of-2024-and-beyond",
        "sk-learn-contrib-and-other-packages",
        "https://example.org/a@b https://user@example.org:8080/ git@github.com:a/b.git",
        "test_the_runner_never_imports_the_hub_and_nothing_else_does",
        "AKIABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "commit 5f1d7b9f6a2f8e7c3b1a0d9e8f7c6b5a4d3e2f1a",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "eyJust a word. And another. And a third",
        "BEGIN TRANSACTION; the PRIVATE KEY is elsewhere",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert masked(text) == text


COLOURS = ["", "0", "1;31", "38;5;208", "1;38;2;255;255;255", "4:3", "1;38;2;248;248;242;48;2;139;140;134"]


@pytest.mark.parametrize("sequence", [*(f"{colour}m" for colour in COLOURS), "K", "2K", "1G", "0;31m\x1b[K"])
@pytest.mark.parametrize("name", ["JWT", "OpenAI"])
def test_a_secret_behind_an_escape_sequence_is_one_but_not_the_end_of_a_word(name: str, sequence: str) -> None:
    """A word of as many beginnings as it has room for would else be read to its end from each."""
    stays, secret = TOKENS[name]
    assert masked(f"\x1b[{sequence}{stays}{secret}\x1b[0m") == f"\x1b[{sequence}{stays}***\x1b[0m"
    assert masked(f"from{stays}{secret}") == f"from{stays}{secret}"


def test_what_real_programs_print_stays() -> None:
    """The recordings of some ninety programs, and our own sources."""
    casts = sorted((ROOT / "tests" / "recognise" / "recordings").glob("*.cast"))
    texts = {cast.name: "".join(json.loads(line)[2] for line in cast.read_text().splitlines()[1:]) for cast in casts}
    texts |= {str(path): path.read_text() for path in sorted((ROOT / "cli").rglob("*.py"))}
    assert len(texts) > 100
    assert [name for name, text in texts.items() if masked(text) != text] == []


def test_of_a_private_key_stay_the_first_line_and_the_last() -> None:
    first, *lines, last = PRIVATE_KEY.splitlines()
    assert masked(f"{PRIVATE_KEY}\nhello, world\n") == "\n".join(
        [first, *["***" for _ in lines], last, "hello, world", ""]
    )
    assert lines[0] not in masked("web_1  | " + PRIVATE_KEY.replace("\n", "\nweb_1  | "))
    assert lines[0] not in masked(json.dumps(PRIVATE_KEY))
    assert masked(f"{first}\nno key after all, but some words\n") == f"{first}\nno key after all, but some words\n"


@pytest.mark.parametrize(
    "name",
    [
        "TOKEN",
        "GITHUB_TOKEN",
        "gh_token",
        "AWS_SECRET_ACCESS_KEY",
        "PGPASSWORD",
        "MYSQL_PWD",
        "API_KEY",
        "npm_config__authToken",
    ],
)
def test_the_value_of_a_variable_named_like_a_secret_is_masked(name: str) -> None:
    assert masked("it is c0rrect-horse, really", **{name: "c0rrect-horse"}) == "it is ***, really"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EDITOR", "c0rrect-horse"),
        ("TOKENIZERS_PARALLELISM", "c0rrect-horse"),
        ("KEYMAP", "c0rrect-horse"),
        ("TOKEN", "s3cret"),
        ("TOKEN", "production"),
        ("TOKEN", "Disabled"),
        ("TOKEN", "20241231"),
        ("PWD", "/home/joe/project"),
        ("SSH_AUTH_SOCK", "/run/user/1000/keyring/ssh"),
        ("SSL_KEY", "./certs/server.pem"),
        ("API_KEY_FILE", "c0rrect-horse"),
    ],
)
def test_other_values_stay(name: str, value: str) -> None:
    assert masked(f"it is {value}", **{name: value}) == f"it is {value}"


def test_a_secret_that_looks_like_a_path_is_none() -> None:
    secret = "/" + TOKENS["GitHub"][1]
    assert masked(f"it is {secret}.", MY_SECRET=secret) == "it is ***."


def test_a_password_in_the_url_of_a_variable_is_masked_wherever_it_stands() -> None:
    assert masked("it is c0rrect-horse", DATABASE_URL="postgres://joe:c0rrect-horse@db/x") == "it is ***"


def test_the_lines_of_a_value_are_secrets_each() -> None:
    assert masked("a: 1st-s3cret, b: 2nd-s3cret", BOTH_TOKENS="1st-s3cret\n2nd-s3cret\n") == "a: ***, b: ***"


def test_a_variable_that_is_named_is_masked_whatever_its_value() -> None:
    mask = Mask(Wish(names=("PIN", "UNSET")), {"PIN": "0815"})
    assert mask.text("the pin is 0815") == "the pin is ***"
    assert mask.counts == {"value of PIN": 1}


def test_a_pattern_masks_its_groups_or_all_of_it() -> None:
    assert masked("id=17 pin=4711", r"pin=\d+") == "id=17 ***"
    assert masked("id=17 pin=4711", r"(?:id|pin)=(\d+)") == "id=*** pin=***"


def test_a_pattern_sees_one_line_at_a_time() -> None:
    assert masked("pin:\r\n4711\r\npin: 4711\r\n", r"pin:\s+\S+") == "pin:\r\n4711\r\n***\r\n"
    assert masked("4711\r\nthe 4711\r\n4711 it is\r\n", r"^4711$") == "***\r\nthe 4711\r\n4711 it is\r\n"
    assert masked("", "x*") == ""
    assert masked("ab", "x*") == "ab"


def test_secrets_that_overlap_get_one_mask() -> None:
    assert masked("<abcdefgh-1234-ijklmnop>", "abcdefgh-1234", "1234-ijklmnop") == "<***>"


def test_what_is_masked_already_is_not_counted_again() -> None:
    mask = Mask(Wish(), {})
    assert mask.text(mask.text(line_of("URL")[0])) == line_of("URL")[1]
    assert mask.counts == {"password in a URL": 1}


@pytest.mark.parametrize("address", ["smb://jürgen:{}@nas", "postgres://u:{}@db:5432/x", "redis://:{}@cache"])
@pytest.mark.parametrize("password", ["pässwörd", "密码", "a:b&c?d", "x"])
def test_passwords_in_urls_are_text_of_any_language(address: str, password: str) -> None:
    assert masked(address.format(password)) == address.format("***")


def test_noise_holds_no_passwords() -> None:
    """But by a chance in 20,000, at each of the places that look like a URL's beginning."""
    chance, mask = random.Random(6), Mask(Wish(), {})
    noise = b"".join(b"://" + chance.randbytes(1000) for _ in range(20_000))
    assert len(mask.spans(noise)) < 10


def test_in_a_command_line_the_values_of_options_are_secrets_as_well() -> None:
    mask = Mask(Wish(), {})
    argv = ["deploy", "--token", "c0rrect-horse", "--db-password=c0rrect-horse", "API_KEY=c0rrect-horse"]
    assert mask.command(argv) == ["deploy", "--token", "***", "--db-password=***", "API_KEY=***"]
    other = ["train", "--max-tokens", "100", "--sort-key=name", "--key-file", "c0rrect-horse", "--token", "--verbose"]
    assert mask.command(other) == other
    script = "curl https://u:c0rrect-horse@db/; FOO=1 API_TOKEN=c0rrect-horse deploy --env=DB_PASSWORD=c0rrect-horse"
    masked = "curl https://u:***@db/; FOO=1 API_TOKEN=*** deploy --env=DB_PASSWORD=***"
    assert mask.command(["sh", "-c", script]) == ["sh", "-c", masked]


def test_a_name_in_a_note_is_short_and_harmless() -> None:
    mask = Mask(Wish(), {})
    mask.command([f"{'ü' * 2000}_TOKEN=c0rrect-horse"])
    assert all(len(name) < 100 for name in mask.counts)


def test_nothing_is_masked_where_nobody_wants_it() -> None:
    mask = Mask(Wish(nothing=True), {"TOKEN": "c0rrect-horse"})
    line = line_of("GitHub")[0]
    assert mask.text(line) == line
    assert mask.command(["--token", "c0rrect-horse"]) == ["--token", "c0rrect-horse"]
    assert mask.text(f"{line} c0rrect-horse") == f"{line} c0rrect-horse"


def test_before_a_short_command_no_rules_are_made() -> None:
    program = (
        "import sys, progress_run.commands.run; from progress_run.recorder.recording import Redaction;"
        "assert Redaction((), (), nothing=False).command(['true']) == ['true']; print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "progress_run.recorder.recording" in loaded
    assert [name for name in loaded if name.startswith("progress_run.redact.") or name.endswith(".redactor")] == []
