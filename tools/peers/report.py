"""The table of the medians, on a terminal or as Markdown."""

import statistics

HEADER = ["work", "by", "median", "spread", "speed", "of the best peer", "note"]


def rows(works, contenders, times, notes):
    """One row for each work and contender.

    times[work.title, contender.name] lists seconds per call, one for each round; notes, under the
    same keys, say why there are none. The last ratio is speed over that of the fastest peer.
    """
    table = []
    for work in works:
        medians = {}
        for contender in contenders:
            seconds = times.get((work.title, contender.name))
            if seconds:
                medians[contender.name] = statistics.median(seconds)
        peers = [medians[c.name] for c in contenders if c.is_peer and c.name in medians]
        for contender in contenders:
            if not contender.takes(work):
                continue
            key = (work.title, contender.name)
            row = [work.title, contender.name, "-", "-", "-", "-", notes.get(key, "")]
            if contender.name in medians:
                median = medians[contender.name]
                row[2] = duration(median)
                row[3] = f"{duration(min(times[key]))} – {duration(max(times[key]))}"
                row[4] = f"{work.amount / median:,.0f} {work.unit}"
                row[5] = f"{min(peers) / median:.2f} ×" if peers else "-"
            table.append(row)
    return table


def duration(seconds):
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} µs"


def plain(table):
    """Aligned columns; a work is named in its first row."""
    lines = [HEADER] + [
        [row[0] if index == 0 or table[index - 1][0] != row[0] else "", *row[1:]]
        for index, row in enumerate(table)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in lines)


def markdown(facts, table):
    """A list of the circumstances, then the table."""
    lines = [f"- {name}: {value}" for name, value in facts]
    lines += ["", "| " + " | ".join(HEADER) + " |", "|---|---" + "|---:" * 4 + "|---|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table]
    return "\n".join(lines) + "\n"
