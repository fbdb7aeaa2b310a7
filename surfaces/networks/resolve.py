"""From what a user writes or passes to a network: names, import paths, modules."""

from __future__ import annotations

import copy
import inspect
import sys
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from ..catalogue import CATALOGUE, NETWORKS, PROBLEMS
from ..errors import DescentError, unknown
from ..imports import flat, imported, is_dotted, own
from ..options import as_bool, format_named, parse_named
from .network import Network
from .weights import layers, shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from torch import nn

    from ..data.dataset import Data

WAYS = "a name from `descent list networks`, package.module:Class of a torch.nn.Module, or such a module"
MOST = 50_000_000  # parameters of a network that a name stands for
TRIAL = 4  # samples that a network is tried on before it is accepted


class Row(NamedTuple):
    """What can be said about one layer."""

    name: str  # path of the layer
    description: str  # "Linear 784 -> 128"
    parameters: int  # trainable numbers
    parts: dict[str, int]  # {"weight": 100352, "bias": 128}


def is_network(target: object) -> bool:
    """Return whether a target is a network; for the names of surfaces and networks this loads no torch.

    >>> is_network("mlp784"), is_network("mlp:hidden=8"), is_network("beale")
    (True, True, False)
    """
    if isinstance(target, Network):
        return True
    if isinstance(target, str):
        name, colon, rest = (part.strip() for part in target.partition(":"))
        folded = _fold(name)
        if folded in NETWORKS:
            return True
        if folded in {*CATALOGUE, *PROBLEMS, "expr"} or not (colon and name and is_dotted(rest)):
            return False
        try:
            target = imported(name, rest, "network", WAYS)
        except DescentError:
            return False
    if "torch" not in sys.modules:
        return False
    from torch import nn

    return isinstance(target, nn.Module) or (isinstance(target, type) and issubclass(target, nn.Module))


def default_data(target: object) -> str | None:
    """Return the data that a network learns where none is named, or None where it must be named.

    >>> default_data("mlp784"), default_data("my_module:Net")
    ('digits28', None)
    """
    entry = NETWORKS.get(_fold(target.partition(":")[0])) if isinstance(target, str) else None
    return entry.data if entry else None


def get_network(target: Any, data: Data, *, seed: int = 0, loss: Any = None) -> Network:
    """Return the network that a name, an import path, a module or a module's class stands for.

    Args:
        target: A name with options ("mlp:hidden=16/16,activation=relu"), "package.module:Class", a module,
            which is copied with its weights, or a class, which is called without arguments.
        data: What it learns.
        seed: From which the first weights are drawn; the global generators are left as they are.
        loss: As `losses.get_loss` takes it.

    Raises:
        DescentError: There is no such network, it has nothing to train, or it does not fit the data.
    """
    import torch

    if isinstance(target, Network):
        return target
    name, build = _from_text(target.strip(), data) if isinstance(target, str) else _from_object(target)
    with torch.random.fork_rng(devices=[]):
        # Not torch.manual_seed: that would also seed the generators of other devices.
        torch.default_generator.manual_seed(seed)
        try:
            module = build()
        except DescentError:
            raise
        except Exception as error:  # a user's own class may raise anything
            reason = f"{type(error).__name__}: {flat(error)}"
            raise DescentError(f"network {name!r} could not be built: {reason}") from error
    _check_weights(module, name)
    module = module.to(device=data.train.x.device, dtype=data.train.x.dtype)
    outputs = _tried(module, name, data)
    from .losses import get_loss, metric_of

    made, loss_name = get_loss(loss, data, outputs.shape[-1])
    _check_loss(made, loss_name, outputs, data)
    return Network(name, module, data, made, loss_name, metric_of(data))


def get_module(path: str) -> nn.Module:
    """Return the module that an import path leads to: a class or a function is called without arguments.

    Raises:
        DescentError: There is no such thing, it needs arguments, fails, or gives no module.
    """
    import torch
    from torch import nn

    module, colon, rest = (part.strip() for part in path.partition(":"))
    if not (colon and module and is_dotted(rest)):
        raise DescentError(f"a model is named as package.module:Class, not {path!r}")
    found = imported(
        module, rest, "model", "package.module:Class, or a function that gives a torch.nn.Module"
    )
    if isinstance(found, type | nn.Module):
        build = _from_object(found, path)[1]
    elif callable(found):
        build = found
    else:
        raise DescentError(f"{path!r} is a {type(found).__name__} and no torch.nn.Module")
    try:
        with torch.random.fork_rng(devices=[]):
            made = build()
    except Exception as error:  # a user's own class may raise anything
        raise DescentError(
            f"model {path!r} could not be built: {type(error).__name__}: {flat(error)}; "
            "it is called without arguments"
        ) from error
    if not isinstance(made, nn.Module):
        raise DescentError(f"{path!r} gives a {type(made).__name__} and no torch.nn.Module")
    return made


def describe(network: Network | nn.Module) -> list[Row]:
    """Return one row for each layer with trainable parameters.

    >>> from torch import nn
    >>> describe(nn.Sequential(nn.Linear(3, 2)))
    [Row(name='0', description='Linear 3 -> 2', parameters=8, parts={'weight': 6, 'bias': 2})]
    """
    module = network.module if isinstance(network, Network) else network
    sizes = {path: prod(shape) for path, shape in shapes(module).items()}
    modules = dict(module.named_modules())
    rows = []
    for layer in layers(module):
        if layer.name in sizes and layer.name not in modules:
            rows.append(Row(layer.name, "parameter", layer.size, {layer.name: layer.size}))
            continue
        parts = {
            path.rpartition(".")[2]: size
            for path, size in sizes.items()
            if path.rpartition(".")[0] == layer.name
        }
        rows.append(Row(layer.name, _describe(modules[layer.name]), layer.size, parts))
    return rows


