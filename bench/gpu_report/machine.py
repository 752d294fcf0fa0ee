"""Part 0: the machine, and the rates that it reaches with PyTorch. Other parts are judged by these ceilings."""
import os
import platform
import statistics

import part

FIELDS = ("name", "driver_version", "clocks.sm", "clocks.max.sm", "clocks.mem", "power.limit", "memory.total",
          "ecc.mode.current")


def seconds_of(torch, body, repeats: int = 20) -> float:
    """The median time of `body` on the GPU's own clock."""
    for _ in range(3):
        body()
    times = []
    for _ in range(repeats):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        body()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end) / 1e3)
    return statistics.median(times)


def add_copy(torch, rows: part.Rows) -> None:
    source = torch.randn(1 << 28, device="cuda")
    target = torch.empty_like(source)
    seconds = seconds_of(torch, lambda: target.copy_(source))
    rows.add("copy of 1 GiB, read + written", gigabytes_per_second=round(2 * source.nbytes / seconds / 1e9))


def add_product(torch, rows: part.Rows, n: int, dtype) -> None:
    a, b = (torch.randn(n, n, device="cuda", dtype=dtype) for _ in range(2))
    seconds = seconds_of(torch, lambda: a @ b)
    rows.add(f"product {n} x {n} x {n}, {dtype}", teraflops=round(2 * n**3 / seconds / 1e12, 1))


def add_ceilings(rows: part.Rows) -> None:
    try:
        import torch
    except ImportError:
        rows.add("ceilings", note="not run: no PyTorch")
        return
    if not torch.cuda.is_available():
        rows.add("ceilings", note=f"not run: PyTorch {torch.__version__} finds no GPU")
        return
    rows.add("PyTorch", version=torch.__version__, gpu=torch.cuda.get_device_name())
    torch.backends.cuda.matmul.allow_tf32 = False
    add_copy(torch, rows)
    add_product(torch, rows, 8192, torch.bfloat16)
    add_product(torch, rows, 4096, torch.float32)


def run(context: part.Context, rows: part.Rows) -> None:
    rows.add("system", system=platform.platform(), processors=os.cpu_count(), python=platform.python_version())
    rows.add("program", version=part.call([context.program, "--version"], 20).tail(1))
    if context.device != "cuda":
        rows.add("GPU", note="not run: no GPU")
        return
    query = part.call(["nvidia-smi", "--query-gpu=" + ",".join(FIELDS), "--format=csv,noheader"], 20)
    if query.ok():
        rows.add("GPU", **dict(zip(FIELDS, query.output.strip().splitlines()[0].split(", "))))
    else:
        rows.add("GPU", **query.failure())
    add_ceilings(rows)


part.main(run)
