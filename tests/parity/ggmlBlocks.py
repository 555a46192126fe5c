"""Writes tests/fixtures/ggml-blocks.json: random blocks of GGUF's formats and
their values by ggml's own Python package.

    pip install gguf numpy && python tests/parity/ggmlBlocks.py
"""
import base64, json, os
import numpy as np
from gguf import GGMLQuantizationType as T, quants

random = np.random.default_rng(1)
out = {}
for name, kind, size, halves in [("q8_0", T.Q8_0, 34, [0]), ("q4_0", T.Q4_0, 18, [0]), ("q4_1", T.Q4_1, 20, [0, 2]),
                                 ("q4_k", T.Q4_K, 144, [0, 2]), ("q6_k", T.Q6_K, 210, [208])]:
    blocks = random.integers(0, 256, (3, size), dtype=np.uint8)
    for at in halves:
        blocks[:, at:at + 2] = random.normal(0, 0.1, (3, 1)).astype(np.float16).view(np.uint8)
    values = quants.dequantize(blocks, kind).astype(np.float32)
    out[name] = {"bytes": base64.b64encode(blocks.tobytes()).decode(), "values": base64.b64encode(values.tobytes()).decode()}
values = random.normal(0, 1, (2, 64)).astype(np.float32)
out["q8_0 of values"] = {"values": base64.b64encode(values.tobytes()).decode(),
                         "bytes": base64.b64encode(quants.quantize(values, T.Q8_0).tobytes()).decode()}
path = os.path.join(os.path.dirname(__file__), "..", "fixtures", "ggml-blocks.json")
with open(path, "w") as f:
    json.dump(out, f, indent=1)
    f.write("\n")
