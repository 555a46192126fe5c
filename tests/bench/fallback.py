"""LoRA steps in PyTorch with transformers and PEFT, float32 on the CPU, for comparison.

Reads one JSON object from standard input: config (of a Llama), lora (of PEFT), batches
(input_ids, labels, attention_mask), threads. The first batch is run once more beforehand.
Prints one JSON object: versions, and milliseconds of each step. Weights are made up: they
do not change how long a step takes.
"""
import json
import sys
import time

import peft
import torch
import transformers

request = json.load(sys.stdin)
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


times = []
for batch in [request["batches"][0], *request["batches"]]:
    start = time.perf_counter()
    step(batch)
    times.append(1e3 * (time.perf_counter() - start))
print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__, "milliseconds": times[1:]}))
