"""The table of the cases, and whether all are as they should be."""


class Table:
    """Rows of what was done and what came of it."""

    def __init__(self):
        self.cases, self.failures, self.known = 0, [], []

    def heading(self, text):
        print(f"\n{text}", flush=True)

    def row(self, name, problem, came, known=None):
        """Prints a case: `problem` is what is wrong with it, or None. A wrong case with a reason why that is known
        doesn't fail the check, but is counted."""
        self.cases += 1
        if not problem:
            print(f"ok       {name}: {came}", flush=True)
        elif known:
            self.known.append(name)
            print(f"known    {name}: {problem}; {known}", flush=True)
        else:
            self.failures.append(name)
            print(f"FAILED   {name}: {problem}\n         {came}", flush=True)
        return not problem
