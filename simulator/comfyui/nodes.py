"""The nodes this ComfyUI has, in the form of its /object_info, and the model files in its folders."""

from typing import Any, Final

Spec = list[Any]

LINK_TYPES: Final = frozenset({"MODEL", "CLIP", "VAE", "CONDITIONING", "CONTROL_NET", "IMAGE", "LATENT"})
UNETS: Final = ["flux1-dev.safetensors", "flux1-schnell.safetensors"]
ENCODERS: Final = ["clip_l.safetensors", "t5xxl_fp16.safetensors", "t5xxl_fp8_e4m3fn.safetensors"]
CONTROLNETS: Final = ["FLUX.1-dev-ControlNet-Union-Pro-2.0.safetensors"]
TEXT: Final[Spec] = ["STRING", {"multiline": True, "dynamicPrompts": True}]


def _int(least: int, most: int) -> Spec:
    return ["INT", {"default": least, "min": least, "max": most}]


def _float(least: float, most: float) -> Spec:
    return ["FLOAT", {"default": least, "min": least, "max": most}]


INPUTS: Final[dict[str, dict[str, Spec]]] = {
    "UNETLoader": {"unet_name": [UNETS], "weight_dtype": [["default", "fp8_e4m3fn", "fp8_e5m2"]]},
    "CheckpointLoaderSimple": {"ckpt_name": [["flux1-dev-fp8.safetensors"]]},
    "DualCLIPLoader": {"clip_name1": [ENCODERS], "clip_name2": [ENCODERS], "type": [["sdxl", "sd3", "flux"]]},
    "VAELoader": {"vae_name": [["ae.safetensors"]]},
    "ControlNetLoader": {"control_net_name": [CONTROLNETS]},
    "CLIPTextEncode": {"text": TEXT, "clip": ["CLIP"]},
    "FluxGuidance": {"conditioning": ["CONDITIONING"], "guidance": _float(0, 100)},
    "LoadImage": {"image": [[], {"image_upload": True}]},
    "ControlNetApplyAdvanced": {
        "positive": ["CONDITIONING"],
        "negative": ["CONDITIONING"],
        "control_net": ["CONTROL_NET"],
        "image": ["IMAGE"],
        "strength": _float(0, 10),
        "start_percent": _float(0, 1),
        "end_percent": _float(0, 1),
    },
    # Of the new kind, which tells its choices as an option.
    "EmptySD3LatentImage": {
        "width": _int(16, 16384),
        "height": _int(16, 16384),
        "batch_size": _int(1, 4096),
    },
    "KSampler": {
        "model": ["MODEL"],
        "seed": _int(0, 2**64 - 1),
        "steps": _int(1, 10000),
        "cfg": _float(0, 100),
        "sampler_name": ["COMBO", {"options": ["euler", "dpmpp_2m"]}],
        "scheduler": ["COMBO", {"options": ["simple", "beta", "normal"]}],
        "positive": ["CONDITIONING"],
        "negative": ["CONDITIONING"],
        "latent_image": ["LATENT"],
        "denoise": _float(0, 1),
    },
    "VAEDecode": {"samples": ["LATENT"], "vae": ["VAE"]},
    "SaveImage": {"images": ["IMAGE"], "filename_prefix": ["STRING", {"default": "ComfyUI"}]},
    "PreviewImage": {"images": ["IMAGE"]},
}
OPTIONAL: Final[dict[str, dict[str, Spec]]] = {"ControlNetApplyAdvanced": {"vae": ["VAE"]}}
OUTPUTS: Final[dict[str, list[str]]] = {
    "UNETLoader": ["MODEL"],
    "CheckpointLoaderSimple": ["MODEL", "CLIP", "VAE"],
    "DualCLIPLoader": ["CLIP"],
    "VAELoader": ["VAE"],
    "ControlNetLoader": ["CONTROL_NET"],
    "CLIPTextEncode": ["CONDITIONING"],
    "FluxGuidance": ["CONDITIONING"],
    "LoadImage": ["IMAGE", "MASK"],
    "ControlNetApplyAdvanced": ["CONDITIONING", "CONDITIONING"],
    "EmptySD3LatentImage": ["LATENT"],
    "KSampler": ["LATENT"],
    "VAEDecode": ["IMAGE"],
}
SAVING: Final = {"SaveImage": "output", "PreviewImage": "temp"}
"""The nodes that put something out, and the folder it goes to."""


def info(kind: str, files: list[str]) -> dict[str, Any]:
    """`files` are those in the input folder itself; what lies deeper is found but not listed."""
    required = dict(INPUTS[kind])
    if kind == "LoadImage":
        required["image"] = [files, {"image_upload": True}]
    optional = OPTIONAL.get(kind, {})
    return {
        "input": {"required": required, **({"optional": optional} if optional else {})},
        "output": OUTPUTS.get(kind, []),
        "output_is_list": [False] * len(OUTPUTS.get(kind, [])),
        "name": kind,
        "display_name": kind,
        "description": "",
        "python_module": "nodes",
        "category": "simulated",
        "output_node": kind in SAVING,
    }
