#!/usr/bin/env python3
"""Runs clang-tidy on every source file of a build, in parallel, and remembers which were clean.

usage: tidy.py [--analyzer] [--build FOLDER] [FILE…]     (build/dev, all files)

  --analyzer   with clang-analyzer-*, which doubles to triples the time of a product source: `make test-all`

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
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = "clang-tidy-14"
MEMORY = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "sluice/tidy"
OUR_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
TIME_LIMIT_SECONDS = 600


def headers_of(path, seen):
    """Adds to `seen` all files of ours that `path` includes, directly or not."""
    for name in OUR_INCLUDE.findall(path.read_text(errors="replace")):
        for header in (ROOT / name, path.parent / name):
            if header.is_file() and header not in seen:
                seen.add(header)
                headers_of(header, seen)


def configuration():
    """All that applies to every file alike."""
    version = subprocess.run([TOOL, "--version"], capture_output=True, text=True, check=True).stdout
    # Libraries are seen through their packages: an upgraded header is a new state.
    libraries = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "lib*-dev", "*json*-dev"],
                               capture_output=True, text=True, check=False).stdout
    configs = "".join(path.read_text() for path in sorted(ROOT.glob("**/.clang-tidy")) if "build" not in path.parts)
    return version + libraries + configs


def key_of(entry, common):
    path = pathlib.Path(entry["file"])
    files = {path}
    headers_of(path, files)
    digest = hashlib.sha256(common.encode())
    digest.update(entry["command"].replace(str(ROOT), "").encode())
    for each in sorted(files):
        digest.update(str(each.relative_to(ROOT)).encode() + each.read_bytes())
    return digest.hexdigest()


def tidy(entry, build, checks):
    """The findings, empty when the file is clean."""
    command = ["nice", "-n", "5", TOOL, "-p", str(build), "--quiet", "--checks=" + checks, entry["file"]]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{entry['file']}: no answer within {TIME_LIMIT_SECONDS} s"
    return "" if done.returncode == 0 else done.stdout + done.stderr


def entries_of(build, wanted):
    """One compile command a source, the first where several programs share it."""
    ours = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(build) and (not wanted or path in wanted):
            ours.setdefault(entry["file"], entry)
    return [ours[file] for file in sorted(ours)]


def without_precompiled_headers(entries, build):
    """Writes compile commands that clang understands too, and returns their folder."""
    folder = build / "tidy"
    folder.mkdir(exist_ok=True)
    for entry in entries:
        entry["command"] = re.sub(r"-Winvalid-pch -include \S+cmake_pch\.hxx", "", entry["command"])
    (folder / "compile_commands.json").write_text(json.dumps(entries))
    return folder


def report(done, total, started):
    print(f"tidy: {done} of {total}, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def tidy_all(stale, build, checks, on_clean):
    """Prints the findings; the number of files that have some."""
    started, dirty = time.monotonic(), 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = {pool.submit(tidy, entry, build, checks): entry for entry in stale}
        for count, run in enumerate(concurrent.futures.as_completed(runs), 1):
            if run.result():
                dirty += 1
                print(run.result(), flush=True)
            else:
                on_clean(runs[run])
            if count % 10 == 0:
                report(count, len(stale), started)
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
    # Sources include what they use; the precompiled header only spares the compiler reading it again.
    folder = without_precompiled_headers(entries, build)
    common = configuration()
    keys = {entry["file"]: key_of(entry, common) for entry in entries}

    def marks(entry):
        """What says that the file was clean: with the analyzer counts without it too."""
        analyzed = MEMORY / (keys[entry["file"]] + "-analyzed")
        return [analyzed] if options.analyzer else [MEMORY / keys[entry["file"]], analyzed]

    stale = [entry for entry in entries if not any(mark.exists() for mark in marks(entry))]
    MEMORY.mkdir(parents=True, exist_ok=True)
    dirty = tidy_all(stale, folder, "" if options.analyzer else "-clang-analyzer-*", lambda entry: marks(entry)[0].touch())
    print(f"tidy: {len(entries)} files, {len(entries) - len(stale)} unchanged since they were clean, {dirty} with findings")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
