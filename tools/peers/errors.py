"""The errors of contenders."""


class Unavailable(Exception):
    """Why a contender has no figure; a note in the table."""


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
