"""What a job finds around it, in a few words: the system, the Python, and who manages the machine. No secrets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from progress_run.protocol import LABEL_CHARACTERS
from progress_run.small_file import beginning

_CI = {
    "GITHUB_ACTIONS": "GitHub Actions",
    "GITLAB_CI": "GitLab CI",
    "BUILDKITE": "Buildkite",
    "CIRCLECI": "CircleCI",
    "JENKINS_URL": "Jenkins",
    "TEAMCITY_VERSION": "TeamCity",
    "TF_BUILD": "Azure Pipelines",
    "CI": "yes",
}
"""What CI systems set, the general name last."""

_BATCH = {"SLURM_JOB_ID": "Slurm", "PBS_JOBID": "PBS", "LSB_JOBID": "LSF"}
"""Where batch systems put the number of a job."""

_SETTINGS_BYTES = 4096

_CONTAINERS = {
    "KUBERNETES_SERVICE_HOST": "Kubernetes",
    "APPTAINER_NAME": "Apptainer",
    "SINGULARITY_NAME": "Singularity",
}
_CONTAINER_FILES = {"/.dockerenv": "Docker", "/run/.containerenv": "Podman"}


def summary(environ: Mapping[str, str], program: str) -> dict[str, str]:
    """What is known of the surroundings of a job that `program` is to run, by name; each value is one short line."""
    facts = {
        "system": _system(),
        "python": _python(environ, program),
        "venv": _short(environ.get("VIRTUAL_ENV", "")),
        "conda": environ.get("CONDA_DEFAULT_ENV", ""),
        "container": _container(environ),
        "ci": next((name for variable, name in _CI.items() if environ.get(variable)), ""),
        "batch": next(_batch_jobs(environ), ""),
        "gpus": environ.get("CUDA_VISIBLE_DEVICES", ""),
    }
    return {name: " ".join(value.split())[:LABEL_CHARACTERS] for name, value in facts.items() if value.strip()}


def _system() -> str:
    system = os.uname()
    return f"{system.sysname} {system.release} {system.machine}"


def _python(environ: Mapping[str, str], program: str) -> str:
    """The version of the virtualenv's Python, or the name of the interpreter that is to run the job."""
    if environ.get("VIRTUAL_ENV"):
        version = _setting(Path(environ["VIRTUAL_ENV"]) / "pyvenv.cfg", ("version", "version_info"))
        if version:
            return version
    name = os.path.basename(os.path.realpath(program))
    return name.removeprefix("python") if name.startswith("python") else ""


def _setting(path: Path, names: tuple[str, ...]) -> str:
    """The first of some settings in a file of `name = value` lines (PEP 405)."""
    pairs = (line.partition("=") for line in beginning(path, _SETTINGS_BYTES).splitlines())
    return next((value.strip() for name, _, value in pairs if name.strip() in names), "")


def _short(path: str) -> str:
    """The last two parts of a path: a virtualenv's own name is mostly the same."""
    return "/".join(Path(path).parts[-2:])


def _container(environ: Mapping[str, str]) -> str:
    named = [name for variable, name in _CONTAINERS.items() if environ.get(variable)]
    found = (name for file, name in _CONTAINER_FILES.items() if os.path.exists(file))
    return named[0] if named else next(found, "")


def _batch_jobs(environ: Mapping[str, str]) -> Iterator[str]:
    return (f"{name} {environ[variable]}" for variable, name in _BATCH.items() if environ.get(variable))
