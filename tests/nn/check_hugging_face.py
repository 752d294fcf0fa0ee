#!/usr/bin/env python3
"""Reads files that nn::save has written with Hugging Face's own package (pip install safetensors numpy), and compares
names, types, shapes and values.

    python3 tests/nn/check_hugging_face.py build/release/tests/test_models

The test save/files_for_hugging_face of the binary writes the files. Prints "not run" where the package is missing.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from safetensors.numpy import load_file
except ImportError as missing:
    sys.exit(print(f"not run: {missing}"))

SHAPES = {"0.weight": (3, 2), "0.bias": (3,), "2.weight": (1, 3), "2.bias": (1,)}
# A store of bfloat16 saves its masters.
TYPES = {"double": np.float64, "bfloat16": np.float32}


def check(path, number_type):
    tensors = load_file(path)
    if tensors.keys() != SHAPES.keys():
        sys.exit(f"{path.name}: the tensors {sorted(SHAPES)} expected, got {sorted(tensors)}")
    for name, shape in SHAPES.items():
        expected = (0.1 * np.arange(np.prod(shape)) - 1).astype(number_type).reshape(shape)
        actual = tensors[name]
        if actual.dtype != number_type or actual.shape != shape or not np.array_equal(actual, expected):
            sys.exit(f"{path.name}, {name}:\n{expected!r} expected, got\n{actual!r}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.argv[1], "--run_test=save/files_for_hugging_face"],
            env=os.environ | {"MEMSIZER_FILES_FOR_HUGGING_FACE": folder},
            check=True,
        )
        for name, number_type in TYPES.items():
            check(pathlib.Path(folder, f"{name}.safetensors"), number_type)
    print(f"{len(TYPES)} files, {len(SHAPES)} tensors each: all equal")


if __name__ == "__main__":
    main()
