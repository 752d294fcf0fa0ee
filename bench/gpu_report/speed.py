"""Part 3: tokens a second of training steps, ours and PyTorch's, on the same card with the same shapes.

Ours are the rates that the program logs. The twin of bench/pytorch_twin.py trains with random tokens, without TF32, with
fused Adam and scaled_dot_product_attention. Both are medians without the first steps.
"""
import gc
import json
import statistics
import sys
import time

import part

WIDE = ["layers=12", "dim=768", "heads=12", "ffn=3072", "activation=gelu", "sequence=1024", "batch=8"]
# Name, preset, settings, our steps. The vocabulary is what the sample has room for.
SHAPES = (("preset small", "small", ["batch=32"], 12), ("preset base", "base", [], 6), ("GPT-2 124M", "base", WIDE, 5))
DRY_SHAPES = (("preset micro", "micro", ["sequence=8", "batch=2"], 3),)
PLAIN = ["dropout=0", "attention_dropout=0", "activation_dropout=0", "warmup=1"]


def ours(context: part.Context, name: str, architecture: str, shape: tuple, dtype: str) -> tuple[part.Call, float | None]:
    _, preset, settings, steps = shape
    vocabulary = [] if context.dry_run else ["vocab=4096"]
    tokenizer = context.folder("speed-tokenizer.json")
    options = ("--tokenizer", str(tokenizer)) if tokenizer.exists() else ()
    done = part.train(context, name, device=context.device, steps=steps, preset=preset, architecture=architecture,
                      settings=[*PLAIN, *vocabulary, f"dtype={dtype}", "save_every=1000000", *settings],
                      options=options, limit=90)
    made = context.folder(name) / "tokenizer.json"
    if not options and made.exists():
        tokenizer.write_bytes(made.read_bytes())
    rates = [line["tokens_per_second"] for line in part.metrics(context, name) if line["tokens_per_second"]]
    return done, statistics.median(rates[1:] or rates) if rates else None


def step(torch, model, optimiser, ids, cast: bool) -> None:
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast("cuda", dtype=torch.bfloat16, enabled=cast):
        loss = model.loss(ids[:, :-1], ids[:, 1:])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    loss.item()


def peer(context: part.Context, config: dict, cast: bool) -> float:
    """PyTorch's tokens a second."""
    import torch
    sys.path.insert(0, context.bench)
    import pytorch_twin

    torch.backends.cuda.matmul.allow_tf32 = False
    model = pytorch_twin.LanguageModel(config, config["sequence"]).to("cuda")
    ids = torch.randint(config["vocab"], (config["batch"], config["sequence"] + 1), device="cuda")
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    times = []
    for _ in range(10):
        begin = time.perf_counter()
        step(torch, model, optimiser, ids, cast)
        times.append(time.perf_counter() - begin)
    del model, optimiser
    gc.collect()
    torch.cuda.empty_cache()
    return config["batch"] * config["sequence"] / statistics.median(times[3:])


def try_peer(context: part.Context, config: dict, cast: bool) -> dict:
    if context.device != "cuda":
        return {"pytorch": "not run: no GPU"}
    try:
        return {"pytorch": round(peer(context, config, cast))}
    except Exception as error:  # whatever stops the peer is a result
        return {"pytorch": f"{type(error).__name__}: {error}"[:300]}


def add(context: part.Context, rows: part.Rows, shape: tuple, architecture: str, dtype: str) -> None:
    title = f"{shape[0]}, {architecture}, {dtype}"
    name = "speed-" + title.replace(",", "").replace(" ", "-")
    done, rate = ours(context, name, architecture, shape, dtype)
    figures: dict = {"ours": None if rate is None else round(rate)}
    path = context.folder(name) / "config.json"
    if path.exists():
        figures |= try_peer(context, json.loads(path.read_text()), dtype == "bfloat16")
    if rate and isinstance(figures.get("pytorch"), int):
        figures["ratio"] = round(rate / figures["pytorch"], 3)
    if not done.ok():
        figures |= done.failure()
    rows.add(title, ok=done.verdict(), unit="tokens/s", seconds=done.seconds, **figures)


def run(context: part.Context, rows: part.Rows) -> None:
    for shape in DRY_SHAPES if context.dry_run else SHAPES:
        for dtype in ("float", "bfloat16"):
            for architecture in ("transformer", "memsizer"):
                add(context, rows, shape, architecture, dtype)


part.main(run)
