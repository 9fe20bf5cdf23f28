"""What programs too large to install here write, as their sources format it: python lines.py NAME."""

import sys
import time

UP, CLEAR = "\033[A", "\033[2K"


def say(text: str, seconds: float = 0.01) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
    time.sleep(seconds)


def keras() -> None:
    """keras 3, utils/progbar.py."""
    for epoch in range(1, 4):
        say(f"Epoch {epoch}/3\n")
        for step in range(1, 41):
            full = 20 * step // 40
            bar = f"\033[32m{'━' * full}\033[0m\033[37m{'━' * (20 - full)}\033[0m"
            values = f"accuracy: {0.5 + step / 100:.4f} - loss: {1 / step:.4f}"
            time_ = "\033[1m0s\033[0m 8ms/step"
            say(f"\r\033[1m{step:>2}/40\033[0m {bar} {time_} - {values}", 0.008)
        say(f" - val_accuracy: 0.{80 + epoch} - val_loss: 0.{30 - epoch}\n")


def keras2() -> None:
    """keras 2: an arrow, and backspaces to come back."""
    for epoch in range(1, 3):
        say(f"Epoch {epoch}/2\n")
        before = ""
        for step in range(1, 51):
            full = 30 * step // 50
            bar = "=" * 30 if step == 50 else "=" * max(full - 1, 0) + ">" + "." * (30 - max(full, 1))
            line = f"{step:2d}/50 [{bar}] - ETA: 0s - loss: {1 / step:.4f} - acc: 0.9"
            say("\b" * len(before) + "\r" + line, 0.008)
            before = line
        say("\n")


def snakemake() -> None:
    say("Building DAG of jobs...\nUsing shell: /usr/bin/bash\nProvided cores: 2\n")
    for n in range(1, 13):
        date = f"[Mon Mar  3 10:00:{n:02d} 2026]"
        say(f"\n{date}\nrule align:\n    input: s{n}.fq\n    output: s{n}.bam\n    jobid: {n}\n")
        say(f"{date}\nFinished job {n}.\n{n} of 12 steps ({100 * n // 12}%) done\n", 0.03)


def epochs() -> None:
    for epoch in range(1, 11):
        say(f"Epoch {epoch}/10\n", 0.03)
        say(f"  train loss {1 / epoch:.3f}\n", 0.03)


def steps_of() -> None:
    for step in range(10, 101, 10):
        say(f"step {step} of 100\n", 0.05)


def percent_complete() -> None:
    for percent in range(0, 101, 5):
        say(f"\r{percent} % complete", 0.03)
    say("\n")


def percent_lines() -> None:
    for percent in range(0, 101, 10):
        say(f"Exporting: {percent}% complete\n", 0.04)


def yolo() -> None:
    """ultralytics: a table's head, and tqdm with the numbers as its label."""
    for epoch in range(1, 4):
        say("  Epoch  GPU_mem box_loss\n")
        for n in range(21):
            full = n // 2
            label = f"{f'{epoch}/3':>7}{'2.31G':>9}{1.2 - n / 50:>9.4g}"
            say(f"\r{label}: {n * 5:3d}%|{'█' * full}{' ' * (10 - full)}| {n}/20 [00:00<00:00, 21.3it/s]", 0.012)
        say("\n")


def gradle() -> None:
    """gradle's console: the bar below its tasks."""
    for percent in range(0, 101, 4):
        full = 13 * percent // 100
        bar = f"<{'=' * full}{'-' * (13 - full)}>"
        say(f"\r{CLEAR}\033[1m{bar} {percent}% EXECUTING [{percent // 20}s]\033[m", 0.03)
    say(f"\r{CLEAR}\n\033[32;1mBUILD SUCCESSFUL\033[0;39m in 5s\n12 actionable tasks: 12 executed\n")


def docker_pull() -> None:
    """docker pull: a line a layer, rewritten in place."""
    layers, size = ("a2abf6c4d29d", "e1acddbe380c", "f3ac85625e76"), 31.4
    say("latest: Pulling from library/python\n")
    say("".join(f"{layer}: Pulling fs layer\n" for layer in layers))
    for n in range(1, 26):
        for row, layer in enumerate(layers):
            up, part = len(layers) - row, min(1.0, n / (15 + 5 * row))
            full = int(50 * part)
            bar = "=" * max(full - 1, 0) + ">" + " " * (50 - max(full, 1))
            text = f"Downloading [{bar}]  {size * part:.2f}MB/{size}MB" if part < 1 else "Pull complete"
            say(f"\033[{up}A\r{CLEAR}{layer}: {text}\033[{up}B\r", 0.004)
        time.sleep(0.02)
    say("Digest: sha256:0a1b\nStatus: Downloaded newer image for python:latest\n")


