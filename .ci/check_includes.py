#!/usr/bin/env python3
"""Checks who includes whom, and the few other rules of the house that a compiler does not know.

usage: check_includes.py [ROOT]

Prints one line a finding, "file:line: what is wrong", and exits with 1 when there is any.
"""
import pathlib
import re
import sys

# Each folder and all that it may include beside itself. A folder that is not named here fails the check: place it first.
MAY_INCLUDE = {
    "pkg/base": set(),
    "pkg/json": {"pkg/base"},
    "pkg/fs": {"pkg/base"},
    "pkg/netlink": {"pkg/base"},
    "pkg/inventory": {"pkg/base", "pkg/fs", "pkg/netlink"},
    "pkg/bandwidth": {"pkg/base", "pkg/netlink", "pkg/inventory"},
    # Run by the agent, the scheduler and a simulator, on values of wherever they come from.
    "pkg/placement": {"pkg/base", "pkg/json", "pkg/bandwidth"},
    # Records name the VF settings that pkg/netlink speaks of.
    "pkg/ledger": {"pkg/base", "pkg/json", "pkg/fs", "pkg/netlink", "pkg/bandwidth"},
    # A lane has a rate and settings, in the words of the ledger.
    "pkg/podlanes": {"pkg/base", "pkg/json", "pkg/fs", "pkg/netlink", "pkg/ledger"},
    "pkg/lane": {"pkg/base", "pkg/fs", "pkg/netlink", "pkg/inventory", "pkg/bandwidth", "pkg/ledger"},
    "pkg/config": {"pkg/base", "pkg/json", "pkg/inventory"},
    "pkg/provision": {"pkg/base", "pkg/fs", "pkg/netlink", "pkg/inventory", "pkg/bandwidth", "pkg/ledger", "pkg/lane", "pkg/config"},
    "pkg/cdi": {"pkg/base", "pkg/fs"},
    "pkg/http": {"pkg/base"},
    "pkg/rpc": {"pkg/base", "pkg/fs"},
    "pkg/kube": {"pkg/base", "pkg/json", "pkg/fs", "pkg/http"},
    "pkg/metrics": {"pkg/base"},
    "pkg/daemon": {"pkg/base", "pkg/fs", "pkg/http", "pkg/metrics"},
    # The kubelet's contracts, made by protoc.
    "proto": set(),
    "pkg/kubelet": {"pkg/base", "pkg/fs", "pkg/rpc", "proto"},
    "plugin": {"pkg/*", "proto"},
    "pkg/offers": {"pkg/base", "pkg/inventory", "pkg/bandwidth", "pkg/placement", "pkg/ledger", "pkg/config"},
    # Static and small, for every pod start: no cluster, no network, no metrics, no daemon.
    "cni": {"pkg/base", "pkg/json", "pkg/fs", "pkg/podlanes", "pkg/netlink", "pkg/lane", "pkg/cdi"},
    "agent": {"pkg/*", "plugin"},
    "ctl": {"pkg/*"},
    # Tests and benchmarks see everything.
    "test": {"*"},
    "bench": {"*"},
}
PRODUCT = ("pkg", "plugin", "cni", "agent", "ctl")
LINE_LIMIT = 400

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')
# libnl, and the kernel headers that speak of netlink messages.
NETLINK_HEADER = re.compile(
    r"netlink/|linux/(netlink|rtnetlink|genetlink|devlink|if_link|if_addr|neighbour|pkt_sched|pkt_cls|veth|sock_diag)\.h"
    r"|rdma/rdma_netlink\.h")
# pkg/netlink's inside: what its interfaces are made of.
NETLINK_INSIDE = re.compile(r"pkg/netlink/(decode_\w+|message|socket)\.h")
# Implementations on the real kernel: chosen where a program or one of its verbs is put together, seen by nobody else.
REAL_KERNEL = re.compile(r"(\w+/)+(kernel_\w+|live_kernel)\.h")
COMPOSITION_ROOT = re.compile(r"(agent|cni|ctl)/(main|program|\w+_verb)\.cpp")
# gRPC and what it brings cost every includer seconds, and the rest of the program does not speak it.
GRPC_HEADER = re.compile(r"grpc|google/protobuf/|proto/\w+(\.grpc)?\.pb\.h")
SPEAKS_GRPC = ("pkg/rpc", "pkg/kubelet", "plugin")
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


def may_include(source, target):
    allowed = MAY_INCLUDE[source]
    return source == target or bool({"*", target} & allowed) or ("pkg/*" in allowed and target.startswith("pkg/"))


def edge_findings(path, target):
    """`path` includes "target"; both relative to the root."""
    source = folder_of(path)
    if "/" not in target:
        yield f'"{target}" is not written from the root of the project'
    elif folder_of(target) not in MAY_INCLUDE:
        yield f'"{target}" lies in a folder that is not in the table of this check'
    elif not may_include(source, folder_of(target)):
        yield f'{source} must not include {folder_of(target)} ("{target}")'


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


def file_findings(root, path):
    lines = (root / path).read_text(errors="replace").splitlines()
    if len(lines) > LINE_LIMIT:
        yield f"{path}:{len(lines)}: longer than {LINE_LIMIT} lines"
    for number, line in enumerate(lines, 1):
        for message in line_findings(path, line):
            yield f"{path}:{number}: {message}"


def sources(root):
    for folder in sorted({row.split("/")[0] for row in MAY_INCLUDE}):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                yield path.relative_to(root).as_posix()


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parent.parent).resolve()
    findings = []
    for path in sources(root):
        if folder_of(path) not in MAY_INCLUDE:
            findings.append(f"{path}:1: {folder_of(path)} is not in the table of this check")
            continue
        findings.extend(file_findings(root, path))
    print("\n".join(findings) if findings else "includes: every edge is in the table")
    return 1 if findings else 0


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
