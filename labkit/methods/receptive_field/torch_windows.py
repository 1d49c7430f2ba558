"""What the layers and functions of PyTorch look at: from their settings to windows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import fx, nn

from labkit.methods.receptive_field.arithmetic import Window, enlarging, strided, transposed, whole
from labkit.methods.receptive_field.graph import unchanged

Sizes = tuple[int, ...]
#: A layer's settings by the names that both its module and its function have for them.
Settings = Mapping[str, Any]
#: One for each dimension; None: not known with these settings.
Windows = Sequence[Window] | None

ACTIVATIONS = (
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish,
    nn.Sigmoid, nn.LogSigmoid, nn.Tanh, nn.Softplus, nn.Softsign, nn.Hardtanh, nn.Hardsigmoid, nn.Hardswish,
)  # fmt: skip
POINTWISE = (
    *ACTIVATIONS, nn.Identity, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LocalResponseNorm, nn.ChannelShuffle,
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.Softmax2d,
)  # fmt: skip
#: Functions of ``torch``, ``torch.nn.functional`` and ``operator``, and methods of tensors.
POINTWISE_FUNCTIONS = {
    "relu", "relu_", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "sigmoid", "tanh", "softplus",
    "hardtanh", "hardsigmoid", "hardswish", "clamp", "exp", "log", "sqrt", "square", "abs", "neg", "pow",
    "add", "add_", "iadd", "sub", "sub_", "isub", "mul", "mul_", "imul", "div", "div_", "truediv", "maximum", "minimum",
    "batch_norm", "dropout", "dropout2d", "dropout3d", "stochastic_depth", "contiguous", "clone", "detach", "float",
}  # fmt: skip


def _convolution(sizes: Sizes, settings: Settings) -> Windows:
    if settings["padding_mode"] != "zeros":
        return None
    reaches = [
        (kernel - 1) * dilation for kernel, dilation in zip(settings["kernel_size"], settings["dilation"], strict=True)
    ]
    if settings["padding"] == "same":
        pairs = [(reach // 2, reach - reach // 2) for reach in reaches]
    else:
        paddings = _each(0 if settings["padding"] == "valid" else settings["padding"], sizes)
        pairs = [(padding, padding) for padding in paddings]
    return [
        Window(kernel, stride, dilation, before, after)
        for kernel, stride, dilation, (before, after) in zip(
            settings["kernel_size"], settings["stride"], settings["dilation"], pairs, strict=True
        )
    ]


def _transposed(sizes: Sizes, settings: Settings) -> Windows:
    names = ("kernel_size", "stride", "dilation", "padding", "output_padding")
    return [
        transposed(
            kernel, stride, dilation, cut, (below - 1) * stride - 2 * cut + (kernel - 1) * dilation + more + 1, below
        )
        for below, kernel, stride, dilation, cut, more in zip(sizes, *(settings[name] for name in names), strict=True)
    ]


def _pooling(sizes: Sizes, settings: Settings) -> Windows:
    kernels = settings["kernel_size"]
    strides = kernels if settings.get("stride") in (None, (), []) else settings["stride"]
    each = (
        _each(setting, sizes) for setting in (kernels, strides, settings.get("padding", 0), settings.get("dilation", 1))
    )
    windows = []
    for below, kernel, stride, padding, dilation in zip(sizes, *each, strict=True):
        window = Window(kernel, stride, dilation, padding, padding)
        if settings.get("ceil_mode"):
            units = Window(kernel, stride, dilation, padding, padding + stride - 1).units(below)
            units -= (units - 1) * stride >= below + padding  # a window may overhang the map, but not leave it
            window = strided(kernel, stride, dilation, padding, units, below)
        windows.append(window)
    return windows


def _adaptive(sizes: Sizes, settings: Settings) -> Windows:
    sides = zip(sizes, _each(settings["output_size"], sizes), strict=True)
    wanted = [below if units is None else units for below, units in sides]
    if any(below % units for below, units in zip(sizes, wanted, strict=True)):
        return None  # such windows are of unequal sizes
    return [
        whole(below) if units == 1 else Window(below // units, below // units)
        for below, units in zip(sizes, wanted, strict=True)
    ]


def _padding(sizes: Sizes, settings: Settings) -> Windows:
    amounts = list(settings.get("padding", settings.get("pad")))  # from the last dimension to the first
    if settings.get("mode", "constant") != "constant" or len(amounts) > 2 * len(sizes):
        return None
    pairs = [*zip(amounts[::2], amounts[1::2], strict=True)]
    pairs += [(0, 0)] * (len(sizes) - len(pairs))
    return [Window(before=before, after=after) for before, after in reversed(pairs)]


def _enlarging(sizes: Sizes, settings: Settings) -> Windows:
    mode = settings.get("mode", "nearest")
    linear = mode in ("linear", "bilinear", "trilinear")
    size, factor = settings.get("size"), settings.get("scale_factor")
    if settings.get("align_corners") or not (linear or mode in ("nearest", "nearest-exact")):
        return None
    if size is not None:
        factor = [side / below for side, below in zip(_each(size, sizes), sizes, strict=True)]
    factors = _each(factor, sizes)
    if any(factor != int(factor) for factor in factors):
        return None
    return [enlarging(int(factor), linear, below) for factor, below in zip(factors, sizes, strict=True)]


def _flatten(sizes: Sizes, settings: Settings) -> Windows:
    if (settings.get("start_dim", 0), settings.get("end_dim", -1)) not in ((1, -1), (1, len(sizes) + 1)):
        return None
    return [whole(below) for below in sizes]


def _mean(sizes: Sizes, settings: Settings) -> Windows:
    axes = settings.get("dim")
    rank = len(sizes) + 2
    places = {axis % rank for axis in ([axes] if isinstance(axes, int) else axes or range(rank))}
    return [whole(below) for below in sizes] if places == set(range(2, rank)) else None


def _over_channels(sizes: Sizes, settings: Settings) -> Windows:
    axis = settings.get("dim", settings.get("axis", 0))
    return unchanged(sizes) if axis in (1, -1 - len(sizes)) else None


def _reshape(sizes: Sizes, shape: Sequence[Any]) -> Windows:
    return [whole(below) for below in sizes] if len(shape) == 2 and shape[1] == -1 else None


def _linear(sizes: Sizes, settings: Settings) -> Windows:
    return unchanged(sizes) if set(sizes) == {1} else None


Rule = Callable[[Sizes, Settings], Windows]

MODULES: Sequence[tuple[tuple[type[nn.Module], ...], Rule]] = (
    ((nn.Conv1d, nn.Conv2d, nn.Conv3d), _convolution),
    ((nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d), _transposed),
    ((nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d), _pooling),
    ((nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d), _adaptive),
    ((nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d), _adaptive),
    ((nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d), _padding),
    ((nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d), _padding),
    ((nn.Upsample,), _enlarging),
    ((nn.Flatten,), _flatten),
    ((nn.Softmax, nn.LogSoftmax), _over_channels),
    ((nn.Linear,), _linear),
    (POINTWISE, lambda sizes, settings: unchanged(sizes)),
)
KNOWN = tuple(kind for kinds, _ in MODULES for kind in kinds)

_POOLING = ("kernel_size", "stride", "padding")
#: Functions with settings: the names of their arguments behind the first.
FUNCTIONS: Mapping[str, tuple[Rule, tuple[str, ...]]] = {
    **{f"max_pool{d}d": (_pooling, (*_POOLING, "dilation", "ceil_mode")) for d in (1, 2, 3)},
    **{f"avg_pool{d}d": (_pooling, (*_POOLING, "ceil_mode")) for d in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{d}d": (_adaptive, ("output_size",)) for d in (1, 2, 3) for kind in ("avg", "max")},
    "pad": (_padding, ("pad", "mode")),
    "interpolate": (_enlarging, ("size", "scale_factor", "mode", "align_corners")),
    "flatten": (_flatten, ("start_dim", "end_dim")),
    "mean": (_mean, ("dim",)),
    "cat": (_over_channels, ("dim",)),
    "concat": (_over_channels, ("dim",)),
    "softmax": (_over_channels, ("dim",)),
    "log_softmax": (_over_channels, ("dim",)),
}


def windows_of_module(module: nn.Module, sizes: Sizes) -> Windows:
    """What a module looks at on a map of that size; None: not known."""
    for kinds, rule in MODULES:
        if is_one_of(module, kinds):
            return rule(sizes, vars(module))
    return None


def windows_of_function(name: str, args: Sequence[Any], kwargs: Settings, sizes: Sizes) -> Windows:
    """What a function or a method looks at on a map of that size; None: not known.

    Args:
        name: its name.
        args: all of its arguments, the map first; one that the model computes, from the shape of a map say, is
            an fx.Node.
        kwargs: those given by name.
        sizes: of the map.
    """
    if name in POINTWISE_FUNCTIONS:
        return unchanged(sizes)
    if name in ("view", "reshape"):
        return _reshape(sizes, args[1:])
    if name not in FUNCTIONS:
        return None
    rule, names = FUNCTIONS[name]
    settings = {**dict(zip(names, args[1:], strict=False)), **kwargs}
    computed = [isinstance(value, fx.Node) for name in names for value in _each(settings.get(name), sizes)]
    return None if any(computed) else rule(sizes, settings)


def is_one_of(module: nn.Module, kinds: tuple[type[nn.Module], ...]) -> bool:
    """Whether a module is of one of these classes and does what they do."""
    return any(isinstance(module, kind) and type(module).forward is kind.forward for kind in kinds)


def _each(setting: Any, sizes: Sizes) -> Sequence[Any]:
    """A setting for each dimension; one for all is written as a number or a tuple of one."""
    setting = (setting,) if not isinstance(setting, Sequence) else tuple(setting)
    return setting * len(sizes) if len(setting) == 1 else setting
