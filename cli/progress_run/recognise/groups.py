"""Groups and notes in the words of CI systems.

GitHub `::group::T`, `::endgroup::`, `::error file=…::text`
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions); GitLab `section_start:TIME:NAME\\r`
and a heading (https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections); Buildkite `--- T`, `+++ T`,
`~~~ T` (https://buildkite.com/docs/pipelines/configure/managing-log-output), which open a group until the next one.
"""

from __future__ import annotations

from typing import Any

from progress_run.lazy import Pattern

DEPTH = 32
TEXT_CHARS = 2000

_COMMAND = Pattern(r"::(group|endgroup|error|warning|notice)(?: [^:]*(?::[^:]+)*)?::(.*)")
_SECTION = Pattern(r"section_(start|end):\d{1,12}:([\w.-]{1,100})(?:\[[^\]]*\])?")
_HEADING = Pattern(r"(?:---|\+\+\+|~~~) ([^\s\-+~].*)")
_NO_HEADING = Pattern(r"[ab]/\S|/|[^\s:]+$|\S+\t|.*[-+~]{3}$|(?:PASS|FAIL|SKIP|BENCH):|\S*[./]\S*\s")
_MARKS = ("--- ", "+++ ", "~~~ ")
_LEVELS = {"error": "error", "warning": "warning", "notice": "info"}


class Groups:
    """Follows which groups are open; its methods give reports without `at`."""

    def __init__(self) -> None:
        self._open: list[tuple[str, str]] = []
        """(what closes it, name)"""
        self._section: str | None = None
        self._heading: str | None = None

    def begun(self, text: str) -> list[dict[str, Any]]:
        """A line the pen was lifted from, which another may overwrite: GitLab hides its marks so."""
        match = _SECTION.match(text)
        if match is None:
            return []
        if match[1] == "start":
            self._section = match[2]
            return []
        return self._close(match[2])

    def ended(self, text: str) -> list[dict[str, Any]]:
        """A line that a newline ended."""
        if self._section is not None:
            section, self._section = self._section, None
            return self._enter(section, _SECTION.sub("", text).strip() or section)
        heading, self._heading = self._heading, None
        if heading is None:
            return self._line(text)
        if text.startswith("+++ "):
            return []  # the names of a diff
        return self._next_heading(heading) + self._line(text)

    def _line(self, text: str) -> list[dict[str, Any]]:
        if text.startswith("::"):
            command = _COMMAND.match(text)
            return self._command(command[1], command[2].strip()) if command else []
        if text.startswith("section_"):
            return self._plain_section(text)
        heading = _HEADING.match(text) if text.startswith(_MARKS) else None
        if heading and not _NO_HEADING.match(heading[1]):
            self._heading = heading[1].strip()
        return []

    def _plain_section(self, text: str) -> list[dict[str, Any]]:
        reports = self.begun(text)
        return reports + self.ended(text) if self._section is not None else reports

    def _command(self, name: str, text: str) -> list[dict[str, Any]]:
        if name == "group":
            return self._enter("::", text or "Group")
        if name == "endgroup":
            return self._close("::")
        return [{"kind": "note", "level": _LEVELS[name], "text": text[:TEXT_CHARS]}]

    def _next_heading(self, name: str) -> list[dict[str, Any]]:
        return self._close("---") + self._enter("---", name)

    def _enter(self, closes: str, name: str) -> list[dict[str, Any]]:
        if len(self._open) >= DEPTH:
            return []
        self._open.append((closes, name))
        return [_group(name, True)]

    def _close(self, closes: str) -> list[dict[str, Any]]:
        """Close the innermost group of this kind, and what was left open inside it."""
        places = [place for place, group in enumerate(self._open) if group[0] == closes]
        if not places:
            return []
        inside = self._open[places[-1] :]
        del self._open[places[-1] :]
        return [_group(name, False) for _, name in reversed(inside)]


def _group(name: str, opened: bool) -> dict[str, Any]:
    return {"kind": "group", "name": name[:200], "open": opened}
