"""Groups and notes in the words of GitHub, GitLab and Buildkite, and headings that are none."""

import pytest
from tests.recognise.replayed import reports


def groups(output: str) -> list[tuple[str, bool]]:
    return [(report["name"], report["open"]) for report in reports(output) if report["kind"] == "group"]


def test_github_groups() -> None:
    output = "::group::Install\r\none\r\n::endgroup::\r\n::group::Test\r\n"
    assert groups(output) == [("Install", True), ("Install", False), ("Test", True)]
    assert [report["at"] for report in reports(output)] == [18, 37, 52]


def test_github_notes() -> None:
    output = (
        "::warning file=app.py,line=1::Missing semicolon\r\n::error::Boom\r\n::notice title=A::Hi\r\n::debug::x\r\n"
    )
    assert [(report["kind"], report["level"], report["text"]) for report in reports(output)] == [
        ("note", "warning", "Missing semicolon"),
        ("note", "error", "Boom"),
        ("note", "info", "Hi"),
    ]


def test_gitlab_sections_hide_their_marks() -> None:
    inner = "\x1b[0Ksection_start:2:in\r\x1b[0K\x1b[36;1mInner\x1b[0m\r\nx\r\n\x1b[0Ksection_end:3:in\r\x1b[0K\r\n"
    output = f"section_start:1:out[collapsed=true]\r\x1b[0KOuter\r\n{inner}section_end:4:out\r\x1b[0K\r\n"
    assert groups(output) == [("Outer", True), ("Inner", True), ("Inner", False), ("Outer", False)]


def test_a_gitlab_section_that_is_left_closes_what_was_left_open_in_it() -> None:
    output = "section_start:1:out\r\x1b[0KOuter\r\n::group::Lost\r\nsection_end:4:out\r\x1b[0K\r\n"
    assert groups(output) == [("Outer", True), ("Lost", True), ("Lost", False), ("Outer", False)]


def test_a_buildkite_heading_opens_a_group_until_the_next() -> None:
    output = "--- :docker: Build image\r\nx\r\n+++ Run the tests\r\ny\r\n~~~ Cleaning up\r\nz\r\n"
    assert groups(output) == [
        (":docker: Build image", True),
        (":docker: Build image", False),
        ("Run the tests", True),
        ("Run the tests", False),
        ("Cleaning up", True),
    ]


@pytest.mark.parametrize(
    "output",
    [
        "---\r\ntitle: x\r\n---\r\n",
        "--- a/app.py\r\n+++ b/app.py\r\n@@ -1 +1 @@\r\n",
        "--- old file.txt\t2026-11-22 10:00:00\r\n+++ new file.txt\t2026-11-22 10:00:01\r\n",
        "--- app.py\r\n+++ app.py\r\n",
        "--- Some old name\r\n+++ Some new name\r\n@@ -1 +1 @@\r\n",
        "--- PASS: TestFoo (0.00s)\r\n",
        "--- 10.0.0.1 ping statistics ---\r\nx\r\n",
        "--- Logging error ---\r\nx\r\n",
        "~~~ python\r\nx = 1\r\n~~~\r\n",
        "  --- Indented\r\nx\r\n",
        "::endgroup::\r\nsection_end:1:never\r\x1b[0K\r\n",
        "std::group::Name\r\n",
        "a ::group:: in a sentence\r\n",
    ],
)
def test_what_is_no_heading(output: str) -> None:
    assert reports(output) == []
