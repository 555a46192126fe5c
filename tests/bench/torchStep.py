"""LoRA steps of a decoder in PyTorch, for comparison; the model is made up, its shape is not.

Reads one JSON object from the command line: hidden, intermediate, layers, heads,
keyValueHeads, vocabulary, tokens, rank, checkpointing, steps, device. Prints one JSON object:
milliseconds a step (median) in float32 (without TF32) and in bfloat16 autocast.
"""
import json
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

o = json.loads(sys.argv[1])
device = torch.device(o["device"])
torch.backends.cuda.matmul.allow_tf32 = False
torch.manual_seed(0)
head_dim = o["hidden"] // o["heads"]


class Linear(torch.nn.Module):
    """A frozen linear layer with its LoRA path."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.w = torch.nn.Parameter(torch.randn(outputs, inputs, device=device) * inputs**-0.5, requires_grad=False)
        self.a = torch.nn.Parameter(torch.randn(o["rank"], inputs, device=device) * inputs**-0.5)
        self.b = torch.nn.Parameter(torch.zeros(outputs, o["rank"], device=device))

    def forward(self, x):
        return F.linear(x, self.w) + 2 * F.linear(F.linear(x, self.a), self.b)


def norm(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        shared = o["keyValueHeads"] * head_dim
        self.q, self.k, self.v, self.o = Linear(o["hidden"], o["hidden"]), Linear(o["hidden"], shared), Linear(o["hidden"], shared), Linear(o["hidden"], o["hidden"])
        self.gate, self.up, self.down = Linear(o["hidden"], o["intermediate"]), Linear(o["hidden"], o["intermediate"]), Linear(o["intermediate"], o["hidden"])

    def forward(self, x, cos, sin):
        n = norm(x)
        split = lambda y, heads: y.view(1, -1, heads, head_dim).transpose(1, 2)
        q, k, v = split(self.q(n), o["heads"]), split(self.k(n), o["keyValueHeads"]), split(self.v(n), o["keyValueHeads"])
        y = F.scaled_dot_product_attention(rotate(q, cos, sin), rotate(k, cos, sin), v, is_causal=True, enable_gqa=True)
        x = x + self.o(y.transpose(1, 2).reshape(1, -1, o["hidden"]))
        n = norm(x)
        return x + self.down(F.silu(self.gate(n)) * self.up(n))


layers = torch.nn.ModuleList(Layer() for _ in range(o["layers"]))
table = torch.randn(o["vocabulary"], o["hidden"], device=device) * o["hidden"]**-0.5
ids = torch.randint(o["vocabulary"], (1, o["tokens"]), device=device)
angles = torch.arange(o["tokens"], device=device)[:, None] * (10000.0 ** (-torch.arange(0, head_dim, 2, device=device) / head_dim))
cos, sin = angles.cos(), angles.sin()
optimizer = torch.optim.AdamW([p for p in layers.parameters() if p.requires_grad], lr=1e-4)


def step():
    x = F.embedding(ids, table)
    x.requires_grad_(True)
    for layer in layers:
        x = checkpoint(layer, x, cos, sin, use_reentrant=False) if o["checkpointing"] else layer(x, cos, sin)
    loss = F.cross_entropy(F.linear(norm(x), table)[0, :-1].float(), ids[0, 1:])
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()


def measure(autocast):
    times = []
    for turn in range(o["steps"] + 1):
        start = time.perf_counter()
        with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
            step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times[1:])


name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU"
print(json.dumps({"version": torch.__version__, "device": name, "float32": measure(False), "bfloat16": measure(True)}))
