#!/usr/bin/env python3
"""Draws the tables of the cluster simulator as SVG.

usage: plot.py FOLDER

Reads S1.csv … of the folder, as bench/cluster_sim/run writes them, and writes the plots beside them. A table that is not there is
passed over.
"""
import csv
import math
import pathlib
import sys

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 230, 44, 54
# Told apart by people who do not see all colours, too (Okabe and Ito 2008); each line has a dash pattern of its own besides.
STYLES = [("#0072b2", ""), ("#d55e00", "7 3"), ("#009e73", "2 3"), ("#cc79a7", "9 3 2 3"), ("#e69f00", "4 4"), ("#555555", "1 4")]


def escaped(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Axis:
    """Values of the data on a line of the picture."""

    def __init__(self, values, start, end, logarithmic=False, bounds=None):
        self.logarithmic = logarithmic
        low, high = bounds or (min(values), max(values))
        if low == high:
            high = low + 1
        self.low, self.high, self.start, self.end = low, high, start, end

    def at(self, value):
        scale = math.log10 if self.logarithmic else float
        part = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
        return self.start + part * (self.end - self.start)

    def ticks(self):
        if self.logarithmic:
            powers = range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)
            return [10.0**power for power in powers]
        step = 10 ** math.floor(math.log10((self.high - self.low) / 2))
        while (self.high - self.low) / step > 8:
            step *= 2 if round(step / 10 ** math.floor(math.log10(step) + 1e-9)) != 2 else 2.5
        first = math.ceil(self.low / step - 1e-9)
        return [step * (first + i) for i in range(int((self.high - first * step) / step + 1e-9) + 1)]


def label_of(value):
    if value != 0 and (abs(value) >= 1e5 or abs(value) < 1e-3):
        return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")
    return f"{value:g}"


def text(x, y, content, anchor="middle", extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escaped(content)}</text>'


def frame(title, x_name, y_name, x_axis, y_axis):
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
           f'font-family="sans-serif" font-size="12"><title>{escaped(title)}</title>'
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>')
    yield text(LEFT, 22, title, "start", 'font-size="14" font-weight="bold"')
    for value in y_axis.ticks():
        y = y_axis.at(value)
        yield f'<line x1="{LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>' + text(LEFT - 6, y + 4, label_of(value), "end")
    for value in x_axis.ticks():
        x = x_axis.at(value)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 5}" stroke="#333333"/>' + text(x, bottom + 19, label_of(value))
    yield f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}" fill="none" stroke="#333333"/>'
    yield text((LEFT + right) / 2, HEIGHT - 14, x_name)
    yield text(18, (TOP + bottom) / 2, y_name, "middle", f'transform="rotate(-90 18 {(TOP + bottom) / 2:.1f})"')


def line_plot(title, names, series, logarithmic=(False, False), y_bounds=None):
    """`series`: name -> points (x, y), `names`: of the axes. Points that a logarithmic axis cannot show are left out."""
    series = {name: [p for p in points if p[1] > 0 or not logarithmic[1]] for name, points in series.items()}
    points = [point for line in series.values() for point in line]
    x_axis = Axis([x for x, _ in points], LEFT, WIDTH - RIGHT, logarithmic[0])
    y_axis = Axis([y for _, y in points], HEIGHT - BOTTOM, TOP, logarithmic[1], y_bounds)
    parts = list(frame(title, *names, x_axis, y_axis))
    for number, (name, line) in enumerate(series.items()):
        color, dashes = STYLES[number % len(STYLES)]
        path = " ".join(f"{x_axis.at(x):.1f},{y_axis.at(min(max(y, y_axis.low), y_axis.high)):.1f}" for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dashes}"/>')
        y = TOP + 10 + 20 * number
        x = WIDTH - RIGHT + 12
        parts.append(f'<line x1="{x}" x2="{x + 26}" y1="{y}" y2="{y}" stroke="{color}" stroke-width="2" stroke-dasharray="{dashes}"/>')
        parts.append(text(x + 32, y + 4, name, "start"))
    return "\n".join(parts) + "\n</svg>\n"