def pacman() -> None:
    say(":: Retrieving packages...\n")
    for n in range(0, 101, 5):
        full = 28 * n // 100
        say(f"\r linux-6.8-x86_64      {n * 1.3:6.1f} MiB  41.2 MiB/s 00:02 [{'#' * full}{'-' * (28 - full)}] {n:3d}%")
    say("\n")
    for k, name in enumerate(("glibc", "linux", "mkinitcpio"), 1):
        for n in range(0, 101, 25):
            full = 28 * n // 100
            say(f"\r({k}/3) installing {name:<30} [{'#' * full}{'-' * (28 - full)}] {n:3d}%", 0.02)
        say("\n")


def bazel() -> None:
    for n in range(0, 241, 12):
        say(f"\r{CLEAR}\033[32m[{n:,} / 240]\033[0m Compiling src/main/cpp/f{n}.cc; 1s linux-sandbox", 0.03)
    say(f"\r{CLEAR}\033[32mINFO: \033[0mBuild completed successfully, 240 total actions\n")


def osc_bar() -> None:
    """OSC 9;4 without a word to go with it."""
    say("compiling\n")
    for percent in range(0, 101, 5):
        say(f"\033]9;4;1;{percent}\a", 0.02)
    say("\033]9;4;0;0\acompiled\n")


def xgboost() -> None:
    for n in range(20):
        say(f"[{n}]\ttrain-rmse:{1 / (n + 1):.5f}\tvalidation-rmse:{1.2 / (n + 1):.5f}\n", 0.02)


def journal() -> None:
    for n in range(40):
        say(
            f"Mar 03 10:00:{n:02d} web nginx[812]: 10.0.0.{n} - GET /a/{n}/{n + 9} 200 {n * 3}% 12/100 0.0{n % 10}s\n",
            0.002,
        )
        say(f"Mar 03 10:00:{n:02d} web kernel: [{n * 100}.123456] cpu{n % 4}: 45% busy, queue 3 of 8 full\n", 0.002)


def coverage() -> None:
    say("Name                 Stmts   Miss  Cover   Missing\n---------------------------------------------------\n")
    for n in range(12):
        say(f"pkg/module_{n:02d}.py      {100 + n}     {n:>3}   {100 - n:>4}%   {n}-{n + 3}\n", 0.002)
    say("---------------------------------------------------\nTOTAL                 1266     66    95%\n")


def tables() -> None:
    say("CONTAINER ID   IMAGE          COMMAND                  STATUS                    PORTS\n")
    for n in range(6):
        say(f'a1b2c3d4e5f{n}   redis:7        "docker-entrypoint.s…"   Up {n} hours (healthy)      6379/tcp\n', 0.002)
    say("NAME                    READY   STATUS    RESTARTS   AGE\n")
    for n in range(6):
        say(f"web-7d4b9c6f5-abc{n}      {n % 3}/2     Running   {n}          3d\n", 0.002)
    say("CONTAINER ID   NAME    CPU %     MEM USAGE / LIMIT     MEM %\n")
    for n in range(6):
        say(f"a1b2c3d4e5f{n}   db{n}     {n}.07%     21.4MiB / 7.6GiB      0.2{n}%\n", 0.002)


def summaries() -> None:
    say("PLAY RECAP *********************************************************************\n")
    say("web1    : ok=3    changed=1    unreachable=0    failed=0\n")
    say("Tests run: 12, Failures: 0, Errors: 0, Skipped: 1\n12 passed, 3 failed (80%)\n3/12 tests failed\n")
    say("ok 1 - parses\nok 2 - prints\n1..2\n# pass 2/2\n")
    say("Statements   : 91.2% ( 104/114 )\nBranches     : 75% ( 30/40 )\nLines        : 91.81% ( 101/110 )\n")
    say("accuracy 0.93 (93%), recall 45/50, F1 0.91\nDisk 45% full. Battery: 80%. 3 of 10 doctors agree.\n")
    say("5 packets transmitted, 5 received, 0% packet loss, time 4005ms\nScore: 7/10\n")


def markdown() -> None:
    say("---\ntitle: Report 3/4\nprogress: 45%\n---\n\n# Chapter 2/9\n\n")
    say("| task | done |\n|------|------|\n| a    | 45%  |\n")
    say("- [x] step 1 of 3\n- [ ] step 2 of 3\n\n")
    say("> Prices rose by 12 % in 2025 (9/10 shops).\n\n```\n[=====>    ]\n```\n")
    say("replicas: 3/5\nratio: 1/2\nlimits:\n  cpu: 50%\n  dates: 12/24\n==========\n")
    say("[INFO] ------------------------< a:b >------------------------\n")


def progress_in_sentences() -> None:
    for n in range(20):
        say(f"INFO retry {n % 3 + 1}/3 for shard {n}: got 45% of the answers, eta unknown\n", 0.005)
        say(f"DEBUG cache hit ratio {50 + n}% ({n}/40) after {n}s\n", 0.005)


globals()[sys.argv[1]]()
