"""PyTorch's time for what a kernel of ours does, on the same sizes.

A peer is made by a function of this file from torch, the sizes that `memsizer kernels` prints and an element type, and returns
what is timed. All peers of a part run in one process, since PyTorch takes seconds to load.
"""
import pathlib
import statistics
import sys
import time

DEVICE = "cuda"  # where peers compute; a test has "cpu"


def load(device: str) -> tuple:
    """PyTorch with a GPU where our device is one, or None and why there is none."""
    if device != "cuda":
        return None, "not run: no GPU"
    try:
        import torch
    except ImportError as missing:
        absent = isinstance(missing, ModuleNotFoundError) and missing.name == "torch"
        return None, "not run: no PyTorch" if absent else f"not run: PyTorch does not load, {failure_of(missing)}"
    except OSError as missing:  # one of the libraries that PyTorch opens
        return None, f"not run: PyTorch does not load, {failure_of(missing)}"
    if not torch.cuda.is_available():
        return None, f"not run: PyTorch {torch.__version__} finds no GPU"
    torch.backends.cuda.matmul.allow_tf32 = False
    return torch, ""


def dtype_of(torch, name: str):
    return {"float": torch.float32, "double": torch.float64, "bfloat16": torch.bfloat16}[name]


def failure_of(error: Exception) -> str:
    """What stopped a peer, as it stands in a row."""
    return f"{type(error).__name__}: {error}"[:300]


def wait(torch) -> None:
    """Waits for what the GPU was given to do."""
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def release(torch) -> None:
    """Gives a peer's memory back to the GPU, where our program runs next."""
    try:
        torch.cuda.empty_cache()
    except RuntimeError:  # a peer broke the GPU's context; what comes next says so
        pass


def seconds_of(torch, body) -> float:
    """The seconds of one call of `body`, taken as `memsizer kernels` takes those of ours (samples/memsizer/kernel_times.hpp): the
    median of five groups of calls, each of about 10 milliseconds, but of 1,000 calls at most and one at least. Inside a group
    nobody waits for the GPU, so that it computes while the host prepares the next call."""

    def group(calls: int) -> float:
        begin = time.perf_counter()
        for _ in range(calls):
            body()
        wait(torch)
        return (time.perf_counter() - begin) / calls

    wait(torch)  # for the inputs
    group(1)  # memory, algorithms and caches
    calls = int(min(max(0.01 / group(1), 1), 1000))
    return statistics.median(group(calls) for _ in range(5))


