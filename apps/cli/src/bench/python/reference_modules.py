"""UNet2DConditionModel and CLIPTextModel in plain PyTorch, with the names of diffusers' tensors."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, context_width, heads):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context_width, width, bias=False)
        self.to_v = nn.Linear(context_width, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, x, context):
        mixed = attend(self.to_q(x), self.to_k(context), self.to_v(context), self.heads)
        return self.to_out[0](mixed)


def attend(q, k, v, heads, mask=None):
    """(B, n, d) over (B, m, d)."""
    batch, n, width = q.shape

    def split(x):
        return x.reshape(batch, x.shape[1], heads, width // heads).transpose(1, 2)

    q, k, v = split(q), split(k), split(v)
    if hasattr(F, "scaled_dot_product_attention"):  # from PyTorch 2
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    else:
        scores = (q * (width // heads) ** -0.5) @ k.transpose(2, 3)
        mixed = (scores if mask is None else scores + mask).softmax(-1) @ v
    return mixed.transpose(1, 2).reshape(batch, n, width)


class GEGLU(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x):
        a, b = self.proj(x).chunk(2, dim=-1)
        return a * F.gelu(b)


class FeedForward(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.net = nn.ModuleList([GEGLU(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


class BasicTransformerBlock(nn.Module):
    def __init__(self, width, context_width, heads):
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))
        self.attn1 = Attention(width, width, heads)
        self.attn2 = Attention(width, context_width, heads)
        self.ff = FeedForward(width)

    def forward(self, x, context):
        normal = self.norm1(x)
        x = x + self.attn1(normal, normal)
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class Transformer2DModel(nn.Module):
    def __init__(self, width, heads, config):
        super().__init__()
        self.norm = nn.GroupNorm(config.get("norm_num_groups", 32), width, eps=1e-6)
        self.linear = config.get("use_linear_projection", False)
        project = nn.Linear if self.linear else lambda a, b: nn.Conv2d(a, b, 1)
        self.proj_in, self.proj_out = project(width, width), project(width, width)
        context_width = config["cross_attention_dim"]
        self.transformer_blocks = nn.ModuleList([BasicTransformerBlock(width, context_width, heads)])

    def forward(self, x, context):
        batch, width, height, breadth = x.shape
        h = self.norm(x)
        h = h if self.linear else self.proj_in(h)
        h = h.flatten(2).transpose(1, 2)  # (B, h w, C)
        h = self.proj_in(h) if self.linear else h
        for block in self.transformer_blocks:
            h = block(h, context)
        h = self.proj_out(h) if self.linear else h
        h = h.transpose(1, 2).reshape(batch, width, height, breadth)
        return x + (h if self.linear else self.proj_out(h))


class ResnetBlock2D(nn.Module):
    def __init__(self, inputs, width, time_width, groups, epsilon):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs, eps=epsilon)
        self.conv1 = nn.Conv2d(inputs, width, 3, padding=1)
        self.time_emb_proj = nn.Linear(time_width, width)
        self.norm2 = nn.GroupNorm(groups, width, eps=epsilon)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(inputs, width, 1) if inputs != width else None

    def forward(self, x, time):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.time_emb_proj(time)[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        return (x if self.conv_shortcut is None else self.conv_shortcut(x)) + h


class Block(nn.Module):
    """Of the way down, of the middle or of the way up: what it lacks is None."""

    def __init__(self, resnets, attentions=(), downsampler=None, upsampler=None):
        super().__init__()
        self.resnets = nn.ModuleList(resnets)
        self.attentions = nn.ModuleList(attentions) if attentions else None
        self.downsamplers = nn.ModuleList([downsampler]) if downsampler else None
        self.upsamplers = nn.ModuleList([upsampler]) if upsampler else None

    def step(self, i, x, time, context):
        x = self.resnets[i](x, time)
        return self.attentions[i](x, context) if self.attentions else x


class Resample(nn.Module):
    def __init__(self, width, stride=1, padding=1):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=stride, padding=padding)

    def forward(self, x):
        return self.conv(x)


class TimestepEmbedding(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.linear_1, self.linear_2 = nn.Linear(inputs, width), nn.Linear(width, width)

    def forward(self, x):
        return self.linear_2(F.silu(self.linear_1(x)))


class UNet2DConditionModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        widths = config["block_out_channels"]
        layers = config.get("layers_per_block", 2)
        groups, epsilon = config.get("norm_num_groups", 32), config.get("norm_eps", 1e-5)
        time_width, last = 4 * widths[0], len(widths) - 1
        heads = config.get("num_attention_heads") or config["attention_head_dim"]
        heads = heads if isinstance(heads, list) else [heads] * len(widths)
        self.config = config

        def resnet(inputs, width):
            return ResnetBlock2D(inputs, width, time_width, groups, epsilon)

        def attention(kind, level, count):
            cross = kind.startswith("CrossAttn")
            each = range(count if cross else 0)
            return [Transformer2DModel(widths[level], heads[level], config) for _ in each]

        self.conv_in = nn.Conv2d(config["in_channels"], widths[0], 3, padding=1)
        self.time_embedding = TimestepEmbedding(widths[0], time_width)
        pooled = config.get("projection_class_embeddings_input_dim")
        projected = config.get("class_embed_type") == "projection"
        self.class_embedding = TimestepEmbedding(pooled, time_width) if projected else None
        skips, width = [widths[0]], widths[0]
        down, up = [], []
        for level, kind in enumerate(config["down_block_types"]):
            inputs = [width] + [widths[level]] * (layers - 1)
            width = widths[level]
            padding = config.get("downsample_padding", 1)
            smaller = Resample(width, 2, padding) if level < last else None
            resnets = [resnet(n, width) for n in inputs]
            down.append(Block(resnets, attention(kind, level, layers), downsampler=smaller))
            skips += [width] * (layers + (level < last))
        self.down_blocks = nn.ModuleList(down)
        middle = [Transformer2DModel(width, heads[last], config)]
        self.mid_block = Block([resnet(width, width), resnet(width, width)], middle)
        for step, kind in enumerate(config["up_block_types"]):
            level, resnets = last - step, []
            for _ in range(layers + 1):
                resnets.append(resnet(width + skips.pop(), widths[level]))
                width = widths[level]
            larger = Resample(width) if level > 0 else None
            up.append(Block(resnets, attention(kind, level, layers + 1), upsampler=larger))
        self.up_blocks = nn.ModuleList(up)
        self.conv_norm_out = nn.GroupNorm(groups, width, eps=epsilon)
        self.conv_out = nn.Conv2d(width, config["out_channels"], 3, padding=1)

    def forward(self, sample, timestep, context, pooled):
        time = self.time_embedding(self.sinusoids(timestep))
        if self.class_embedding is not None:
            time = time + self.class_embedding(pooled)
        time = F.silu(time)
        h = self.conv_in(sample)
        skips = [h]
        for block in self.down_blocks:
            for i in range(len(block.resnets)):
                h = block.step(i, h, time, context)
                skips.append(h)
            if block.downsamplers:
                h = block.downsamplers[0](h)
                skips.append(h)
        h = self.mid_block.resnets[0](h, time)
        h = self.mid_block.resnets[1](self.mid_block.attentions[0](h, context), time)
        for block in self.up_blocks:
            for i in range(len(block.resnets)):
                h = block.step(i, torch.cat([h, skips.pop()], 1), time, context)
            if block.upsamplers:
                h = block.upsamplers[0](F.interpolate(h, scale_factor=2, mode="nearest"))
        return self.conv_out(F.silu(self.conv_norm_out(h)))

    def sinusoids(self, timestep):
        half = self.config["block_out_channels"][0] // 2
        shift = self.config.get("freq_shift", 0)
        rates = torch.exp(torch.arange(half) * (-math.log(10_000) / (half - shift)))
        angles = timestep[:, None] * rates
        parts = [angles.cos(), angles.sin()]
        return torch.cat(parts if self.config.get("flip_sin_to_cos", True) else parts[::-1], 1)


class ClipAttention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (
            nn.Linear(width, width) for _ in range(4)
        )

    def forward(self, x, mask):
        mixed = attend(self.q_proj(x), self.k_proj(x), self.v_proj(x), self.heads, mask)
        return self.out_proj(mixed)


class ClipLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        epsilon = config.get("layer_norm_eps", 1e-5)
        self.self_attn = ClipAttention(width, config["num_attention_heads"])
        self.layer_norm1 = nn.LayerNorm(width, eps=epsilon)
        self.layer_norm2 = nn.LayerNorm(width, eps=epsilon)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(width, inner), "fc2": nn.Linear(inner, width)})
        self.quick = config["hidden_act"] == "quick_gelu"

    def forward(self, x, mask):
        x = x + self.self_attn(self.layer_norm1(x), mask)
        inner = self.mlp["fc1"](self.layer_norm2(x))
        inner = inner * torch.sigmoid(1.702 * inner) if self.quick else F.gelu(inner)
        return x + self.mlp["fc2"](inner)


class CLIPTextModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.eos = config["eos_token_id"]
        self.text_model = nn.Module()
        self.text_model.embeddings = nn.ModuleDict(
            {
                "token_embedding": nn.Embedding(config["vocab_size"], width),
                "position_embedding": nn.Embedding(config["max_position_embeddings"], width),
            }
        )
        self.text_model.encoder = nn.Module()
        layers = [ClipLayer(config) for _ in range(config["num_hidden_layers"])]
        self.text_model.encoder.layers = nn.ModuleList(layers)
        epsilon = config.get("layer_norm_eps", 1e-5)
        self.text_model.final_layer_norm = nn.LayerNorm(width, eps=epsilon)

    def forward(self, ids):
        """(B, L) -> (B, L, d), and (B, d) at the first end of text."""
        batch, length = ids.shape
        embeddings = self.text_model.embeddings
        x = embeddings["token_embedding"](ids) + embeddings["position_embedding"].weight[:length]
        mask = torch.full((length, length), -1e9).triu(1)
        for layer in self.text_model.encoder.layers:
            x = layer(x, mask)
        last = self.text_model.final_layer_norm(x)
        ends = ids if self.eos == 2 else (ids == self.eos).int()
        return last, last[torch.arange(batch), ends.argmax(1)]
