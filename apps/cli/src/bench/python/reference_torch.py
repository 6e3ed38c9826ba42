"""The same model in PyTorch: one call for comparison, then timed sampling and training steps."""

import copy
import json
import os
import re
import struct
import sys
import time

# Waiting threads that spin, as is the default, cost ten times on a machine that others use too.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
for name in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{name}_NUM_THREADS"] = sys.argv[1]

import torch
import torch.nn.functional as F
from torch import nn

from line_server import blas_library, serve
from reference_modules import CLIPTextModel, UNet2DConditionModel

dtypes = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        content = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        dtype, (begin, end) = dtypes[entry["dtype"]], entry["data_offsets"]
        count = (end - begin) // torch.empty(0, dtype=dtype).element_size()
        flat = torch.frombuffer(content, dtype=dtype, count=count, offset=begin)
        tensors[name] = flat.reshape(entry["shape"]).float()
    return tensors


def read_component(directory, make, weights):
    with open(os.path.join(directory, "config.json")) as file:
        module = make(json.load(file))
    module.load_state_dict(read_safetensors(os.path.join(directory, weights)), strict=True)
    return module


class LoraLinear(nn.Module):
    def __init__(self, base, rank):
        super().__init__()
        self.base = base
        self.lora_A = nn.Linear(base.in_features, rank, bias=False)
        self.lora_B = nn.Linear(rank, base.out_features, bias=False)
        nn.init.normal_(self.lora_A.weight, std=base.in_features**-0.5)
        nn.init.zeros_(self.lora_B.weight)

    def forward(self, x):
        return self.base(x) + self.lora_B(self.lora_A(x))


class Model(nn.Module):
    def __init__(self, directory):
        super().__init__()
        self.text_encoder = read_component(
            os.path.join(directory, "text_encoder"), CLIPTextModel, "model.safetensors"
        )
        self.unet = read_component(
            os.path.join(directory, "unet"),
            UNet2DConditionModel,
            "diffusion_pytorch_model.safetensors",
        )


class Training:
    """A step as the trainer here takes it: v or noise target, clipping, AdamW, running average."""

    def __init__(self, model, average):
        self.model = model.train()
        self.trained = [p for p in model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trained, lr=1e-5, weight_decay=0, foreach=True)
        self.average = [p.detach().clone() for p in self.trained] if average else None

    def step(self, ids, latents):
        model, batch = self.model, len(ids)
        steps = (torch.arange(batch) + torch.rand(batch)) / batch * len(state["alphas"])
        timesteps = steps.long()
        alpha = state["alphas"][timesteps][:, None, None, None]
        sigma = (1 - alpha**2).sqrt()
        noise = torch.randn_like(latents)
        noisy = alpha * latents + sigma * noise
        target = alpha * noise - sigma * latents if state["velocity"] else noise
        context, pooled = model.text_encoder(ids)
        loss = F.mse_loss(model.unet(noisy, timesteps.float(), context, pooled), target)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        if self.average:
            with torch.no_grad():
                torch._foreach_mul_(self.average, 0.998)
                torch._foreach_add_(self.average, self.trained, alpha=0.002)
        return loss.item()


state = {}
layouts = {"contiguous": torch.contiguous_format, "channels last": torch.channels_last}


def load(request):
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(1)
    model = Model(request["model"]).requires_grad_(True)
    adapted = copy.deepcopy(model).requires_grad_(False)
    pattern = re.compile(request["loraTargets"])
    linear = [name for name, own in adapted.named_modules() if isinstance(own, nn.Linear)]
    found = [name for name in linear if pattern.fullmatch(name)]
    for name in found:
        parent, _, own = name.rpartition(".")
        lora = LoraLinear(adapted.get_submodule(name), request["rank"])
        setattr(adapted.get_submodule(parent), own, lora)

    def copied(module, layout):
        return copy.deepcopy(module).to(memory_format=layouts[layout])

    state.update(
        model={layout: copied(model, layout) for layout in layouts},
        full={layout: Training(copied(model, layout), average=True) for layout in layouts},
        lora={layout: Training(copied(adapted, layout), average=False) for layout in layouts},
        alphas=torch.tensor(request["alphas"]),
        velocity=request["prediction"] == "v_prediction",
    )
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "adapted": len(found),
        "layouts": list(layouts),
    }


def tensor(request, name):
    return torch.tensor(request[name]["data"]).reshape(request[name]["shape"])


def denoise(request):
    inputs = [tensor(request, name) for name in ("sample", "timestep", "context", "pooled")]
    with torch.inference_mode():
        return {"output": state["model"][request["layout"]].unet(*inputs).flatten().tolist()}


def sample(request):
    """DDIM with guidance, texts first and pixels last, as the pipeline here."""
    ids, guidance, times = torch.tensor(request["ids"]), request["guidance"], request["timesteps"]
    count, alphas, model = len(ids) - 1, state["alphas"], state["model"][request["layout"]]
    started = time.perf_counter()
    with torch.inference_mode():
        context, pooled = model.text_encoder(ids)  # the last row is the empty caption
        rows = [count] * count + list(range(count))
        context, pooled = context[rows], pooled[rows]
        x = torch.randn(count, *request["latents"])
        for t in times:
            before = t - len(alphas) // len(times)
            alpha, after = alphas[t], alphas[before] if before >= 0 else torch.tensor(1.0)
            sigma = (1 - alpha**2).sqrt()
            timestep = torch.full((2 * count,), float(t))
            plain, captioned = model.unet(torch.cat([x, x]), timestep, context, pooled).chunk(2)
            output = plain + guidance * (captioned - plain)
            if state["velocity"]:
                original, noise = alpha * x - sigma * output, alpha * output + sigma * x
            else:
                original, noise = (x - sigma * output) / alpha, output
            x = after * original.clamp(-1, 1) + (1 - after**2).sqrt() * noise
        ((F.pixel_shuffle(x, request["factor"]) + 1) * 127.5).clamp(0, 255).byte()
    return {"ms": 1000 * (time.perf_counter() - started)}


def train(request):
    ids = torch.tensor(request["ids"])
    latents = torch.randn(len(ids), *request["latents"])
    started = time.perf_counter()
    loss = state[request["what"]][request["layout"]].step(ids, latents)
    return {"ms": 1000 * (time.perf_counter() - started), "loss": loss}


about = {
    "torch": torch.__version__,
    "blas": blas_library(),
    "onednn": torch.backends.mkldnn.is_available(),
}
serve(about, {"load": load, "denoise": denoise, "sample": sample, "train": train})