def twin():
    """The module bench/pytorch_twin.py, beside whose folder this one lies."""
    folder = str(pathlib.Path(__file__).resolve().parent.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import pytorch_twin
    return pytorch_twin


class Maker:
    """Makes the peers of one element type."""

    def __init__(self, torch, dtype: str):
        self.torch, self.functional = torch, torch.nn.functional
        self.dtype = dtype_of(torch, dtype)
        self.wide = torch.float64 if dtype == "double" else torch.float32

    def randn(self, *shape, dtype=None):
        return self.torch.randn(*shape, device=DEVICE, dtype=dtype or self.dtype)

    def ids(self, count: int, below: int):
        return self.torch.randint(below, (count,), device=DEVICE)

    def matrix(self, sizes: dict):
        return self.randn(sizes["rows"], sizes["columns"])

    def fill(self, sizes):
        x = self.matrix(sizes)
        return lambda: x.fill_(1)

    def copy(self, sizes):
        x, y = self.matrix(sizes), self.matrix(sizes)
        return lambda: y.copy_(x)

    def transpose(self, sizes):
        x, y = self.matrix(sizes), self.randn(sizes["columns"], sizes["rows"])
        return lambda: y.copy_(x.t())

    def gelu(self, sizes):
        x = self.matrix(sizes)
        return lambda: self.functional.gelu(x)

    def gelu_backward(self, sizes):
        x, dy = self.matrix(sizes), self.matrix(sizes)
        return lambda: self.torch.ops.aten.gelu_backward(dy, x)

    def dropout(self, sizes):
        x = self.matrix(sizes)
        return lambda: self.functional.dropout(x, 0.1)

    def add(self, sizes):
        x, z, y = self.matrix(sizes), self.matrix(sizes), self.matrix(sizes)
        return lambda: self.torch.add(x, z, out=y)

    def add_row(self, sizes):
        x, y, row = self.matrix(sizes), self.matrix(sizes), self.randn(sizes["columns"])
        return lambda: self.torch.add(x, row, out=y)

    def sum_of_rows(self, sizes):
        x = self.matrix(sizes)
        return lambda: x.sum(1)

    def sum_of_columns(self, sizes):
        x = self.matrix(sizes)
        return lambda: x.sum(0)

    def softmax(self, sizes):
        x = self.matrix(sizes)
        return lambda: self.torch.softmax(x, -1)

    def softmax_backward(self, sizes):
        y, dy = self.torch.softmax(self.matrix(sizes), -1), self.matrix(sizes)
        return lambda: self.torch.ops.aten._softmax_backward_data(dy, y, -1, self.dtype)

    def layer_norm(self, sizes):
        x, weight, bias = self.matrix(sizes), self.randn(sizes["columns"]), self.randn(sizes["columns"])
        return lambda: self.functional.layer_norm(x, (sizes["columns"],), weight, bias)

    def layer_norm_backward(self, sizes):
        x, weight, bias = self.matrix(sizes), self.randn(sizes["columns"]), self.randn(sizes["columns"])
        return self.backward(self.functional.layer_norm, [x, (sizes["columns"],), weight, bias])

    def cross_entropy(self, sizes):
        x, targets = self.matrix(sizes), self.ids(sizes["rows"], sizes["columns"])
        return lambda: self.functional.cross_entropy(x, targets)

    def cross_entropy_backward(self, sizes):
        x, targets = self.matrix(sizes), self.ids(sizes["rows"], sizes["columns"])
        return self.backward(self.functional.cross_entropy, [x, targets])

    def embedding(self, sizes):
        table = self.randn(max(sizes["rows"] // 2, 1), sizes["columns"])
        ids = self.ids(sizes["rows"], table.shape[0])
        return lambda: self.functional.embedding(ids, table)

    def embedding_backward(self, sizes):
        table = self.randn(max(sizes["rows"] // 2, 1), sizes["columns"])
        return self.backward(self.functional.embedding, [self.ids(sizes["rows"], table.shape[0]), table])

    def gradient_norm(self, sizes):
        x = self.randn(sizes["elements"], dtype=self.wide)
        return lambda: self.torch.linalg.vector_norm(x)

    def adam(self, sizes):
        """PyTorch's fused update in the type of the masters: it has no bfloat16 weights beside them."""
        weight = self.torch.nn.Parameter(self.randn(sizes["elements"], dtype=self.wide))
        weight.grad = self.torch.randn_like(weight)
        optimiser = self.torch.optim.Adam([weight], lr=1e-3, fused=True)
        return optimiser.step

    def backward(self, function, arguments: list):
        """The backward of `function` for all its tensors of numbers."""
        wanted = [one for one in arguments if self.torch.is_tensor(one) and one.is_floating_point()]
        for one in wanted:
            one.requires_grad_()
        y = function(*arguments)
        dy = self.torch.randn_like(y)
        return lambda: self.torch.autograd.grad(y, wanted, dy, retain_graph=True)

    def heads(self, sizes):
        """Query, key and value of attention, laid out as ours: [batch, time, heads, head_dim]."""
        shape = [sizes[name] for name in ("batch", "time", "heads", "head_dim")]
        return [self.randn(*shape).transpose(1, 2) for _ in range(3)]

    def causal(self, query, key, value):
        return self.functional.scaled_dot_product_attention(query, key, value, is_causal=True)

    def attention(self, sizes):
        query, key, value = self.heads(sizes)
        return lambda: self.causal(query, key, value)

    def attention_backward(self, sizes):
        return self.backward(self.causal, self.heads(sizes))

    def scan_inputs(self, sizes):
        batch, time_, slots, dim = (sizes[name] for name in ("batch", "time", "slots", "dim"))
        return [self.randn(batch, time_, size) for size in (slots, slots, dim)]

    @staticmethod
    def scan(query, key, value):
        return twin().scan_in_chunks(query, key, value, 64)

    def causal_scan(self, sizes):
        inputs = self.scan_inputs(sizes)
        return lambda: self.scan(*inputs)

    def causal_scan_backward(self, sizes):
        return self.backward(self.scan, self.scan_inputs(sizes))


def seconds(torch, kernel: str, sizes: dict, dtype: str) -> float | str:
    """PyTorch's time for the work of one of our kernels, or what stopped it."""
    try:
        with torch.set_grad_enabled(kernel.endswith("_backward")):
            return seconds_of(torch, getattr(Maker(torch, dtype), kernel)(sizes))
    except Exception as error:  # whatever stops a peer is a result
        return failure_of(error)
