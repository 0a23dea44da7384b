"""Cases of growing size, and the table of how their time grows."""

import statistics

import report
from work import Work

HEADER = [
    "work", "threads", "extent", "digitalis", "growth", "PyTorch", "growth", "of PyTorch"]
LATENT = 20


def works(quick):
    """The cases of each series by its title; Work.amount is the divisor of a time."""
    batches = [1, 32] if quick else [1, 8, 32, 128, 512, 4096]
    counts = [1, 100] if quick else [1, 10, 100, 1_000, 10_000, 100_000]
    dimensions = [2, 20] if quick else [2, 5, 10, 20, 50, 128]
    crowds = [1_000] if quick else [1_000, 2_000, 5_000, 10_000, 20_000, 50_000]
    return {
        f"VAE training step, D = {LATENT}, per image": [training(batch) for batch in batches],
        f"sampling, D = {LATENT}, per image": [sampling(count) for count in counts],
        "scoring, per image": [scoring(latent, quick) for latent in dimensions],
        "neighbours, per pair of images": [neighbours(count) for count in crowds],
    }


def training(batch):
    return Work(
        kind="training", title=f"batch {batch:,}", amount=batch,
        bench=f"training step elbo D={LATENT} batch {batch}", options=["--batch", str(batch)],
        request=f"training {{variant}} {batch} {LATENT}")


def sampling(count):
    return Work(
        kind="sampling", title=f"{count:,} images", amount=count,
        bench=f"sample D={LATENT} {count} images", options=["--batch", str(count)],
        request=f"decode {count} {LATENT}")


def scoring(latent, quick, count=1000, chunk=200):
    # PyTorch first searches for its best batch size, which takes long.
    request = "" if quick else f"scoring {{variant}} {count} {latent}"
    return Work(
        kind="scoring", title=f"D = {latent}", amount=count,
        bench=f"score D={latent} {count} images by {chunk}", options=["--latent", str(latent)],
        request=request)


def neighbours(count):
    return Work(
        kind="neighbours", title=f"{count:,} images", amount=count * count,
        bench=f"neighbours of {count} images", options=["--batch", str(count)],
        request=f"neighbours {count}", once=count >= 20_000)


def rows(series, threads, times):
    """The rows of one series at some number of threads.

    times["digitalis" or "PyTorch", title of a case] are the seconds of its calls. Growth is the time of a
    unit over the column's minimum.
    """
    title, works = series
    columns = {
        name: {
            work.title: statistics.median(times[name, work.title]) / work.amount
            for work in works if times.get((name, work.title))
        }
        for name in ["digitalis", "PyTorch"]
    }
    table = []
    for work in works:
        row = [title, str(threads), work.title]
        for column in columns.values():
            row += cells(column, work.title)
        own, other = (column.get(work.title) for column in columns.values())
        row.append(f"{other / own:.2f} ×" if own and other else "-")
        if own or other:
            table.append(row)
    return table


def cells(column, title):
    if title not in column:
        return ["-", "-"]
    return [short(column[title]), f"{column[title] / min(column.values()):.2f}"]


def short(seconds):
    return f"{seconds * 1e9:.2f} ns" if seconds < 1e-6 else report.duration(seconds)
