"""Tokens a second of greedy generation on the device, for one text and for 32 together, and whether the texts are
the cpu's."""
import json

import part


def generate(context: part.Context, name: str, device: str, texts: int, tokens: int) -> tuple[part.Call, dict | None]:
    inputs = context.folder("generation-inputs.txt")
    inputs.write_text("".join(f"The river {number} of\n" for number in range(texts)))
    done = part.call([context.program, "generate", str(context.folder(name)), "--input", str(inputs), "--batch", str(texts),
                      "--max-tokens", str(tokens), "--min-tokens", str(tokens), "--device", device, "--json"],
                     context.limit(60))
    try:
        return done, json.loads(done.output)
    except json.JSONDecodeError:
        return done, None


def add(context: part.Context, rows: part.Rows, name: str, architecture: str, texts: int, tokens: int) -> None:
    title = f"{architecture}, {texts} at a time"
    done, result = generate(context, name, context.device, texts, tokens)
    if not done.ok() or result is None:
        rows.add(title, ok=None if done.code is None else False, **done.failure())
        return
    _, reference = generate(context, name, "cpu", texts, tokens)
    texts_of = lambda one: [row["text"] for row in one["results"]]
    rows.add(title, ok=reference is not None and texts_of(reference) == texts_of(result), unit="tokens/s",
             ours=round(result["tokens_per_second"], 1), cpu=round(reference["tokens_per_second"], 1) if reference else None,
             seconds=done.seconds)


def run(context: part.Context, rows: part.Rows) -> None:
    preset, settings = ("micro", ["sequence=16"]) if context.dry_run else ("small", ["vocab=4096"])
    for architecture in ("transformer", "memsizer"):
        name = f"generation-{architecture}"
        trained = part.train(context, name, device="cpu", steps=1 if context.dry_run else 10, settings=settings, preset=preset,
                             architecture=architecture)
        if not trained.ok():
            rows.add(f"{architecture}: training on the cpu", ok=trained.verdict(), **trained.failure())
            continue
        for texts in (1,) if context.dry_run else (1, 32):
            add(context, rows, name, architecture, texts, 3 if context.dry_run else 200)


part.main(run)
