"""The report of scripts/gpu_report as Markdown."""


def cell(value) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    if isinstance(value, dict):
        return "<br>".join(f"{name}: {cell(one)}" for name, one in value.items())
    text = f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    return text.replace("|", "\\|").replace("\n", "<br>")


def table(rows: list[dict]) -> list[str]:
    """One column a key, in the order in which the keys come."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    return lines + ["| " + " | ".join(cell(row.get(column)) for column in columns) + " |" for row in rows]


def summary(outcome: dict) -> str:
    """The part in a line: its state, and how many of its judged rows are right."""
    if outcome["status"] == "skipped":
        return f"skipped, {outcome['reason']}"
    judged = [row for row in outcome["rows"] if row["ok"] is not None]
    right = sum(row["ok"] for row in judged)
    counts = f", {right} of {len(judged)} right" if judged else ""
    return f"{outcome['status']} after {outcome['seconds']} s, {len(outcome['rows'])} rows{counts}"


def section(outcome: dict) -> list[str]:
    lines = ["", f"## {outcome['part'].capitalize()}", "", summary(outcome) + ".", ""]
    if outcome["rows"]:
        lines += table(outcome["rows"])
    if outcome["status"] == "failed":
        lines += ["", f"Exit code {outcome['exit']}. Its last lines:", "", "```", *outcome["last_lines"], "```"]
    return lines


def markdown(results: dict) -> str:
    kind = "dry run on" if results["dry_run"] else "run on"
    commit = f", commit {results['commit']}" if results["commit"] else ""
    lines = [f"# GPU report: {kind} {results['device']}", "", f"{results['date']}{commit}."]
    for outcome in results["parts"]:
        lines += section(outcome)
    return "\n".join(lines) + "\n"
