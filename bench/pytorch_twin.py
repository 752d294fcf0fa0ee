"""The language models of this project in PyTorch, written to be fast there. compare_pytorch.py compares our program with them.

The weights have the names and shapes of our checkpoints, so that both sides can begin with the same numbers. The Transformer
uses scaled_dot_product_attention. MemSizer runs in chunks and never makes a T x slots x D tensor.
"""
import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F
from torch import nn


DTYPES = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64, "U8": torch.uint8}


def read_header(data):
    """Returns the JSON header of a safetensors file, and where the tensors begin."""
    (size,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + size]), 8 + size


def read_safetensors(path):
    """Returns all tensors of a file, by name."""
    data = bytearray(pathlib.Path(path).read_bytes())
    header, start = read_header(data)
    tensors = {}
    for name, info in header.items():
        if name == "__metadata__":
            continue
        begin, end = (start + offset for offset in info["data_offsets"])
        dtype = DTYPES[info["dtype"]]
        flat = torch.frombuffer(data[begin:end], dtype=dtype) if end > begin else torch.empty(0, dtype=dtype)  # no empty buffer
        tensors[name] = flat.reshape(info["shape"])
    return tensors


class MultiHeadAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        dim = config["dim"]
        self.heads = config["heads"]
        self.q_proj, self.k_proj = nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.v_proj, self.out_proj = nn.Linear(dim, dim), nn.Linear(dim, dim)

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x):
        q, k, v = self.split(self.q_proj(x)), self.split(self.k_proj(x)), self.split(self.v_proj(x))
        return self.out_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

    def new_state(self, capacity, dim):
        return {"k": torch.zeros(1, self.heads, capacity, dim // self.heads),
                "v": torch.zeros(1, self.heads, capacity, dim // self.heads)}

    def step(self, x, state, count):
        state["k"][:, :, count : count + 1] = self.split(self.k_proj(x))
        state["v"][:, :, count : count + 1] = self.split(self.v_proj(x))
        y = F.scaled_dot_product_attention(self.split(self.q_proj(x)), state["k"][:, :, : count + 1], state["v"][:, :, : count + 1])
        return self.out_proj(y.transpose(1, 2).flatten(2))


def scan_in_chunks(p, k, v, chunk):
    """y_t = p_t (k_1 v_1^T + .. + k_t v_t^T) / sqrt(t), for p and k [batch, time, slots] and v [batch, time, dim]."""
    time = v.shape[1]
    size = min(chunk, time)
    pad = -time % size
    p, k, v = (F.pad(z, (0, 0, 0, pad)).unflatten(1, (-1, size)) for z in (p, k, v))
    # The memory before each chunk is the sum over all earlier chunks. All of these are computed at once.
    sums = k.transpose(-1, -2) @ v
    before = sums.cumsum(1) - sums
    y = (p @ k.transpose(-1, -2)).tril() @ v + p @ before
    count = torch.arange(1, time + pad + 1, dtype=torch.promote_types(p.dtype, torch.float32), device=p.device)
    scale = count.rsqrt().to(p.dtype).view(1, -1, 1)
    return (y.flatten(1, 2) * scale)[:, :time]


class MemSizerAttention(nn.Module):
    chunk = 64

    def __init__(self, config):
        super().__init__()
        dim, self.heads, self.slots = config["dim"], config["heads"], config["slots"]
        self.q_proj, self.k_proj = nn.Linear(dim, self.heads * self.slots), nn.Linear(dim, self.slots)
        self.v_proj = nn.Linear(dim, dim)
        self.k_norm, self.v_norm = nn.LayerNorm(self.slots), nn.LayerNorm(dim)

    def parts(self, x):
        p = self.q_proj(x).unflatten(-1, (self.heads, self.slots)).softmax(-1).mean(-2)
        return p, self.k_norm(self.k_proj(x)), self.v_norm(self.v_proj(x))

    def forward(self, x):
        p, k, v = self.parts(x)
        return scan_in_chunks(p, k, v, self.chunk)

    def new_state(self, capacity, dim):
        return {"memory": torch.zeros(1, self.slots, dim)}

    def step(self, x, state, count):
        p, k, v = self.parts(x)
        state["memory"] += k.transpose(1, 2) @ v
        return (p @ state["memory"]) * (count + 1) ** -0.5


def dropout(config):
    return nn.Dropout(config["dropout"]) if config["dropout"] > 0 else nn.Identity()


class Block(nn.Module):
    """A pre-norm block with dropout before each residual sum."""

    def __init__(self, config):
        super().__init__()
        dim, ffn = config["dim"], config["ffn"]
        self.self_attn = {"transformer": MultiHeadAttention, "memsizer": MemSizerAttention}[config["attention"]](config)
        self.self_attn_norm, self.ffn_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.fc1, self.fc2 = nn.Linear(dim, ffn), nn.Linear(ffn, dim)
        self.activation = {"relu": F.relu, "gelu": F.gelu}[config["activation"]]
        self.dropout = dropout(config)

    def feed_forward(self, x):
        return x + self.dropout(self.fc2(self.activation(self.fc1(self.ffn_norm(x)))))

    def forward(self, x):
        return self.feed_forward(x + self.dropout(self.self_attn(self.self_attn_norm(x))))

    def step(self, x, state, count):
        return self.feed_forward(x + self.self_attn.step(self.self_attn_norm(x), state, count))


def sinusoids(length, dim):
    half = dim // 2
    w = torch.exp(torch.arange(half, dtype=torch.float64) * -(math.log(10000.0) / (half - 1)))
    angle = torch.arange(length, dtype=torch.float64).unsqueeze(1) * w
    return torch.cat([angle.sin(), angle.cos()], 1)


class LanguageModel(nn.Module):
    """The model of this project's presets: pre-norm, sinusoidal positions, tied output."""

    def __init__(self, config, max_positions):
        super().__init__()
        self.dim = config["dim"]
        self.embedding = nn.Embedding(config["vocab"], self.dim)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config["layers"]))
        self.final_norm = nn.LayerNorm(self.dim)
        self.dropout = dropout(config)
        self.register_buffer("positions", sinusoids(max_positions, self.dim).float(), persistent=False)

    def forward(self, tokens):
        x = self.dropout(self.embedding(tokens) * math.sqrt(self.dim) + self.positions[: tokens.shape[1]])
        for block in self.blocks:
            x = block(x)
        return self.final_norm(x) @ self.embedding.weight.T

    def loss(self, tokens, targets):
        return F.cross_entropy(self(tokens).flatten(0, 1), targets.flatten())

    @torch.inference_mode()
    def step(self, token, states, count):
        """Reads one token and returns the likeliest next one."""
        x = self.embedding(token) * math.sqrt(self.dim) + self.positions[count]
        for block, state in zip(self.blocks, states):
            x = block.step(x, state, count)
        return (self.final_norm(x) @ self.embedding.weight.T).argmax(-1)
