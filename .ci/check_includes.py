#!/usr/bin/env python3
"""Checks who includes whom, and the few other rules of the house that a compiler does not know.

usage: check_includes.py [ROOT]

Prints one line a finding, "file:line: what is wrong", and exits with 1 when there is any.
"""
import pathlib
import re
import sys

# Each folder and all that it may include beside itself, as the map in README.md shows it. A row names only rows above it, and nothing
# that it does not include. A folder that is not named here fails the check: place it first.
MAY_INCLUDE = {
    "pkg/base": "",
    "pkg/json": "base",
    "pkg/fs": "base",
    "pkg/netlink": "base fs",
    "pkg/inventory": "base fs netlink",
    "pkg/bandwidth": "base netlink inventory",
    # Run by the agent, the scheduler and a simulator, on values of wherever they come from.
    "pkg/placement": "base json bandwidth",
    # Of pkg/netlink the values of a VF's settings alone.
    "pkg/annotations": "base json netlink placement",
    # Read by the scheduler, written by the agent.
    "pkg/node_lanes": "base json placement",
    # Records name the VF settings that pkg/netlink speaks of.
    "pkg/ledger": "base json fs netlink bandwidth",
    "pkg/lane": "base fs netlink inventory bandwidth ledger",
    "pkg/config": "base json netlink inventory annotations",
    "pkg/provision": "base fs netlink inventory bandwidth ledger lane config",
    "pkg/offers": "base inventory bandwidth placement ledger config",
    "pkg/http": "base",
    "pkg/rpc": "base fs",
    "pkg/cdi": "base fs",
    # A lane has a rate and settings, in the words of the ledger.
    "pkg/podlanes": "base json fs netlink ledger",
    "pkg/kube": "base json fs http",
    "pkg/metrics": "base",
    "pkg/daemon": "base fs http metrics",
    # The kubelet's contracts, made by protoc.
    "proto": "",
    "pkg/kubelet": "base json fs rpc proto",
    "plugin": "base fs inventory placement rpc cdi podlanes kubelet proto",
    # Claims on values: the agent alone knows the hardware behind them.
    "dra": "base json fs bandwidth placement annotations ledger kube rpc cdi daemon kubelet proto",
    # Static and small, for every pod start: no cluster, no network, no metrics, no daemon.
    "cni": "base json fs netlink ledger lane cdi podlanes",
    # Static and small, for every container start.
    "hook": "base json fs",
    "agent": "base json fs netlink inventory bandwidth placement annotations node_lanes ledger lane config provision offers http podlanes cdi kube metrics daemon kubelet plugin dra",
    # Decides on what the API says; it never sees hardware or a node's ledger.
    "scheduler": "base json bandwidth placement node_lanes annotations http kube metrics daemon",
    "ctl": "base json fs netlink inventory bandwidth ledger lane config offers",
}
SEES_EVERYTHING = ("test", "bench")
PRODUCT = ("pkg", "plugin", "dra", "cni", "hook", "agent", "scheduler", "ctl")
LINE_LIMIT = 300
USED = {}  # Edges that were found: folder -> folders.

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')
# libnl, and the kernel headers that speak of netlink messages.
NETLINK_HEADER = re.compile(
    r"netlink/|linux/(netlink|rtnetlink|genetlink|devlink|if_link|if_addr|fib_rules|neighbour|pkt_sched|pkt_cls|veth|sock_diag)\.h"
    r"|rdma/rdma_netlink\.h")
# pkg/netlink's inside: what its interfaces are made of.
NETLINK_INSIDE = re.compile(r"pkg/netlink/(decode_\w+|message|socket)\.h")
# Implementations on the real kernel: chosen where a program or one of its verbs is put together, seen nowhere else.
REAL_KERNEL = re.compile(r"(\w+/)+(kernel_\w+|live_kernel)\.h")
COMPOSITION_ROOT = re.compile(r"(agent|cni|ctl)/(main|program|\w+_verb)\.cpp")
# gRPC and what it brings cost every includer seconds, and the rest of the program does not speak it.
GRPC_HEADER = re.compile(r"grpc|google/protobuf/|proto/\w+(\.grpc)?\.pb\.h")
SPEAKS_GRPC = ("pkg/rpc", "pkg/kubelet", "plugin", "dra")
BANNED = [
    (re.compile(r"(?<![\w.>])(?:std::|::)?system\s*\("), "system() runs a shell; speak to the kernel through pkg/netlink"),
    (re.compile(r"(?<![\w.>])(?:::)?popen\s*\("), "popen() runs a shell; speak to the kernel through pkg/netlink"),
    (re.compile(r"\b[\w:]*[Jj]son::parse\s*\("), "parse_document() of pkg/json bounds the depth"),
]
RAW_DESCRIPTOR = re.compile(r"^\s*int\s+\w*fd_\s*(=[^;]*|\{[^}]*\})?;")
COMMENT = re.compile(r'//.*$|"(?:[^"\\]|\\.)*"')