def _describe(layer: nn.Module) -> str:
    kind = type(layer).__name__
    for before, after in (
        ("in_features", "out_features"),
        ("in_channels", "out_channels"),
        ("num_embeddings", "embedding_dim"),
    ):
        if hasattr(layer, before) and hasattr(layer, after):
            kernel = getattr(layer, "kernel_size", ())
            size = f", {' x '.join(map(str, kernel))}" if isinstance(kernel, tuple) and kernel else ""
            return f"{kind} {getattr(layer, before)} -> {getattr(layer, after)}{size}"
    features = getattr(layer, "num_features", None)
    return f"{kind} {features}" if isinstance(features, int) else kind


def _from_text(text: str, data: Data) -> tuple[str, Callable[[], nn.Module]]:
    name, colon, rest = (part.strip() for part in text.partition(":"))
    folded = _fold(name)
    if folded in NETWORKS:
        return _from_catalogue(folded, text, data)
    if colon and name and is_dotted(rest):
        return _from_object(imported(name, rest, "network", WAYS), text)
    if not name:
        raise DescentError(f"no network is named in {text!r}; allowed: {WAYS}")
    raise unknown("network", name, NETWORKS, see="descent list networks")


def _from_catalogue(name: str, text: str, data: Data) -> tuple[str, Callable[[], nn.Module]]:
    builder = own("surfaces", NETWORKS[name].builder)
    options = dict(parse_named(text, "network")[1])
    allowed = {key: each for key, each in inspect.signature(builder).parameters.items() if key != "data"}
    for key in options:
        if not allowed:
            raise DescentError(f"network {name!r} has no options, but {key!r} was given")
        if key not in allowed:
            raise unknown(f"option of network {name!r}", key, allowed)
        if isinstance(allowed[key].default, bool) and (switch := as_bool(options[key])) is not None:
            options[key] = switch
    told = [(key, options[key]) for key in allowed if key in options and options[key] != allowed[key].default]
    shown = format_named(name, told)

    def build() -> nn.Module:
        import torch

        with torch.device("meta"):  # where weights take no memory
            size = sum(each.numel() for each in builder(data, **options).parameters())
        if size > MOST:
            raise DescentError(
                f"network {shown!r} has {size:,} parameters; at most {MOST:,} are built by name"
            )
        module: nn.Module = builder(data, **options)
        return module

    return shown, build


def _from_object(target: Any, name: str = "") -> tuple[str, Callable[[], nn.Module]]:
    from torch import nn

    if isinstance(target, nn.Module):
        return name or type(target).__name__, lambda: copy.deepcopy(target)
    if not (isinstance(target, type) and issubclass(target, nn.Module)):
        raise DescentError(f"{name or f'a {type(target).__name__}'} is not a network; allowed: {WAYS}")
    name = name or target.__name__
    needs = [
        each.name
        for each in inspect.signature(target).parameters.values()
        if each.default is each.empty and each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    if needs:
        raise DescentError(
            f"network {name!r} is a class that needs {', '.join(needs)}; pass a module that is built, "
            "or name a class or subclass that needs no arguments"
        )
    return name, target


def _check_weights(module: nn.Module, name: str) -> None:
    from torch.nn.parameter import is_lazy

    weights = [each for each in module.parameters() if each.requires_grad]
    if any(is_lazy(each) for each in module.parameters()):
        raise DescentError(f"network {name!r} has lazy layers without weights; run it once on a batch first")
    if not weights or not sum(each.numel() for each in weights):
        frozen = " that training may change" if any(True for _ in module.parameters()) else ""
        raise DescentError(f"network {name!r} has no parameters{frozen}, so there is nothing to optimize")
    for each in weights:
        if not each.is_floating_point():
            raise DescentError(f"network {name!r} has {each.dtype} parameters; only real numbers are trained")


def _tried(module: nn.Module, name: str, data: Data) -> torch.Tensor:
    """Return the outputs for a few samples after checking that they fit the data."""
    import torch

    x = data.train.x[:TRIAL]
    trial = copy.deepcopy(module).eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            outputs = trial(x)
    except Exception as error:
        raise DescentError(
            f"network {name!r} cannot take samples of shape {data.inputs} from data {data.name!r}: "
            f"{type(error).__name__}: {flat(error)}"
        ) from error
    allowed = [(len(x), data.outputs)]
    if data.task == "classification" and data.outputs == 2:
        allowed.append((len(x), 1))
    given = tuple(outputs.shape) if isinstance(outputs, torch.Tensor) else type(outputs).__name__
    if given not in allowed:
        raise DescentError(
            f"network {name!r} must give outputs of shape {' or '.join(map(str, allowed))} for {len(x)} "
            f"samples of data {data.name!r}, not {given}"
        )
    return outputs.detach()  # type: ignore[no-any-return]


def _check_loss(loss: nn.Module, name: str, outputs: torch.Tensor, data: Data) -> None:
    try:
        value = loss(outputs, data.train.y[: len(outputs)])
    except Exception as error:
        raise DescentError(
            f"loss {name!r} cannot take outputs of shape {tuple(outputs.shape)} and the targets of data "
            f"{data.name!r}: {type(error).__name__}: {flat(error)}"
        ) from error
    if getattr(value, "shape", None) != ():
        raise DescentError(
            f"loss {name!r} must give one number, not {getattr(value, 'shape', type(value).__name__)}"
        )


def _fold(name: str) -> str:
    return name.strip().casefold().replace("-", "_")
