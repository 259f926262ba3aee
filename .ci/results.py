#!/usr/bin/env python3
"""Sums up test results: JUnit XML (ctest, GoogleTest) and TAP files.

usage: results.py FOLDER…

Names every failed and every skipped test with its reason and closes with the line "N passed, N failed, N skipped".
Exit status 1 when a test failed or when there is no result at all.
"""
import dataclasses
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

SKIP_IN_OUTPUT = re.compile(r": Skipped\n(.*?)\n", re.DOTALL)
TAP_LINE = re.compile(r"(not )?ok\b(?: \d+)?(?: -)? ?(.*?)(?: # (SKIP )?(.*))?$")


@dataclasses.dataclass
class Case:
    """One test: `verdict` is passed, failed or skipped; `reason` is empty for a passed one."""

    name: str
    verdict: str
    reason: str = ""


def first_line(text):
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    return lines[0] if lines else ""


def case_of_element(element):
    suite = element.get("classname", "")
    name = element.get("name", "?")
    # ctest repeats the name as the class.
    full = name if suite in ("", name) else f"{suite}.{name}"
    output = element.findtext("system-out") or ""
    failure = element.find("failure")
    if failure is not None:
        return Case(full, "failed", first_line(failure.get("message")) or "see its output")
    skipped = element.find("skipped")
    if skipped is None and element.get("status") not in ("notrun", "disabled") and element.get("result") != "skipped":
        return Case(full, "passed")
    in_output = SKIP_IN_OUTPUT.search(output)
    if in_output:
        return Case(full, "skipped", in_output.group(1))
    message = (skipped.get("message") or "") if skipped is not None else ""
    # GoogleTest writes "file:line" first, then what the test said.
    lines = [line for line in message.splitlines() if line.strip() and not re.match(r".*\.(cpp|h):\d+$", line.strip())]
    return Case(full, "skipped", first_line("\n".join(lines)) or "no reason given")


def read_junit(path):
    return [case_of_element(element) for element in ElementTree.parse(path).iter("testcase")]


def read_tap(path):
    cases = []
    for line in path.read_text(errors="replace").splitlines():
        match = TAP_LINE.match(line)
        if not match:
            continue
        failed, name, skip, remark = match.groups()
        verdict = "failed" if failed else "skipped" if skip else "passed"
        cases.append(Case(f"{path.stem}: {name}", verdict, remark or ""))
    return cases


def read_file(path):
    """A file that can't be read is a failed test, never silence."""
    try:
        return read_tap(path) if path.suffix == ".tap" else read_junit(path)
    except (ElementTree.ParseError, OSError) as error:
        return [Case(path.name, "failed", f"unreadable result: {error}")]


def read_folder(folder):
    paths = sorted(path for path in pathlib.Path(folder).rglob("*") if path.suffix in (".tap", ".xml"))
    return [case for path in paths for case in read_file(path)]


def totals(cases):
    count = {verdict: sum(case.verdict == verdict for case in cases) for verdict in ("passed", "failed", "skipped")}
    return "{passed} passed, {failed} failed, {skipped} skipped".format(**count)


def print_summary(cases):
    """Prints the remarkable ones and the totals; True when all is well."""
    for verdict in ("skipped", "failed"):
        for case in cases:
            if case.verdict == verdict:
                print(f"{verdict}: {case.name}" + (f": {case.reason}" if case.reason else ""))
    print(totals(cases), flush=True)
    return bool(cases) and all(case.verdict != "failed" for case in cases)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    sys.exit(0 if print_summary([case for folder in sys.argv[1:] for case in read_folder(folder)]) else 1)
