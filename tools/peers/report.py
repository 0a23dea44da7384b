"""The tables of the medians and of the aims, on a terminal or as Markdown."""

import pathlib
import statistics
import sys

HEADER = ["work", "by", "median", "spread", "speed", "of the best peer", "note"]


def rows(works, contenders, times, failures):
    """One row for each case and contender.

    times[work.title, contender.name] lists seconds per call, one for each round; failures, under the
    same keys, say why there are none. The last ratio is speed over that of the fastest peer.
    """
    table = []
    for work in works:
        medians = {}
        for contender in contenders:
            values = times.get((work.title, contender.name))
            if values:
                medians[contender.name] = statistics.median(values)
        peers = [medians[c.name] for c in contenders if c.is_peer and c.name in medians]
        for contender in contenders:
            if not contender.takes(work):
                continue
            key = (work.title, contender.name)
            row = [work.title, contender.name, "-", "-", "-", "-", failures.get(key, "")]
            if contender.name in medians:
                text = memory if work.kind == "memory" else duration
                median = medians[contender.name]
                row[2] = text(median)
                if len(times[key]) > 1:
                    row[3] = f"{text(min(times[key]))} – {text(max(times[key]))}"
                if work.amount:
                    row[4] = f"{work.amount / median:,.0f} {work.unit}"
                row[5] = f"{min(peers) / median:.2f} ×" if peers else "-"
                row[6] = contender.remarks.get(work.title, "")
            table.append(row)
    return table


def duration(seconds):
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.1f} µs"


def memory(count):
    return f"{count / (1 << 20):,.0f} MiB"


def plain(header, table):
    """Aligned columns; what a row's first cell shares with the previous row is omitted."""
    lines = [header] + [
        [row[0] if index == 0 or table[index - 1][0] != row[0] else "", *row[1:]]
        for index, row in enumerate(table)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in lines)


def markdown(header, table):
    """A Markdown table, with numbers flush right."""
    numeric = {
        "median", "spread", "speed", "of the best peer", "threads", "extent", "digitalis",
        "PyTorch", "growth", "of PyTorch"}
    lines = ["| " + " | ".join(header) + " |"]
    lines.append("|" + "".join("---:|" if name in numeric else "---|" for name in header))
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table]
    return "\n".join(lines)


def show(facts, tables, file):
    """Prints facts and tables as (header, rows), and writes them as Markdown if there is a file."""
    tables = [(header, rows) for header, rows in tables if rows]
    for name, value in facts:
        print(f"{name}: {value}")
    for header, rows in tables:
        print("\n" + plain(header, rows))
    if file:
        parts = ["\n".join(f"- {name}: {value}" for name, value in facts)]
        parts += [markdown(header, rows) for header, rows in tables]
        try:
            pathlib.Path(file).write_text("\n\n".join(parts) + "\n", "utf-8")
        except OSError as error:
            sys.exit(f"{file}: {error.strerror}; name another file")


def show_progress(text):
    """Replaces the last line of a terminal; prints nothing elsewhere."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
