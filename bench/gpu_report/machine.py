"""The machine, and the rates that it reaches with PyTorch. Other parts are judged by these ceilings."""
import os
import platform
import shutil

import part
import peers

FIELDS = ("name", "driver_version", "clocks.sm", "clocks.max.sm", "clocks.mem", "power.limit", "memory.total",
          "ecc.mode.current")


def add_copy(torch, rows: part.Rows, mebibytes: int) -> None:
    source = torch.randn(mebibytes << 18, device=peers.DEVICE)
    target = torch.empty_like(source)
    seconds = peers.seconds_of(torch, lambda: target.copy_(source))
    rows.add(f"copy of {mebibytes} MiB, read + written", ceiling="copy",
             gigabytes_per_second=part.rounded(2 * source.nbytes / seconds / 1e9))


def add_product(torch, rows: part.Rows, n: int, kind: str) -> None:
    dtype = peers.dtype_of(torch, kind)
    a, b = (torch.randn(n, n, device=peers.DEVICE, dtype=dtype) for _ in range(2))
    seconds = peers.seconds_of(torch, lambda: a @ b)
    rows.add(f"product {n} x {n} x {n}, {kind}", ceiling=f"product, {kind}", teraflops=part.rounded(2 * n**3 / seconds / 1e12))


def add_ceilings(context: part.Context, rows: part.Rows) -> None:
    torch, reason = peers.load(context.device)
    if torch is None:
        rows.add("ceilings", note=reason)
        return
    rows.add("PyTorch", version=torch.__version__, gpu=torch.cuda.get_device_name())
    mebibytes, wide, narrow = (1, 64, 64) if context.dry_run else (1024, 8192, 4096)
    add_copy(torch, rows, mebibytes)
    add_product(torch, rows, wide, "bfloat16")
    add_product(torch, rows, narrow, "float")


def add_gpu(context: part.Context, rows: part.Rows) -> None:
    if context.device != "cuda":
        rows.add("GPU", note="not run: no GPU")
        return
    if shutil.which("nvidia-smi") is None:
        rows.add("GPU", note="not run: no nvidia-smi")
        return
    query = part.call(["nvidia-smi", "--query-gpu=" + ",".join(FIELDS), "--format=csv,noheader"], 20)
    if query.ok():
        values = query.output.strip().splitlines()[0].split(", ")
        rows.add("GPU", **{"card" if field == "name" else field: value for field, value in zip(FIELDS, values)})
    else:
        rows.add("GPU", **query.failure())


def run(context: part.Context, rows: part.Rows) -> None:
    rows.add("system", system=platform.platform(), processors=os.cpu_count(), python=platform.python_version())
    rows.add("program", version=part.call([context.program, "--version"], 20).tail(1))
    add_gpu(context, rows)
    add_ceilings(context, rows)


if __name__ == "__main__":
    part.main(run)
