#!/usr/bin/env python3
"""Writes recorded.safetensors with Hugging Face's own library (pip install safetensors numpy ml_dtypes), the oracle
of tests/files/safetensors.cpp. Needed only to record it anew."""

import pathlib

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

tensors = {
    "double": np.array([[0.1, -2, 3e300], [5e-324, 0, -0.0]]),
    "float": np.array([0.1, -2, 1e-45], np.float32),
    "half": np.array([1.5, -0.0, 6e-8, 65504, -np.inf, np.nan, 6.1e-5], np.float16),
    "bfloat": np.array([1.5, -100], ml_dtypes.bfloat16),
    "long": np.array([2**63 - 1, -(2**63)], np.int64),
    "int": np.array([[[7, -8]]], np.int32),
    "byte": np.array([0, 128, 255], np.uint8),
    "scalar": np.array(42.0),
    "empty": np.zeros([4, 0], np.float32),
    'näme "1"': np.array([1], np.float32),
}
save_file(tensors, pathlib.Path(__file__).with_name("recorded.safetensors"), {"format": "pt", "step": "12"})
print("half as float32:", [x.hex() for x in tensors["half"].astype(np.float64).tolist()])
