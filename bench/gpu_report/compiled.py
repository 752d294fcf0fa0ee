"""Training steps that torch.compile has compiled, beside ours, in a model of GPT-2's size.

Our rates, and the configuration, are those of the part `speed`. Compiling takes PyTorch a minute, so this part comes late.
"""
import part
import peers
import speed


def ours(context: part.Context, title: str) -> int | None:
    """Our tokens a second in the part `speed`."""
    return next((row.get("ours") for row in part.rows_of(context, "speed") if row["name"] == title), None)


def add(context: part.Context, rows: part.Rows, title: str, dtype: str, pytorch: tuple) -> None:
    torch, reason = pytorch
    rate, config = ours(context, title), speed.config_of(context, title)
    if torch is not None and config is None:
        torch, reason = None, "not run: the part speed has no such run"
    compiled = reason if torch is None else speed.peer_rate(torch, config, dtype, compiled=True)
    figures: dict = {"ours": rate, "pytorch_compiled": compiled}
    if rate and isinstance(compiled, int):
        figures["ratio"] = part.rounded(rate / compiled)
    rows.add(title, unit="tokens/s", **figures)


def run(context: part.Context, rows: part.Rows) -> None:
    pytorch = peers.load(context.device)
    shape = speed.DRY_SHAPES[0] if context.dry_run else speed.GPT2
    for dtype in ("bfloat16", "float"):
        context.limit()
        add(context, rows, speed.title_of(shape, "transformer", dtype), dtype, pytorch)


if __name__ == "__main__":
    part.main(run)