def folder_of(path):
    """The row of the table that a path belongs to: two parts below pkg, else one."""
    parts = pathlib.PurePosixPath(path).parts
    return "/".join(parts[:2]) if parts[0] == "pkg" else parts[0]


def names_of(row):
    """The rows that a row may include: "base" is "pkg/base" where there is such a row."""
    return {f"pkg/{name}" if f"pkg/{name}" in MAY_INCLUDE else name for name in MAY_INCLUDE[row].split()}


def edge_findings(path, target):
    """`path` includes "target"; both relative to the root."""
    source, folder = folder_of(path), folder_of(target)
    if "/" not in target:
        yield f'"{target}" is not written from the root of the project'
    elif source in SEES_EVERYTHING:
        return
    elif folder not in MAY_INCLUDE:
        yield f'"{target}" lies in a folder that is not in the table of this check'
    elif source != folder and folder not in names_of(source):
        yield f'{source} must not include {folder} ("{target}")'
    else:
        USED.setdefault(source, set()).add(folder)


def table_findings():
    """The table itself: nothing upwards, nothing that is not used."""
    above = set()
    for row in MAY_INCLUDE:
        for name in sorted(names_of(row)):
            if name not in above:
                yield f"{pathlib.Path(__file__).name}: {row} may include {name}, which is not above it"
            elif name not in USED.get(row, set()):
                yield f"{pathlib.Path(__file__).name}: {row} may include {name}, and does not"
        above.add(row)


def map_findings(root):
    """The "includes" column of the map in README.md is the table."""
    rows = dict(re.findall(r"^\| `([\w/]+?)/?` \| .* \| (.*?) \|$", (root / "README.md").read_text(), re.MULTILINE))
    for row, names in MAY_INCLUDE.items():
        wanted = ", ".join(names.split()) or "–"
        if rows.get(row) != wanted:
            yield f"README.md: the map says {row} includes {rows.get(row)}; the table says {wanted}"


def product_include_findings(path, name):
    """Rules on single headers, for what is shipped."""
    inside = folder_of(path) == "pkg/netlink"
    if not inside and NETLINK_HEADER.match(name):
        yield f"<{name}> belongs to pkg/netlink alone"
    if not inside and NETLINK_INSIDE.match(name):
        yield f'"{name}" is the inside of pkg/netlink'
    if not inside and REAL_KERNEL.match(name) and not COMPOSITION_ROOT.fullmatch(path):
        yield f'"{name}" is chosen where a program is put together; include the interface'
    if GRPC_HEADER.match(name) and folder_of(path) not in SPEAKS_GRPC:
        yield f"<{name}> belongs to {' and '.join(SPEAKS_GRPC)}"
    if name == "nlohmann/json.hpp" and path.endswith(".h"):
        yield "<nlohmann/json.hpp> costs every includer a second; use json_fwd.hpp in headers"


def line_findings(path, line):
    product = path.startswith(PRODUCT)
    match = INCLUDE.match(line)
    if match:
        quoted, angled = match.groups()
        if quoted:
            yield from edge_findings(path, quoted)
        if product:
            yield from product_include_findings(path, quoted or angled)
        return
    if product:
        code = COMMENT.sub("", line)
        yield from (message for pattern, message in BANNED if pattern.search(code))
        if RAW_DESCRIPTOR.match(code) and not path.endswith("pkg/base/unique_fd.h"):
            yield "a descriptor is owned by a UniqueFd, not by an int"


def own_header_finding(root, path, lines):
    """The source with a header of its own compiles it alone, as the first that it includes."""
    own = path.removesuffix(".cpp") + ".h"
    first = next((match.group(1) for match in map(INCLUDE.match, lines) if match), None)
    if path.endswith(".cpp") and path.startswith(PRODUCT) and (root / own).exists() and first != own:
        yield f'{path}:1: includes "{own}" after others, and so does not show that it compiles alone'


def file_findings(root, path):
    lines = (root / path).read_text(errors="replace").splitlines()
    yield from own_header_finding(root, path, lines)
    if len(lines) > LINE_LIMIT:
        yield f"{path}:{len(lines)}: longer than {LINE_LIMIT} lines"
    for number, line in enumerate(lines, 1):
        for message in line_findings(path, line):
            yield f"{path}:{number}: {message}"


def sources(root):
    for folder in sorted({row.split("/")[0] for row in MAY_INCLUDE} | set(SEES_EVERYTHING)):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                yield path.relative_to(root).as_posix()


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parent.parent).resolve()
    findings = []
    for path in sources(root):
        if folder_of(path) not in (*MAY_INCLUDE, *SEES_EVERYTHING):
            findings.append(f"{path}:1: {folder_of(path)} is not in the table of this check")
            continue
        findings.extend(file_findings(root, path))
    findings.extend([*table_findings(), *map_findings(root)])
    print("\n".join(findings) if findings else "includes: every edge is in the table")
    return 1 if findings else 0


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
