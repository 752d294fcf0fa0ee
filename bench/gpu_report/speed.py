"""Tokens a second of training steps, ours and PyTorch's, on the same card with the same shapes.

Ours are the rates that the program logs. The twin of bench/pytorch_twin.py trains with random tokens, without TF32, with
fused Adam and scaled_dot_product_attention. Both are medians without the first steps.
"""
import dataclasses
import gc
import json
import pathlib
import statistics
import time

import part
import peers


@dataclasses.dataclass
class Shape:
    name: str
    preset: str
    settings: list[str]
    steps: int
    vocabulary: int  # the first shape's is what the sample has room for; larger ones have tokens that no text has


GPT2 = Shape("GPT-2 124M", "base", ["layers=12", "dim=768", "heads=12", "ffn=3072", "activation=gelu", "sequence=1024",
                                    "batch=8"], 5, 50257)
SHAPES = (Shape("preset small", "small", ["batch=32"], 12, 4096), Shape("preset base", "base", [], 6, 4096), GPT2)
DRY_SHAPES = (Shape("preset micro", "micro", ["sequence=8", "batch=2"], 3, 320),
              Shape("wide micro", "micro", ["sequence=8", "batch=2"], 2, 640))
PLAIN = ["dropout=0", "attention_dropout=0", "activation_dropout=0", "warmup=1"]


def title_of(shape: Shape, architecture: str, dtype: str) -> str:
    return f"{shape.name}, {architecture}, {dtype}"


def folder_of(title: str) -> str:
    return "speed-" + title.replace(",", "").replace(" ", "-")


def widen(tokenizer: pathlib.Path, size: int, wide: pathlib.Path) -> None:
    """Writes a tokenizer.json of `size` tokens that splits text as `tokenizer` does."""
    contents = json.loads(tokenizer.read_text())
    ids = [*contents["model"]["vocab"].values(), *(one["id"] for one in contents["added_tokens"])]
    contents["added_tokens"] += [
        {"id": number, "content": f"<unused{number}>", "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True} for number in range(max(ids) + 1, size)]
    wide.write_text(json.dumps(contents))


def tokenizer_for(context: part.Context, shape: Shape) -> pathlib.Path | None:
    """The tokenizer of an earlier run, widened where the shape needs it; None: the run trains one."""
    first = context.folder("speed-tokenizer.json")
    if not first.exists():
        return None
    wide = context.folder(f"speed-tokenizer-{shape.vocabulary}.json")
    if not wide.exists():
        widen(first, shape.vocabulary, wide)
    return wide


def ours(context: part.Context, name: str, architecture: str, shape: Shape, dtype: str) -> tuple[part.Call, float | None]:
    tokenizer = tokenizer_for(context, shape)
    vocabulary = [] if tokenizer else [f"vocab={shape.vocabulary}"]
    options = ("--tokenizer", str(tokenizer)) if tokenizer else ()
    done = part.train(context, name, device=context.device, steps=shape.steps, preset=shape.preset, architecture=architecture,
                      settings=[*PLAIN, *vocabulary, f"dtype={dtype}", "save_every=1000000", *shape.settings],
                      options=options, limit=90)
    made = context.folder(name) / "tokenizer.json"
    if not tokenizer and made.exists():
        context.folder("speed-tokenizer.json").write_bytes(made.read_bytes())
    rates = [line["tokens_per_second"] for line in part.metrics(context, name) if line["tokens_per_second"]]
    return done, statistics.median(rates[1:] or rates) if rates else None


def step(torch, model, loss_of, optimiser, ids, cast: bool) -> None:
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast(ids.device.type, dtype=torch.bfloat16, enabled=cast):
        loss = loss_of(ids[:, :-1], ids[:, 1:])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    loss.item()


def peer(torch, config: dict, dtype: str, compiled: bool) -> float:
    """PyTorch's tokens a second in a model of our configuration, or, `compiled`, those of torch.compile."""
    model = peers.twin().LanguageModel(config, config["sequence"]).to(peers.DEVICE)
    loss_of = torch.compile(model.loss) if compiled else model.loss
    ids = torch.randint(config["vocab"], (config["batch"], config["sequence"] + 1), device=peers.DEVICE)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        step(torch, model, loss_of, optimiser, ids, dtype == "bfloat16")
        times.append(time.perf_counter() - begin)
    return config["batch"] * config["sequence"] / statistics.median(times[3:])


def peer_rate(torch, config: dict, dtype: str, compiled: bool = False) -> int | str:
    try:
        return round(peer(torch, config, dtype, compiled))
    except Exception as error:  # whatever stops the peer is a result
        return peers.failure_of(error)
    finally:
        if compiled:
            torch.compiler.reset()  # compiled code holds its model
        gc.collect()
        peers.release(torch)


def config_of(context: part.Context, title: str) -> dict | None:
    """The configuration of our run, if there was one."""
    path = context.folder(folder_of(title)) / "config.json"
    return json.loads(path.read_text()) if path.exists() else None


def add(context: part.Context, rows: part.Rows, shape: Shape, architecture: str, dtype: str, pytorch: tuple) -> None:
    title = title_of(shape, architecture, dtype)
    done, rate = ours(context, folder_of(title), architecture, shape, dtype)
    figures: dict = {"ours": None if rate is None else round(rate)}
    config = config_of(context, title)
    torch, reason = pytorch
    if config is not None:
        figures["pytorch"] = reason if torch is None else peer_rate(torch, config, dtype)
    if rate and isinstance(figures.get("pytorch"), int):
        figures["ratio"] = part.rounded(rate / figures["pytorch"])
    if not done.ok():
        figures |= done.failure()
    elif rate is None:
        figures["note"] = "the program logged no rate"
    rows.add(title, ok=done.verdict() and rate is not None, unit="tokens/s", seconds=done.seconds, **figures)


def run(context: part.Context, rows: part.Rows) -> None:
    pytorch = peers.load(context.device)
    for shape in DRY_SHAPES if context.dry_run else SHAPES:
        for dtype in ("float", "bfloat16"):
            for architecture in ("transformer", "memsizer"):
                add(context, rows, shape, architecture, dtype, pytorch)


if __name__ == "__main__":
    part.main(run)
