"""Logits of a base with a PEFT adapter: what PEFT itself makes of an adapter that was exported here.

    python tests/parity/peftLogits.py BASE ADAPTER IDS.json > LOGITS.json

IDS.json holds a list of token ids; the answer has the last token's logits, of
the base alone and with the adapter. Needs torch, transformers and peft.
"""
import json, sys
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
base, adapter, ids = sys.argv[1:]
tokens = torch.tensor([json.load(open(ids))])
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
with torch.no_grad():
    plain = model(tokens).logits[0, -1].tolist()
    tuned = PeftModel.from_pretrained(model, adapter)(tokens).logits[0, -1].tolist()
json.dump({"base": plain, "tuned": tuned}, sys.stdout)
