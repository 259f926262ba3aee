#!/usr/bin/env python3
"""Runs clang-tidy on every source file of a build, in parallel, and remembers which were clean.

usage: tidy.py [--analyzer] [--build FOLDER] [FILE…]     (build/dev, all files)

  --analyzer   only clang-analyzer-*, which costs as much again and more; otherwise all checks but these

Sources of one folder are read as one, up to BATCH at a time: nine tenths of a run go by in the headers of libraries, and those are
then walked once. What is not clean together is looked at in parts, and those in parts again; a finding is what a source shows
alone. The analyzer, which follows the functions of the source it is called for and no others, gets each alone from the start.

A file is looked at again only when it, a header of ours that it includes (however far away), its compile command, the
configuration or the tool has changed. The memory is ~/.cache/sluice/tidy, shared by all checkouts.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = "clang-tidy-14"
MEMORY = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "sluice/tidy"
OUR_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
BATCH = 12  # Enough to share headers, few enough for the batches to fill all processors to the end.
TIME_LIMIT_SECONDS = 600


def headers_of(path, seen):
    """Adds to `seen` all files of ours that `path` includes, directly or not."""
    for name in OUR_INCLUDE.findall(path.read_text(errors="replace")):
        for header in (ROOT / name, path.parent / name):
            if header.is_file() and header not in seen:
                seen.add(header)
                headers_of(header, seen)


def configurations():
    every = (path for path in ROOT.glob("**/.clang-tidy") if "build" not in path.relative_to(ROOT).parts)
    return sorted(every, key=lambda path: len(path.parts))


def state_of_all():
    """What the findings in every file depend on."""
    version = subprocess.run([TOOL, "--version"], capture_output=True, text=True, check=True).stdout
    # Libraries are seen through their packages: an upgraded header is a new state.
    libraries = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "lib*-dev", "*json*-dev"],
                               capture_output=True, text=True, check=False).stdout
    return version + libraries + "".join(path.read_text() for path in configurations())


def key_of(entry, common):
    path = pathlib.Path(entry["file"])
    files = {path}
    headers_of(path, files)
    digest = hashlib.sha256(common.encode())
    digest.update(entry["command"].replace(str(ROOT), "").encode())
    for each in sorted(files):
        digest.update(str(each.relative_to(ROOT)).encode() + each.read_bytes())
    return digest.hexdigest()


def arguments_of(entry):
    """How the source is compiled, without what differs from source to source."""
    return re.sub(r" -o \S+ -c \S+", "", entry["command"])


def batches_of(entries, size):
    """Lists of entries that can be read as one: same folder, same compile command."""
    alike = {}
    for entry in entries:
        alike.setdefault((pathlib.Path(entry["file"]).parent, arguments_of(entry)), []).append(entry)
    return [group[first:first + size] for group in alike.values() for first in range(0, len(group), size)]


def joined(entries, folder):
    """The path of a source that includes those of `entries`, in a place where their configuration applies."""
    if len(entries) == 1:
        return entries[0]["file"]
    text = "".join(f'#include "{entry["file"]}"  // NOLINT(bugprone-suspicious-include)\n' for entry in entries)
    place = folder / pathlib.Path(entries[0]["file"]).parent.relative_to(ROOT)
    place.mkdir(parents=True, exist_ok=True)
    path = place / (hashlib.sha256(text.encode()).hexdigest()[:16] + ".cpp")
    path.write_text(text)
    return str(path)


def tidy(entries, folder, checks):
    """The findings, empty when the files are clean."""
    command = ["nice", "-n", "5", TOOL, "--quiet", "--checks=" + checks, joined(entries, folder), "--",
               *shlex.split(arguments_of(entries[0]))[1:]]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIME_LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{entries[0]['file']}: no answer within {TIME_LIMIT_SECONDS} s\n"
    return "" if done.returncode == 0 else done.stdout + done.stderr


def parts_of(entries, findings):
    """The sources that findings are in and the others, or halves where that divides nothing.

    Together they may just not compile, two local functions having one name: the second one's source is the one named.
    """
    places = set(re.findall(r"^(/[^:\n]+):\d+:\d+: error: ", findings, re.MULTILINE))
    named = [entry for entry in entries if entry["file"] in places]
    others = [entry for entry in entries if entry not in named]
    middle = len(entries) // 2
    return (named, others) if named and others else (entries[:middle], entries[middle:])


def tidy_apart(entries, folder, checks):
    """The entries that are clean, and the findings in the others."""
    findings = tidy(entries, folder, checks)
    if not findings or len(entries) == 1:
        return [] if findings else entries, findings
    first, second = (tidy_apart(part, folder, checks) for part in parts_of(entries, findings))
    return first[0] + second[0], first[1] + second[1]


def entries_of(build, wanted):
    """One compile command a source, the first where several programs share it.

    Sources include what they use; the precompiled header, which clang can't read, only spares g++ reading it again.
    """
    ours = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(build) and (not wanted or path in wanted):
            entry["command"] = re.sub(r"-Winvalid-pch -include \S+cmake_pch\.hxx", "", entry["command"])
            ours.setdefault(entry["file"], entry)
    return [ours[file] for file in sorted(ours)]


def copy_configurations(folder):
    """Gives `folder` the configurations of our folders, each where it applies to the same sources; the root's does anyway."""
    for config in configurations():
        copy = folder / config.relative_to(ROOT)
        if copy.parent != folder:
            copy.parent.mkdir(parents=True)
            shutil.copy(config, copy)


def tidy_all(batches, folder, checks, on_clean):
    """Prints the findings; the number of files that have some."""
    started, dirty, done, total = time.monotonic(), 0, 0, sum(map(len, batches))
    batches = sorted(batches, key=len, reverse=True)  # No long one last, with a single processor at work.
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(tidy_apart, batch, folder, checks): len(batch) for batch in batches}
        for run in concurrent.futures.as_completed(runs):
            clean, findings = run.result()
            for entry in clean:
                on_clean(entry)
            print(findings, end="", flush=True)
            dirty += runs[run] - len(clean)
            before, done = done, done + runs[run]
            if done // 10 > before // 10:
                print(f"tidy: {done} of {total}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return dirty


def options_of(arguments):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--analyzer", action="store_true")
    parser.add_argument("--build", default="build/dev")
    parser.add_argument("files", nargs="*")
    return parser.parse_args(arguments)


def main(arguments):
    options = options_of(arguments)
    build = ROOT / options.build
    entries = entries_of(build, {pathlib.Path(name).resolve() for name in options.files})
    common = state_of_all()
    marks = {entry["file"]: MEMORY / (key_of(entry, common) + ("-analyzer" if options.analyzer else "")) for entry in entries}
    stale = [entry for entry in entries if not marks[entry["file"]].exists()]
    MEMORY.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tidy-", dir=build) as name:
        folder = pathlib.Path(name)
        copy_configurations(folder)
        batches = batches_of(stale, 1 if options.analyzer else BATCH)
        checks = "-*,clang-analyzer-*" if options.analyzer else "-clang-analyzer-*"
        dirty = tidy_all(batches, folder, checks, lambda entry: marks[entry["file"]].touch())
    print(f"tidy: {len(entries)} files, {len(entries) - len(stale)} unchanged since they were clean, {dirty} with findings")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
