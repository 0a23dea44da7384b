"""Every row of `digitalis bench` by an older tool and by this one, in turn."""

import statistics

import report
from contenders import bench

HEADER = ["work", "before", "after", "after / before", "note"]


def compare(before, after, device, options):
    """The rows that both have, the worst change first, and a summary row."""
    times = {}
    for round in range(options.rounds + 1):
        report.show_progress(f"{device}: round {round} of {options.rounds}")
        # The first to run finds the machine as the other left it.
        for tool in [before, after] if round % 2 else [after, before]:
            found = bench(tool, device, options.matching, options.seconds)["measurements"]
            for row in found if round > 0 else []:
                times.setdefault((row["name"], tool), []).append(row["seconds"])
    report.show_progress("")
    return rows(times, before, after, device)


def rows(times, before, after, device, limit=1.03):
    table = []
    names = [name for name, tool in times if tool == before and (name, after) in times]
    for name in names:
        old, new = (statistics.median(times[name, tool]) for tool in (before, after))
        # If the fastest of the new ones matches the old ones, the rest is due to the machine.
        fastest = min(times[name, after]) / min(times[name, before])
        ratio = new / old
        note = ""
        if ratio > limit:
            note = f"slower; fastest of each {fastest:.2f}"
        table.append([
            f"{device}: {name}", report.duration(old), report.duration(new), f"{ratio:.3f}", note])
    table.sort(key=lambda row: -float(row[3]))
    slower = sum(float(row[3]) > limit for row in table)
    if table:
        middle = statistics.median(float(row[3]) for row in table)
        table.append([f"{device}: all {len(table)}", "", "", f"{middle:.3f}",
                      f"{slower} more than {limit - 1:.0%} slower"])
    return table
