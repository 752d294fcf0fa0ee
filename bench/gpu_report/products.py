"""Matrix products by our kernels and by NVIDIA's cuBLASLt, in each class of kernels/product_choice.hpp.

Where cuBLASLt was faster by more than the noise, `table` is the line of C++ that chooses it. `memsizer gradcheck` says
whether cuBLASLt's products are right.
"""
import json

import part

MARGIN = 1.05  # times of two runs may differ by so much
CONSTANTS = {"float": "float32", "double": "float64", "bfloat16": "bfloat16"}


def measure(context: part.Context, maker: str) -> tuple[part.Call, dict[tuple, dict]]:
    """The products by their class."""
    command = [context.program, "products", "--device", context.device, "--matmul", maker, "--json"]
    done = part.call(command, context.limit(100))
    rows = json.loads(done.output)["products"] if done.ok() else []
    return done, {(row["inputs"], row["outputs"], row["transposed"], row["size"]): row for row in rows}


def table_line(name: tuple) -> str:
    inputs, outputs, transposed, size = name
    across = ", ".join("true" if letter == "t" else "false" for letter in transposed)
    types = ", ".join(f"ElementType::{CONSTANTS[kind]}" for kind in (inputs, outputs))
    return f"{{{types}, {across}, ProductSize::{size}}},"


def add(rows: part.Rows, name: tuple, own: dict, theirs: dict | None, ceilings: dict) -> None:
    figures: dict = {"shape": "{rows} x {columns} x {inner}".format(**own), "own": part.rounded(own["teraflops"])}
    if theirs is not None:
        ratio = own["seconds"] / theirs["seconds"]
        figures |= {"cublaslt": part.rounded(theirs["teraflops"]), "own_to_cublaslt": part.rounded(1 / ratio),
                    "table": table_line(name) if ratio > MARGIN else None}
    inputs, outputs, transposed, size = name
    ceiling = f"product, {inputs}"
    figures["of_ceiling"] = part.rounded(own["teraflops"] / ceilings[ceiling]) if ceiling in ceilings else "not run: no ceiling"
    types = inputs if inputs == outputs else f"{inputs} to {outputs}"
    rows.add(f"{types}, {transposed}, {size}", unit="TFLOP/s", **figures)


def check(context: part.Context, rows: part.Rows, operation: str, dtype: str) -> None:
    """Whether products by cuBLASLt are right."""
    command = [context.program, "gradcheck", "--operation", operation, "--dtype", dtype, "--device", context.device,
               "--matmul", "cublaslt"]
    done = part.call(command, context.limit(60))
    failure = {} if done.ok() else done.failure()
    rows.add(f"gradcheck of {operation} by cuBLASLt, {dtype}", ok=done.verdict(), **failure)


def run(context: part.Context, rows: part.Rows) -> None:
    own_call, own = measure(context, "own")
    if not own_call.ok():
        rows.add("products by our kernels", ok=own_call.verdict(), **own_call.failure())
        return
    theirs: dict[tuple, dict] = {}
    reason = "not run: no GPU"
    if context.device == "cuda":
        their_call, theirs = measure(context, "cublaslt")
        reason = "not run"
        if their_call.code == 2 and "cuBLASLt" in their_call.errors:  # the library is not installed
            reason = f"not run: {their_call.tail(1)}"
        elif not their_call.ok():
            rows.add("products by cuBLASLt", ok=their_call.verdict(), **their_call.failure())
    ceilings = part.ceilings(context)
    for name, row in own.items():
        add(rows, name, row, theirs.get(name), ceilings)
    if theirs:
        for dtype in ("double", "float", "bfloat16"):
            for operation in ("matmul", "linear"):
                check(context, rows, operation, dtype)
    else:
        rows.add("cuBLASLt", note=reason)


if __name__ == "__main__":
    part.main(run)
