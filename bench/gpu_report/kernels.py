"""The times of our kernels beside PyTorch's, and what part they reach of what the card reached with PyTorch.

Attention stands beside PyTorch's fused attention (scaled_dot_product_attention), MemSizer's scan beside the chunks of
bench/pytorch_twin.py, and kernels that move memory beside PyTorch's eager functions.
"""
import json

import part
import peers

FAMILIES = ("attention", "scan", "memory")


def measure(context: part.Context, family: str, dtype: str) -> tuple[part.Call, list[dict]]:
    """The times of our kernels, as `memsizer kernels` prints them."""
    done = part.call([context.program, "kernels", "--device", context.device, "--family", family, "--dtype", dtype, "--json"],
                     context.limit(60))
    return done, json.loads(done.output)["kernels"] if done.ok() else []


def peer(torch, reason: str, one: dict) -> dict:
    """PyTorch's time for the same work, and how much faster we are."""
    if torch is None:
        return {"pytorch": reason}
    found = peers.seconds(torch, one["kernel"], one["sizes"], one["dtype"])
    peers.release(torch)
    if isinstance(found, str):
        return {"pytorch": found}
    rate, _, _ = rate_of(one)
    return {"pytorch": part.rounded(rate * one["seconds"] / found), "ratio": part.rounded(found / one["seconds"])}


def rate_of(one: dict) -> tuple[float, str, str]:
    """The rate of a kernel, its unit, and the ceiling that it is judged by."""
    if one["teraflops"] is not None:
        return one["teraflops"], "TFLOP/s", f"product, {one['dtype']}"
    return one["gigabytes_per_second"], "GB/s", "copy"


def add(rows: part.Rows, one: dict, ceilings: dict, figures: dict) -> None:
    rate, unit, ceiling = rate_of(one)
    sizes = ", ".join(f"{name} {size}" for name, size in one["sizes"].items())
    fraction = part.rounded(rate / ceilings[ceiling]) if ceiling in ceilings else "not run: no ceiling"
    rows.add(f"{one['kernel']}, {one['dtype']}, {sizes}", unit=unit, ours=part.rounded(rate), **figures, ceiling=ceiling,
             of_ceiling=fraction)


def run(context: part.Context, rows: part.Rows) -> None:
    torch, reason = peers.load(context.device)
    ceilings = part.ceilings(context)
    for dtype in ("bfloat16", "float"):
        for family in FAMILIES:
            done, times = measure(context, family, dtype)
            if not done.ok():
                rows.add(f"{family}, {dtype}", ok=done.verdict(), **done.failure())
            for one in times:
                context.limit()
                add(rows, one, ceilings, peer(torch, reason, one))


if __name__ == "__main__":
    part.main(run)