def bar_plot(title, y_name, groups):
    """`groups`: name -> {name of the bar: height}; the same bars in each."""
    bars = list(next(iter(groups.values())))
    heights = [height for group in groups.values() for height in group.values()]
    y_axis = Axis(heights, HEIGHT - BOTTOM, TOP, bounds=(0, max(heights) * 1.1))
    x_axis = Axis([0, len(groups)], LEFT, WIDTH - RIGHT)
    x_axis.ticks = list
    parts = list(frame(title, "", y_name, x_axis, y_axis))
    width = 0.8 / len(bars)
    for place, (group, heights_of) in enumerate(groups.items()):
        parts.append(text(x_axis.at(place + 0.5), HEIGHT - BOTTOM + 19, group))
        for number, bar in enumerate(bars):
            x, top = x_axis.at(place + 0.1 + number * width), y_axis.at(heights_of[bar])
            parts.append(f'<rect x="{x:.1f}" y="{top:.1f}" width="{x_axis.at(width) - LEFT:.1f}" height="{HEIGHT - BOTTOM - top:.1f}" '
                         f'fill="{STYLES[number % len(STYLES)][0]}"/>')
    for number, bar in enumerate(bars):
        y = TOP + 10 + 20 * number
        parts.append(f'<rect x="{WIDTH - RIGHT + 12}" y="{y - 6}" width="14" height="12" fill="{STYLES[number % len(STYLES)][0]}"/>')
        parts.append(text(WIDTH - RIGHT + 32, y + 4, bar, "start"))
    return "\n".join(parts) + "\n</svg>\n"


def by_name(rows, name, x, y):
    series = {}
    for row in rows:
        if row[y] != "":
            series.setdefault(row[name], []).append((float(row[x]), float(row[y])))
    return series


def plots_of_s1(rows):
    probes = [(int(row["case"].split(", ")[1].split("+")[0]), int(row["papers_probes"].rstrip("+")))
              for row in rows if row["case"].startswith("2 ports")]
    yield "S1", line_plot("Looks at a port until a pod is refused, two ports", ("lanes that fit, beside one that does not", "looks at a port"),
                          {"papers": probes}, (False, True))


def plots_of_s2(rows):
    served = by_name(rows, "policy", "load", "bandwidth")
    served.pop("count-only", None)  # It takes all: what it does not look at cannot refuse.
    yield "S2-bandwidth", line_plot("Bandwidth served, of what is asked", ("load: bandwidth asked, of the fleet's", "part served"), served)
    overcommitted = by_name(rows, "policy", "load", "overcommitted_gbps")
    yield "S2-overcommitted", line_plot("Promised above what ports carry", ("load: bandwidth asked, of the fleet's", "Gbit/s"),
                                        overcommitted)
    stranded = by_name(rows, "policy", "load", "stranded")
    stranded.pop("count-only", None)
    yield "S2-stranded", line_plot("Free bandwidth where an asked bit cannot have it",
                                   ("load: bandwidth asked, of the fleet's", "part of the fleet"), stranded)


def plots_of_s3(rows):
    yield "S3", line_plot("Pods bound to a node that has no room when they attach", ("pods a second", "part of the pods"),
                          by_name(rows, "system", "pods_per_s", "stuck_part"), (True, False))


def plots_of_s4(rows):
    groups = {}
    for row in rows:
        if row["stranded"] != "" and row["policy"] != "count-only":
            groups.setdefault(row["fleet"], {})[row["policy"]] = float(row["stranded"])
    yield "S4", bar_plot("Free bandwidth where an asked bit cannot have it, load 0.9", "part of the fleet", groups)


def plots_of_s6(rows):
    series = {f"{name}, {part}": [(float(row["nodes"]), float(row[f"{name}_{column}_ms"])) for row in rows]
              for name in ("polled", "cached") for part, column in (("median", "p50"), ("99 of 100", "p99"))}
    yield "S6", line_plot("Choosing a node for a pod", ("nodes", "milliseconds"), series, (True, True))


PLOTS = {"S1": plots_of_s1, "S2": plots_of_s2, "S3": plots_of_s3, "S4": plots_of_s4, "S6": plots_of_s6}


def main(folder):
    for name, plots in PLOTS.items():
        table = folder / f"{name}.csv"
        if not table.exists():
            continue
        with table.open(newline="") as file:
            rows = list(csv.DictReader(file))
        for plot, svg in plots(rows):
            (folder / f"{plot}.svg").write_text(svg)
            print(folder / f"{plot}.svg")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
