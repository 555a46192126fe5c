"""LoRA steps in PyTorch with transformers and PEFT, float32 on the CPU, for comparison.

Reads JSON objects, one a line, from standard input: first config (of a Llama), lora (of PEFT)
and threads, answered by the versions; then batches (input_ids, labels, attention_mask), each
answered by its step's milliseconds. Weights are made up: they do not change how long a step takes.
"""
import json
import sys
import time

import peft
import torch
import transformers



def answer(value):
    print(json.dumps(value), flush=True)


request = json.loads(sys.stdin.readline())
torch.set_num_threads(request["threads"])
torch.manual_seed(0)
model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**request["config"]))
model = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", **request["lora"]))
model.train()
parameters = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)


def step(batch):
    loss = model(**{name: torch.tensor(rows) for name, rows in batch.items()}).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad()


answer({"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__})
for line in sys.stdin:
    batch = json.loads(line)
    start = time.perf_counter()
    step(batch)
    answer(1e3 * (time.perf_counter() - start))
